# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Mount and process namespaces around a run: whatever is left in them ends with them."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from .shell import run

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def run_isolated(main: Callable[[], int]) -> int:
    """Runs `main` as the first process of new namespaces; its exit status.

    If this process is killed, so is that one, and with it everything that it started. SIGINT and
    SIGTERM are passed on, once, for it to clean up.
    """
    if _libc.unshare(CLONE_NEWNS | CLONE_NEWPID) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    child = os.fork()
    if child == 0:
        sys.exit(_first_process(main))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(child, number))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _first_process(main: Callable[[], int]) -> int:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
    os.setsid()  # a terminal's SIGINT comes by way of the parent only
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    run("mount", "--bind", "/etc", "/etc")  # the hooks of stock clients write there
    run("mount", "-o", "remount,bind,ro", "/etc")
    Path("/run/netns").mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    try:
        return main()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
