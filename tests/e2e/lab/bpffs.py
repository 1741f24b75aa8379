# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""BPF file systems of our own, outside /sys."""

from contextlib import ExitStack
from pathlib import Path

from .shell import run


def mount(cleanup: ExitStack, directory: Path) -> Path:
    directory.mkdir()
    run("mount", "-t", "bpf", "bpf", directory)
    cleanup.callback(_unmount, directory)
    return directory


def _unmount(directory: Path) -> None:
    run("umount", directory, check=False)
