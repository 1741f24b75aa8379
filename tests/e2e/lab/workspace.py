# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Where a run finds the product and keeps its files."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from .shell import run

PASS_SOURCE = Path(__file__).parents[2] / "common" / "pass.bpf.c"


@dataclass(frozen=True)
class Workspace:
    binary: Path
    build: Path
    pass_program: Path  # XDP and TC programs that let all pass
    directory: Path  # of this run, removed at its end

    @property
    def other_build(self) -> Path:
        """dhcp46 with other programs in it."""
        return self._made("other_build/dhcp46")

    @property
    def flood(self) -> Path:
        return self._made("bench/bench_flood")

    def _made(self, path: str) -> Path:
        made = self.build / "tests" / path
        if not made.is_file():
            raise FileNotFoundError(f"no {made}: cmake --build {self.build}")
        return made


def find_binary(build: Path) -> Path:
    """The command line program in a build directory."""
    found = sorted(build.glob("userspace/**/dhcp46"), key=lambda path: len(path.parts))
    for path in found:
        if path.is_file():
            return path.resolve()
    raise FileNotFoundError(f"no dhcp46 below {build / 'userspace'}: cmake --build {build}")


def prepare(binary: Path, build: Path, directory: Path) -> Workspace:
    program = directory / "pass.bpf.o"
    clang = shutil.which("clang-14") or shutil.which("clang") or "clang-14"
    run(
        *(clang, "-O2", "-g", "-target", "bpf", "-Wall", "-Werror"),
        *("-isystem", f"/usr/include/{_multiarch()}"),
        *("-c", PASS_SOURCE, "-o", program),
    )
    return Workspace(binary.resolve(), build.resolve(), program, directory)


def _multiarch() -> str:
    return run("gcc", "-print-multiarch").stdout.strip()
