# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""One shape for the results of every layer: a list of {name, ids, status, seconds}."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from layers import TESTS, Layer

GTEST_STATUS = {"COMPLETED": "passed", "SKIPPED": "skipped", "SUPPRESSED": "skipped"}


@dataclass(frozen=True)
class Result:
    layer: str
    name: str
    ids: tuple[str, ...]
    status: str  # passed, failed, skipped
    seconds: float = 0.0


def sanitised(name: str) -> str:
    """A golden case's name as GoogleTest can have it."""
    return re.sub(r"[^A-Za-z0-9]", "_", name)


def golden_ids() -> dict[str, tuple[str, ...]]:
    cases = json.loads((TESTS / "golden/cases.json").read_text())["cases"]
    return {sanitised(case["name"]): tuple(case["ids"]) for case in cases}


def read_gtest(layer: Layer, path: Path) -> list[Result]:
    """A test's ids are its golden case's, or those that it records as the property `ids`."""
    by_case = golden_ids()
    results = []
    for suite in json.loads(path.read_text())["testsuites"]:
        for test in suite["testsuite"]:
            ids = by_case.get(test["name"].split("/")[-1], ())
            ids += tuple(test.get("ids", "").split())
            status = "failed" if test.get("failures") else GTEST_STATUS[test["result"]]
            name = f"{suite['name']}.{test['name']}"
            results.append(Result(layer.name, name, ids, status, float(test["time"][:-1])))
    return results


def read(layer: Layer, path: Path) -> list[Result]:
    if not path.exists():
        return []
    if layer.gtest:
        return read_gtest(layer, path)
    entries = json.loads(path.read_text())
    return [
        Result(layer.name, e["name"], tuple(e["ids"]), e["status"], float(e["seconds"]))
        for e in entries
    ]


def write(path: Path, outcomes: list[tuple[str, str, float]]) -> None:
    """For the small layers here: (name, status, seconds), without ids."""
    entries = [
        {"name": name, "ids": [], "status": status, "seconds": round(seconds, 3)}
        for name, status, seconds in outcomes
    ]
    path.write_text(json.dumps(entries, indent=1) + "\n")
