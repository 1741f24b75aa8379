# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Waiting for a state, with a limit and a message that says what did not happen."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class WaitTimeout(AssertionError):
    """Something did not happen in time."""


def wait_until(
    what: str, probe: Callable[[], T], timeout: float = 10.0, interval: float = 0.02
) -> T:
    """Calls `probe` until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise WaitTimeout(f"after {timeout:g} s still waiting for {what}")
        time.sleep(interval)
