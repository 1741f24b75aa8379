# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What a run has left behind, when all its labs are closed."""

import os
from pathlib import Path

from .report import FAILED, PASSED, Outcome


def look(directory: Path) -> Outcome:
    """A case of its own: no namespace, no mount, no process, no file of any lab is left."""
    left = [f"namespace {path.name}" for path in Path("/run/netns").iterdir()]
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    left += [f"mount {line}" for line in mounts if str(directory) in line]
    left += [f"lab directory {path.name}" for path in directory.glob("lab-*")]
    left += [f"process {_command(path)}" for path in Path("/proc").iterdir() if _is_other(path)]
    return Outcome("nothing-left-behind", (), FAILED if left else PASSED, 0.0, "\n".join(left))


def _is_other(path: Path) -> bool:
    """A live process of our process namespace that is not this one."""
    if not path.name.isdigit() or int(path.name) == os.getpid():
        return False
    return bool(_command(path))


def _command(path: Path) -> str:
    try:
        return (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
