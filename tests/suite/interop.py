# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""docs/interop.md, held to the truth: its matrix says of each combination whether it runs.

A table under `### CRA to FAR` has a row for each client and a column `SERVER XDP` for each server,
in XDP and without; a cell is `yes`, or `no: why`. Its test is the end-to-end layer's
lease.CLIENT.CRA.FAR.SERVER.XDP.
"""

import re
from itertools import product

from layers import ROOT
from results import Result

CLIENTS = ("udhcpc", "dhclient", "dhcpcd", "networkd")
LINES = tuple(product(("hcra", "lcra"), ("tsv", "tra")))
SERVERS = ("kea-raw", "kea-udp", "dhcpd", "dnsmasq")
XDP = ("native", "off")

HEADING = re.compile(r"^### (\w+) to (\w+)$")
NO = re.compile(r"^no: \S")

Cells = dict[str, str]  # name of the test -> yes, or no and why


def required() -> set[str]:
    return {
        f"lease.{client}.{cra}.{far}.{server}.{xdp}"
        for client, (cra, far), server, xdp in product(CLIENTS, LINES, SERVERS, XDP)
    }


def read_cells(text: str) -> Cells:
    cells: Cells = {}
    line, columns = "", []
    for row in text.splitlines():
        heading = HEADING.match(row)
        if row.startswith("#"):
            line, columns = (f"{heading[1]}.{heading[2]}" if heading else ""), []
        words = [word.strip() for word in row.strip("|").split("|")]
        if not line or not row.startswith("|") or set(row) <= set("|- "):
            continue
        if not columns:
            columns = [word.replace(" ", ".") for word in words[1:]]
            continue
        for column, cell in zip(columns, words[1:], strict=True):
            cells[f"lease.{words[0]}.{line}.{column}"] = cell
    return cells


def wrong_cell(name: str, cell: str, has_passed: bool) -> str:
    if cell != "yes" and not NO.match(cell):
        return f"{name}: neither 'yes' nor 'no: why'"
    if cell == "yes" and not has_passed:
        return f"{name}: did not run"
    if cell != "yes" and has_passed:
        return f"{name}: runs, and the matrix says {cell!r}"
    return ""


def check(results: list[Result]) -> list[str]:
    """What is wrong with the matrix, given this run's results."""
    cells = read_cells((ROOT / "docs/interop.md").read_text())
    passed = {r.name for r in results if r.layer == "e2e" and r.status == "passed"}
    wrong = [f"{name}: not in the matrix" for name in sorted(required() - cells.keys())]
    wrong += [f"{name}: no such combination" for name in sorted(cells.keys() - required())]
    found = (wrong_cell(name, cell, name in passed) for name, cell in cells.items())
    return wrong + [text for text in found if text]
