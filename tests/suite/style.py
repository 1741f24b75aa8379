# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What can be said of the sources without running them."""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import checks
import counters_doc
import messages_doc
from layers import ROOT

SOURCES = (".c", ".h", ".cpp", ".def")
LICENSED = (*SOURCES, ".py", ".cmake", "CMakeLists.txt")
LICENCE = "SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)"


def tracked() -> list[Path]:
    """The files of the tree, without git where it is not a checkout."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "-c", "safe.directory=*", "ls-files", "-z", "--cached",
         "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    )
    paths = (ROOT / name for name in done.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def formatted() -> str:
    files = [str(path) for path in tracked() if path.name.endswith((".c", ".h", ".cpp"))]
    done = subprocess.run(
        ["clang-format-14", "--dry-run", "-Werror", *files],
        capture_output=True, text=True, check=False,
    )
    return done.stderr if done.returncode else ""


def licensed() -> str:
    def lacks(path: Path) -> bool:
        head = path.read_bytes()[:400]
        is_script = head.startswith(b"#!")
        return (is_script or path.name.endswith(LICENSED)) and LICENCE.encode() not in head

    return "\n".join(f"{path.relative_to(ROOT)}: no licence line" for path in tracked()
                     if lacks(path))


def shell_scripts() -> str:
    def is_shell(path: Path) -> bool:
        first = path.read_bytes().split(b"\n", 1)[0]
        return first in (b"#!/bin/sh", b"#!/bin/bash", b"# shellcheck shell=sh")

    done = subprocess.run(
        ["shellcheck", "--format=gcc", *(str(path) for path in tracked() if is_shell(path))],
        capture_output=True, text=True, check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


def executors() -> str:
    """They apply plans, and have no protocol constant in them."""
    done = subprocess.run([str(ROOT / "tests/core/executors-know-no-protocol"), str(ROOT)],
                          capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def clang_builds(build: Path) -> str:
    """g++ has built it by now, file by file; clang warns of other things. For clang the product's
    sources are one for each library: most of what it and clang-tidy look at is headers."""
    directory = build / "clang"
    for command in (
        ["cmake", "-S", str(ROOT), "-B", str(directory), "-G", "Ninja",
         "-DCMAKE_CXX_COMPILER=clang++-14", "-DCMAKE_C_COMPILER=clang-14",
         "-DCMAKE_BUILD_TYPE=None",  # what warnings say does not depend on -O and -g
         "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=0"],
        ["cmake", "--build", str(directory)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stdout + done.stderr
    return ""


def tidy(build: Path) -> str:
    directory = build / "clang"
    files = sorted((directory / "userspace").rglob("*.cxx"), key=lambda path: -len(path.read_text()))
    left_out = [path for path in tracked()
                if path.suffix == ".cpp" and "userspace" in path.relative_to(ROOT).parts
                and not any(str(path) in unity.read_text() for unity in files)]
    if left_out:
        return "\n".join(f"{path}: clang-tidy does not look at it" for path in left_out)

    def wrong(path: Path) -> str:
        done = subprocess.run(["clang-tidy-14", "--quiet", "-p", str(directory),
                               "--checks=-bugprone-suspicious-include", str(path)],
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr if done.returncode else ""

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return "".join(pool.map(wrong, files))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    checks.add_arguments(parser)
    arguments = parser.parse_args()
    sys.exit(checks.run([
        ("style.clang-format", formatted),
        ("style.licence-lines", licensed),
        ("style.shellcheck", shell_scripts),
        ("style.counters-doc", counters_doc.difference),
        ("style.messages-doc", messages_doc.difference),
        ("style.executors-know-no-protocol", executors),
        ("style.clang-build", lambda: clang_builds(arguments.build)),
        ("style.clang-tidy", lambda: tidy(arguments.build)),
    ], arguments.report))
