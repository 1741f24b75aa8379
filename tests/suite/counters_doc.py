#!/usr/bin/python3
# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Writes docs/counters.md from include/dhcp46/counters.def; --check compares them."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import made_doc

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "include/dhcp46/counters.def"
DOCUMENT = ROOT / "docs/counters.md"

REASON = re.compile(
    r'^DHCP46_(DROP|PASS|PUNT|NOTE)\((\w+),\s*([A-Z_\s|]+),\s*((?:"[^"]*"\s*)+)\)$', re.MULTILINE
)
SECTION = re.compile(r'^DHCP46_SECTION\((\w+), (\w+), "([^"]*)"\)$', re.MULTILINE)
TYPE = re.compile(r"^DHCP46_TYPE\((\w+), (\d+)\)$", re.MULTILINE)
ENTRY = re.compile(r"^DHCP46_[A-Z]+\(", re.MULTILINE)
PATHS = {
    "CRA_REQUEST": "CRA request",
    "CRA_REPLY": "CRA reply",
    "TRA_REQUEST": "TRA request",
    "TRA_REPLY": "TRA reply",
    "DATAPATH": "any",
    "SLOWPATH": "(controller)",
}

HEAD = """\
# Counters

Made by `tests/suite/counters_doc.py` from `include/dhcp46/counters.def`; do not edit it here.

Every packet of ours has one fate, counted once, on the link where it came in. Ours is UDP port 67 to
one of our addresses, or a client's broadcast on a client link. Everything else passes uncounted.
`dhcp46 stats` leaves out what is 0. Octets are those of the frame as it came in. *Relayed* says that
the frame was handed to the device or neighbour; what becomes of it there is in `ip -s link`.

*CRA request* is from a client to the TRA, *CRA reply* from the TRA to a client, *TRA request* from a
CRA to the server, *TRA reply* from the server to a CRA. *Any* is found by the kernel programs around
these four. Names in brackets are requirements, see [protocol.md](protocol.md). What to do about a
counter that grows is in [operations.md](operations.md#troubleshooting).
"""
RELAYED = """
## relayed

By DHCP message type (option 53), and by the tier that did it: `xdp`, `tc`, `slow`. Nothing counts as
`slow` yet.

| name | option 53 |
| --- | --- |
"""
MORE = {
    "PUNT": " It does not take them yet: each is counted as drop `no_controller` instead.",
}


@dataclass(frozen=True)
class Reason:
    section: str
    name: str
    paths: str
    text: str


def read_reasons(source: str) -> list[Reason]:
    reasons = []
    for section, name, paths, strings in REASON.findall(source):
        who = ", ".join(PATHS[path.strip()] for path in paths.split("|"))
        reasons.append(Reason(section, name, who, "".join(re.findall(r'"([^"]*)"', strings))))
    return reasons


def type_text(value: int) -> str:
    return {256: "any other type", 257: "none: BOOTP"}.get(value, str(value))


def document(source: str) -> str:
    types, sections, reasons = TYPE.findall(source), SECTION.findall(source), read_reasons(source)
    if len(types) + len(sections) + len(reasons) != len(ENTRY.findall(source)):
        raise ValueError(f"{SOURCE.name} has an entry that {Path(__file__).name} cannot read")
    text = HEAD + RELAYED
    text += "".join(f"| `{name}` | {type_text(int(value))} |\n" for name, value in types)
    for section, title, meaning in sections:
        about = f"{meaning[0].upper()}{meaning[1:]}.{MORE.get(section, '')}"
        text += f"\n## {title}\n\n{about}\n\n| name | where | what it means |\n| --- | --- | --- |\n"
        text += "".join(
            f"| `{reason.name}` | {reason.paths} | {reason.text} |\n"
            for reason in reasons
            if reason.section == section
        )
    return text


def text() -> str:
    return document(SOURCE.read_text())


def difference() -> str:
    return made_doc.difference(DOCUMENT, text())


if __name__ == "__main__":
    sys.exit(made_doc.main(__doc__, DOCUMENT, text))
