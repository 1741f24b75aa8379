# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Registration of test cases."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab.lab import Lab, LabSpec

Body = Callable[[Lab], None]


class Skip(Exception):
    """Raised by a case that cannot run here; the reason is reported."""


@dataclass(frozen=True)
class Case:
    name: str
    ids: tuple[str, ...]  # of requirements.md
    spec: LabSpec
    body: Body
    own_lab: bool  # it leaves the lab in another state than it found it in
    timeout: int
    alone: bool  # it needs the machine for itself, to keep up a rate


CASES: dict[str, Case] = {}


def case(
    name: str,
    spec: LabSpec,
    ids: Iterable[str] = (),
    own_lab: bool = False,
    timeout: int = 60,
    alone: bool = False,
) -> Callable[[Body], Body]:
    """Registers the function as the test `name` that runs in a lab of that kind."""

    def register(body: Body) -> Body:
        if name in CASES:
            raise ValueError(f"two cases named {name}")
        CASES[name] = Case(name, tuple(ids), spec, body, own_lab, timeout, alone)
        return body

    return register
