# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Outcomes of cases: one line each while they come in, a count line, a JSON file."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Outcome:
    name: str
    ids: tuple[str, ...]
    status: str
    seconds: float
    message: str = ""
    evidence: str = ""  # directory with captures, logs and state


def print_outcome(outcome: Outcome) -> None:
    print(f"{outcome.status:7} {outcome.name} ({outcome.seconds:.1f} s)", flush=True)
    if outcome.status == SKIPPED:
        print(f"        {outcome.message}", flush=True)
    if outcome.status == FAILED:
        for line in outcome.message.rstrip().split("\n"):
            print(f"        {line}", flush=True)
        if outcome.evidence:
            print(f"        evidence: {outcome.evidence}", flush=True)


def count_line(outcomes: list[Outcome]) -> str:
    counts = Counter(outcome.status for outcome in outcomes)
    return f"{counts[PASSED]} passed, {counts[FAILED]} failed, {counts[SKIPPED]} skipped"


def write_report(path: Path, outcomes: list[Outcome]) -> None:
    entries = []
    for outcome in sorted(outcomes, key=lambda o: o.name):
        entry = asdict(outcome)
        entry["seconds"] = round(outcome.seconds, 3)
        entries.append({key: value for key, value in entry.items() if value != ""})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries, indent=1) + "\n")
