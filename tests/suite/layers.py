# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The layers of the test suite. A layer that reports no test has failed.

They run side by side, started in this order: those first that wait a lot or keep one core busy for
long, then what fails early, and last what only computes and fills up the cores that are left.
When these have ended, what needs the machine for itself has it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / "tests"


@dataclass(frozen=True)
class Layer:
    """How to run one layer. `{report}` in the command is where it writes its results."""

    name: str
    about: str
    command: tuple[str, ...]
    gtest: bool = False  # the report is GoogleTest's JSON
    optional: bool = False  # may report everything as skipped
    patient: bool = False  # only computes: gives way to the layers that wait for something
    alone: bool = False  # needs the machine for itself


def all_layers(build: Path) -> list[Layer]:
    python = "/usr/bin/python3"

    def gtest(name: str, about: str, program: str) -> Layer:
        command = (str(build / program), "--gtest_brief=1", "--gtest_output=json:{report}")
        return Layer(name, about, command, gtest=True)

    def script(name: str, about: str, path: str, *more: str, optional: bool = False,
               patient: bool = False, alone: bool = False) -> Layer:
        command = (str(TESTS / path), *more, "--report", "{report}")
        return Layer(name, about, command, optional=optional, patient=patient, alone=alone)

    at_build = ("--build", str(build))
    e2e = (*at_build, "--evidence", str(build / "evidence"))
    return [
        script("e2e", "stock clients and servers in namespaces", "e2e/run", *e2e,
               "--which", "together"),
        script("vm", "Debian's 6.1 kernel in QEMU", "vm/run", *at_build, optional=True),
        Layer("golden", "scapy makes the same packets again",
              (python, str(TESTS / "suite/golden.py"), "--report", "{report}")),
        gtest("unit", "userspace: values, decisions, output", "tests/unit/unit_tests"),
        gtest("core", "the pure core against golden packets", "tests/core/core_tests"),
        gtest("progrun", "the kernel programs against golden packets",
              "tests/progrun/progrun_tests"),
        Layer("demo", "tools/demo as its users run it",
              (python, str(TESTS / "suite/demo.py"), "--report", "{report}")),
        Layer("differential", "core against kernel, a million packets",
              (str(build / "tests/differential/differential_tests"), "--report", "{report}"),
              patient=True),
        Layer("style", "format, licence lines, clang's warnings, clang-tidy",
              (python, str(TESTS / "suite/style.py"), *at_build, "--report", "{report}"),
              patient=True),
        script("faults", "deliberate faults, each of which must be caught", "faults/run",
               patient=True),
        script("fuzz", "libFuzzer with ASan and UBSan", "fuzz/run", patient=True),
        script("floods", "what must keep up a rate in namespaces", "e2e/run", *e2e,
               "--which", "alone", alone=True),
    ]


def environment(build: Path) -> dict[str, str]:
    return {**os.environ, "DHCP46_BUILD": str(build)}
