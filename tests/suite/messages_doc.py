#!/usr/bin/python3
# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Writes docs/messages.md from userspace/observe/messages.def; --check compares them."""

import re
import sys
from pathlib import Path

import made_doc

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "userspace/observe/messages.def"
DOCUMENT = ROOT / "docs/messages.md"

MESSAGE = re.compile(
    r'^DHCP46_MESSAGE\((\w+), (\w+),\s*((?:"[^"]*"\s*)+),\s*((?:"[^"]*"\s*)+)\)$', re.MULTILINE
)
ENTRY = re.compile(r"^DHCP46_MESSAGE\(", re.MULTILINE)
LEVELS = {"err": "error", "warn": "warning"}

HEAD = """\
# Messages

Made by `tests/suite/messages_doc.py` from `userspace/observe/messages.def`; do not edit it here.

What `dhcp46 run` logs, on standard error, a line each: `LEVEL id=ID message="TEXT" KEY=VALUE…`, or with
`--log-format json` the same as one JSON object. There is no time in a line: whoever collects it (the
journal, a container's log) adds it. The ids are stable.

| id | level | what it means | what to do |
| --- | --- | --- | --- |
"""


def _joined(strings: str) -> str:
    return "".join(re.findall(r'"([^"]*)"', strings))


def document(source: str) -> str:
    messages = MESSAGE.findall(source)
    if len(messages) != len(ENTRY.findall(source)):
        raise ValueError(f"{SOURCE.name} has an entry that {Path(__file__).name} cannot read")
    return HEAD + "".join(
        f"| `{name}` | {LEVELS.get(level, level)} | {_joined(text)} | {_joined(action)} |\n"
        for name, level, text, action in messages
    )


def text() -> str:
    return document(SOURCE.read_text())


def difference() -> str:
    return made_doc.difference(DOCUMENT, text())


if __name__ == "__main__":
    sys.exit(made_doc.main(__doc__, DOCUMENT, text))
