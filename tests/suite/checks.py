# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Runs named checks, prints each, and reports them as one layer."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import results

Check = tuple[str, Callable[[], str]]  # a name, and what it finds wrong ("" for nothing)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", type=Path, help="write a JSON report to this file")


def run(checks: list[Check], report: Path | None) -> int:
    outcomes = []
    for name, check in checks:
        begin = time.monotonic()
        wrong = check()
        status = "failed" if wrong else "passed"
        outcomes.append((name, status, time.monotonic() - begin))
        print(f"{status:7} {name} ({outcomes[-1][2]:.1f} s)", flush=True)
        if wrong:
            print(wrong.rstrip(), flush=True)
    if report:
        results.write(report, outcomes)
    failed = sum(status == "failed" for _, status, _ in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0
