# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""tools/demo shows a lease in each topology, and leaves nothing behind."""

import argparse
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import checks
from layers import ROOT

ALWAYS = (
    "of 198.51.100.130 obtained from 198.51.100.2",
    "IPv4 packets on the IPv6 network: 0",
    "Value: 20010db8000a00000000000000000001",  # CRA6ADDR, at the server
    "none: it was stripped",
    "The lease came across the IPv6-only network.",
)
CLEANED = ("nothing is attached",)
COUNTED = {
    "lcra-tra": (
        *("cra.eth1.relayed.discover.xdp +1", "tra.eth0.relayed.discover.xdp +1"),
        *("tra.eth1.relayed.ack.xdp +1", "cra.eth0.relayed.ack.xdp +1"),
    ),
    "hcra-tsv": (
        *("cra.eth0.relayed.discover.tc +1", "tra.eth0.relayed.discover.xdp +1"),
        *("tra.core-rly.relayed.ack.xdp +1", "cra.eth0.relayed.ack.xdp +1"),
    ),
}


def traces() -> set[str]:
    """Of demos that run, or have left something."""
    directory = Path(tempfile.gettempdir())
    found = [*directory.glob("dhcp46-demo-*"), *Path("/run/netns").glob("d46-*")]
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return {str(path) for path in found} | {path for path in mounts if "dhcp46-demo-" in path}


def show(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [str(ROOT / "tools/demo"), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def judge(shown: subprocess.CompletedProcess[str], wanted: Iterable[str]) -> str:
    missing = [line for line in wanted if line not in shown.stdout]
    if shown.returncode == 0 and not missing:
        return ""
    return f"exit status {shown.returncode}, not shown: {missing}\n{shown.stdout}{shown.stderr}"


def left(before: set[str]) -> str:
    return "".join(f"left behind: {trace}\n" for trace in sorted(traces() - before))


def tell(topology: str, *arguments: str) -> str:
    before = traces()
    shown = show(*arguments)
    return judge(shown, (*ALWAYS, *COUNTED[topology], *CLEANED)) + left(before)


def keep() -> str:
    """It leaves all running, says how to look around, and how to end it."""
    before = traces()
    shown = show("hcra-tsv", "--keep")
    lines = shown.stdout.splitlines()
    ends = [line.removeprefix("to end it:").strip() for line in lines if "to end it:" in line]
    status = [line.strip() for line in lines if line.endswith(" status") and "nsenter" in line]
    wrong = judge(shown, (*ALWAYS, *COUNTED["hcra-tsv"]))
    for command in status:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
        if done.returncode != 0 or "ready" not in done.stdout:
            wrong += f"{command}: {done.stdout}{done.stderr}\n"
    if len(status) != 2 or len(ends) != 1:
        return wrong + "it does not say how to look around and how to end it\n"
    subprocess.run(ends, check=True)
    return wrong + left(before)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    checks.add_arguments(parser)
    sys.exit(checks.run([
        ("demo.lcra-tra", lambda: tell("lcra-tra")),
        ("demo.hcra-tsv", lambda: tell("hcra-tsv", "hcra-tsv")),
        ("demo.keep", keep),
    ], parser.parse_args().report))
