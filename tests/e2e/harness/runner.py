# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Distributes groups of cases over worker processes."""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection, wait

from .registry import Case
from .report import FAILED, Outcome
from .worker import Context, run_group

Group = list[Case]


def run_cases(
    cases: list[Case], context: Context, jobs: int, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """At most `jobs` labs at once; behind them, one by one, the cases that want to be alone."""
    outcomes: list[Outcome] = []
    for alone in (False, True):
        groups = group_cases(case for case in cases if case.alone == alone)
        outcomes += run_groups(groups, context, 1 if alone else jobs, tell)
    return outcomes


def group_cases(cases: Iterable[Case]) -> list[Group]:
    """Cases that can share a lab, in one group; a group to itself for each that cannot."""
    shared: dict[object, Group] = {}
    groups: list[Group] = []
    for case in cases:
        if case.own_lab:
            groups.append([case])
        elif case.spec in shared:
            shared[case.spec].append(case)
        else:
            shared[case.spec] = [case]
    groups = [*shared.values(), *groups]
    return sorted(groups, key=lambda group: -sum(case.timeout for case in group))


def run_groups(
    groups: list[Group], context: Context, jobs: int, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """Runs all groups, at most `jobs` at once. Each group has a process of its own."""
    waiting = list(groups)
    running: dict[Connection, tuple[multiprocessing.Process, Group]] = {}
    outcomes: list[Outcome] = []

    def take(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                connection, process, group = _start(waiting.pop(0), context)
                running[connection] = (process, group)
            for connection in wait(list(running)):
                try:
                    take(connection.recv())
                except EOFError:
                    process, group = running.pop(connection)
                    process.join()
                    for lost in _lost(group, outcomes, process.exitcode):
                        take(lost)
    finally:
        _stop([process for process, _ in running.values()])
    return outcomes


def _start(group: Group, context: Context) -> tuple[Connection, multiprocessing.Process, Group]:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_work, args=(group, context, ours, theirs))
    process.start()
    theirs.close()
    return ours, process, group


def _work(group: Group, context: Context, ours: Connection, theirs: Connection) -> None:
    ours.close()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run_group(group, context, theirs.send)
    except KeyboardInterrupt:
        sys.exit(130)


def _lost(group: Group, outcomes: list[Outcome], status: int | None) -> list[Outcome]:
    """The cases of a process that ended before it told their outcome."""
    told = {outcome.name for outcome in outcomes}
    return [
        Outcome(case.name, case.ids, FAILED, 0.0, f"its process ended with status {status}")
        for case in group
        if case.name not in told
    ]


def _stop(processes: list[multiprocessing.Process]) -> None:
    """Tells our own workers to clean up and end, and waits for it."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()
