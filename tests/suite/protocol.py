# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""docs/protocol.md, held to the truth: each requirement id's tests ran in this run, and passed.

A row of its tables is `| id | what | where | tests |`; tests are patterns of result names
(`layer:name`, `*` allowed; `packets:name` for golden packets), or `later: ISSUE` for an id that another issue brings.
"""

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path

from layers import ROOT
from results import Result

ROW = re.compile(r"^\| ((?:R-[A-Z]+|E|D)-\d+) \|(.*)\|(.*)\|(.*)\|\s*$")
# How many there are of each kind; they are numbered without gaps.
REQUIREMENTS = {"R-CRA": 25, "R-TSV": 9, "R-TRA": 15, "R-SUB": 6, "R-SEC": 3, "R-MULTI": 9,
                "E": 50, "D": 22}
LATER = "later:"
# Golden packets: in the kernel's programs always, in the core where it decides alone.
PACKETS = ("progrun:*Golden.Holds/", "core:*Golden.Holds/")
PLACE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Row:
    id: str
    places: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def is_later(self) -> bool:
        return not self.tests


def read_rows(path: Path) -> list[Row]:
    rows = []
    for line in path.read_text().splitlines():
        match = ROW.match(line)
        if not match:
            continue
        tests = match.group(4).strip()
        patterns = () if tests.startswith(LATER) else tuple(PLACE.findall(tests))
        if not patterns and not tests.startswith(LATER):
            raise ValueError(f"{match.group(1)}: neither a test nor 'later:'")
        rows.append(Row(match.group(1), tuple(PLACE.findall(match.group(3))), patterns))
    return rows


def required_ids() -> set[str]:
    return {f"{kind}-{n}" for kind, count in REQUIREMENTS.items() for n in range(1, count + 1)}


def wrong_places(row: Row) -> list[str]:
    """`file` or `file: name`: the file is there and mentions the name."""
    wrong = []
    for place in row.places:
        name, _, symbol = place.partition(": ")
        path = ROOT / name
        if not path.is_file() or (symbol and symbol not in path.read_text()):
            wrong.append(f"{row.id}: no {place}")
    return wrong


def hits(pattern: str, results: list[Result]) -> list[Result]:
    layer, _, name = pattern.partition(":")
    patterns = [prefix + name for prefix in PACKETS] if layer == "packets" else [pattern]
    return [r for r in results
            if any(fnmatch.fnmatchcase(f"{r.layer}:{r.name}", p) for p in patterns)]


def wrong_tests(row: Row, results: list[Result], skipped_layers: set[str]) -> list[str]:
    """Each pattern has results that passed, one of them for this very id, and none that failed."""
    wrong = []
    has_id = False
    for pattern in row.tests:
        found = hits(pattern, results)
        layer = "progrun" if pattern.startswith("packets:") else pattern.partition(":")[0]
        passed = [r for r in found if r.status == "passed"]
        has_id = has_id or any(row.id in r.ids for r in passed)
        if any(r.status == "failed" for r in found):
            wrong.append(f"{row.id}: {pattern} failed")
        elif not any(r.layer == layer for r in passed) and layer not in skipped_layers:
            wrong.append(f"{row.id}: {pattern} did not run")
    if not has_id:
        wrong.append(f"{row.id}: no test that passed says that it is about it")
    return wrong


def check(results: list[Result], skipped_layers: set[str]) -> list[str]:
    """What is wrong with docs/protocol.md, given this run's results."""
    rows = read_rows(ROOT / "docs/protocol.md")
    ids = [row.id for row in rows]
    wrong = [f"{id}: not in docs/protocol.md" for id in sorted(required_ids() - set(ids))]
    wrong += [f"{id}: twice" for id in sorted({id for id in ids if ids.count(id) > 1})]
    wrong += [f"{id}: no such requirement" for id in sorted(set(ids) - required_ids())]
    for row in rows:
        if not row.is_later:
            wrong += wrong_places(row) + wrong_tests(row, results, skipped_layers)
    return wrong
