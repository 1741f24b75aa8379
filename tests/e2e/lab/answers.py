# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What the command line answers, and what it leaves in the kernel."""

import shutil
from pathlib import Path

from .lab import Lab
from .product import Dhcp46
from .shell import Result

OK, FAILED, USAGE, INVALID, PRIVILEGE, FEATURE = range(6)


def refused(product: Dhcp46, status: int, *arguments: str, mentions: str = "") -> Result:
    """The command fails with that exit status, an error line, a hint, and the word in them."""
    return check_refusal(product.run(*arguments, check=False), status, mentions)


def check_refusal(result: Result, status: int, mentions: str = "") -> Result:
    problems = []
    if result.status != status:
        problems.append(f"exit status {result.status}, not {status}")
    if not result.stderr.startswith("error: "):
        problems.append("no line 'error: what: why' on standard error")
    if "\nhint: " not in result.stderr:
        problems.append("no line 'hint: …' on standard error")
    if mentions not in result.stderr:
        problems.append(f"{mentions!r} is not mentioned")
    if result.stdout:
        problems.append("something on standard output")
    if problems:
        raise AssertionError(f"{'; '.join(problems)}\n{result}")
    return result


def run_as_nobody(lab: Lab, *arguments: str | Path) -> Result:
    """The command as a user without any privilege."""
    others = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    return lab.at.cra.run(*others, readable_by_all(lab), *arguments, check=False)


def readable_by_all(lab: Lab) -> Path:
    """A copy of the program where any user can read it."""
    program = lab.work / "dhcp46"
    if not program.exists():
        shutil.copy(lab.cra.binary, program)
    for directory in (lab.workspace.directory, lab.work):
        directory.chmod(0o755)
    return program


def traces(product: Dhcp46, *devices: str) -> list[str]:
    """Pins, XDP programs and TC programs of the product's namespace."""
    found = [str(path) for path in product.pinned()]
    namespace = product.namespace
    for device in devices:
        if any("xdp" in link for link in namespace.ip_json("link", "show", "dev", device)):
            found.append(f"XDP program on {device}")
        for direction in ("ingress", "egress"):
            filters = namespace.run("tc", "filter", "show", "dev", device, direction, check=False)
            found += [f"{device} {direction}: {line}" for line in filters.stdout.splitlines()]
    net = namespace.run("bpftool", "net", "show").stdout
    found += [line for line in net.splitlines() if any(line.startswith(d + "(") for d in devices)]
    return found
