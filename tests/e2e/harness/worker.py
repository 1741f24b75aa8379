# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Runs a group of cases in one lab, in a process of its own."""

import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lab.lab import Lab
from lab.workspace import Workspace

from .registry import Case, Skip
from .report import FAILED, PASSED, SKIPPED, Outcome


class CaseTimeout(AssertionError):
    """The case ran longer than it may."""


@dataclass(frozen=True)
class Context:
    workspace: Workspace
    evidence: Path


def run_group(cases: list[Case], context: Context, tell: Callable[[Outcome], None]) -> None:
    """Runs the cases one by one; after one that failed or spoiled the lab, in a new lab."""
    with _Bench(context) as bench:
        for case in cases:
            tell(bench.run(case))


class _Bench:
    """Holds the lab in which cases run, and closes it whatever happens."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lab: Lab | None = None

    def __enter__(self) -> "_Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._lab:
            self._lab.close()
        self._lab = None

    def run(self, case: Case) -> Outcome:
        began = time.monotonic()
        status, message, evidence = PASSED, "", ""
        try:
            with _time_limit(case.timeout):
                if self._lab is None:
                    self._lab = Lab(case.spec, self._context.workspace)
                self._lab.clear_captures()
                case.body(self._lab)
        except Skip as reason:
            status, message = SKIPPED, str(reason)
        except Exception as error:
            status, message = FAILED, _explain(error)
            evidence = _save_evidence(case, self._lab, self._context)
        if status == FAILED or case.own_lab:
            self._close()
        return Outcome(case.name, case.ids, status, time.monotonic() - began, message, evidence)


def _explain(error: Exception) -> str:
    """The error and where in the case it came up."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}: {frame.line}" for frame in frames[1:]]
    return f"{type(error).__name__}: {error}\n" + "\n".join(places)


def _save_evidence(case: Case, lab: Lab | None, context: Context) -> str:
    if not lab:
        return ""
    directory = context.evidence / case.name
    try:
        lab.save_evidence(directory)
    except Exception as error:
        return f"{directory} (incomplete: {error})"
    return str(directory)


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise CaseTimeout(f"not done after {seconds} s")

    previous = signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
