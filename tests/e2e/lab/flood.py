# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A flood of numbered requests at a steady rate, and who counts them behind the CRA."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from . import craft, plan
from .lab import Lab
from .message import MESSAGE_TYPE, Message
from .netns import Namespace
from .waiting import wait_until

UDP_SUM = slice(40, 42)
# Before what else wants the CPU: a rate is to be kept, and something to happen meanwhile.
FIRST = ("nice", "-n", "-10")


class Flood:
    """Requests on their way. `seconds` is known once all have been sent."""

    def __init__(self, lab: Lab, count: int, rate: int) -> None:
        client = lab.at.client
        frame = bytearray(bytes(craft.client_frame(_request())))
        frame[UDP_SUM] = bytes(2)  # none: the sender changes the xid
        words = ("offer", client.device, frame.hex(), str(count), str(rate))
        command = (*FIRST, lab.workspace.flood, *words)
        self._process = subprocess.Popen(
            client.namespace.argv(*command), stdout=subprocess.PIPE, text=True
        )

    def is_on(self) -> bool:
        return self._process.poll() is None

    def seconds(self) -> float:
        output, _ = self._process.communicate(timeout=60)
        return float(output)

    def close(self) -> None:
        if self.is_on():
            self._process.kill()
        self._process.communicate()


class Tally:
    """Takes every frame that the CRA sends to its router."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self) -> tuple[int, int]:
        """How many of the requests arrived, and how many frames that were."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        requests, frames = self._process.stdout.readline().split()
        return int(requests), int(frames)


@contextmanager
def tally(lab: Lab) -> Iterator[Tally]:
    # Who takes every frame answers no neighbour solicitation.
    lab.at.cra.ip(
        *("neigh", "replace", plan.ROUTER_CRA_V6, "lladdr", plan.ROUTER_CRA_MAC),
        *("dev", "eth0", "nud", "permanent"),
    )
    lab.at.router.ip("link", "set", "dev", "r0", "xdpdrv", "off")
    process = subprocess.Popen(
        lab.at.router.argv(lab.workspace.flood, "tally", "r0"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert process.stdin and process.stdout
    try:
        if process.stdout.readline() != "ready\n":
            raise AssertionError("bench_flood tally did not start")
        yield Tally(process)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def received(namespace: Namespace, device: str) -> int:
    """Frames that came in, by the device's own count: what a veth's queue lost is not in it."""
    shown = namespace.run("ip", "-json", "-s", "link", "show", "dev", device).stdout
    return json.loads(shown)[0]["stats64"]["rx"]["packets"]


def all_arrived(counted: Tally, count: int) -> None:
    wait_until(f"{count} requests behind the CRA", lambda: counted.read()[0] >= count, 5)


def _request() -> bytes:
    return Message(xid=0, chaddr=b"\x02\x57\0\0\0\1", options=((MESSAGE_TYPE, b"\x01"),)).build()
