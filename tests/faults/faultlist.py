# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Reads faults.txt, and puts a fault into a copy of the sources."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Fault:
    name: str
    file: str = ""
    search: list[str] = field(default_factory=list)
    replacement: list[str] = field(default_factory=list)

    @property
    def is_of_kernel(self) -> bool:
        return self.file.startswith("bpf/")


def read_faults(path: Path) -> list[Fault]:
    faults: list[Fault] = []
    for line in path.read_text().splitlines():
        if line.startswith("== "):
            faults.append(Fault(line[3:]))
        elif line.startswith("-"):
            faults[-1].search.append(line[1:])
        elif line.startswith("+"):
            faults[-1].replacement.append(line[1:])
        elif line and not line.startswith("#"):
            faults[-1].file = line
    names = [fault.name for fault in faults]
    if len(set(names)) != len(names):
        raise ValueError(f"{path.name}: two faults have one name")
    return faults


def apply_fault(fault: Fault, tree: Path) -> None:
    path = tree / (fault.file if fault.is_of_kernel else f"include/dhcp46/{fault.file}")
    text = path.read_text()
    search = "\n".join(fault.search)
    if text.count(search) != 1:
        raise ValueError(f"found {text.count(search)} times in {fault.file}, not once:\n{search}")
    path.write_text(text.replace(search, "\n".join(fault.replacement)))
