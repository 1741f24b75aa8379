# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A flood of numbered requests at a steady rate, and who counts them behind the CRA."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from . import craft, plan
from .checks import check_equal
from .counters import Counters, flatten, moved
from .lab import Lab
from .message import MESSAGE_TYPE, Message
from .netns import Namespace
from .waiting import wait_until

UDP_SUM = slice(40, 42)
# Before what else wants the CPU: a rate is to be kept, and something to happen meanwhile.
FIRST = ("nice", "-n", "-10")
OFFERED = 210_000
# Requests, and how many in a second it must have been. A veth's frames are relayed on the sender's
# CPU: with TC no more can be sent than TC and the veth can take.
FLOODS = {"native": (1_000_000, 200_000), "off": (400_000, 50_000)}
MOST_FLOODS = 3


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


class UnderWay:
    """A flood that has begun."""

    def __init__(self, stream: Flood, counted: Tally) -> None:
        self._stream, self._counted = stream, counted

    def is_on(self) -> bool:
        return self._stream.is_on()

    def wait_for(self, requests: int) -> None:
        """Until so many have arrived, or none is sent any more."""
        wait_until(
            f"{requests} requests behind the CRA",
            lambda: self._counted.read()[0] >= requests or not self.is_on(),
            60,
        )


def nothing_lost(lab: Lab, act: Callable[[UnderWay, int], None], least: int) -> None:
    """In a flood of requests `act` is done again and again, with the flood and 0, 1, 2, ...: each
    request is relayed, once. It has to be done `least` times before all are sent. Whoever else
    wants the CPU makes both slower: there may be more than one flood."""
    if lab.spec.xdp == "off":  # else a veth takes no frames as the sender makes them
        lab.at.cra.run("ethtool", "-K", "eth1", "gro", "on")
    rate, turns = 0.0, 0
    for _ in range(MOST_FLOODS):
        offered, done = _one_flood(lab, act)
        rate, turns = max(rate, offered), turns + done
        if rate >= FLOODS[lab.spec.xdp][1] and turns >= least:
            return
    raise AssertionError(f"only {rate:.0f} requests/s were offered, and {turns} turns of {least}")


def _one_flood(lab: Lab, act: Callable[[UnderWay, int], None]) -> tuple[float, int]:
    """The rate that was offered, and how many turns were done meanwhile."""
    count = FLOODS[lab.spec.xdp][0]
    before, came, turns = counters(lab), received(lab.at.cra, "eth1"), 0
    with tally(lab) as counted, closing(Flood(lab, count, OFFERED)) as stream:
        under_way = UnderWay(stream, counted)
        wait_until("the flood to begin", lambda: counted.read()[0] > 0)
        while stream.is_on():
            act(under_way, turns)
            turns += stream.is_on()
        seconds = stream.seconds()
        print(
            f"        {count} requests in {seconds:.2f} s, {count / seconds:.0f}/s, {turns} turns",
            flush=True,
        )
        check_equal(received(lab.at.cra, "eth1") - came, count, "requests at the CRA")
        relayed = {f"cra.eth1.relayed.discover.{lab.tier}": count}
        check_equal(moved(before, counters(lab)), relayed, "counters")
        all_arrived(counted, count)
        check_equal(counted.read(), (count, count), "requests and frames behind the CRA")
    return count / seconds, turns


def counters(lab: Lab) -> Counters:
    return flatten("cra", lab.cra.json("stats"))


def received(namespace: Namespace, device: str) -> int:
    """Frames that came in, by the device's own count: what a veth's queue lost is not in it."""
    shown = namespace.run("ip", "-json", "-s", "link", "show", "dev", device).stdout
    return json.loads(shown)[0]["stats64"]["rx"]["packets"]


def all_arrived(counted: Tally, count: int) -> None:
    wait_until(f"{count} requests behind the CRA", lambda: counted.read()[0] >= count, 5)


def _request() -> bytes:
    return Message(xid=0, chaddr=b"\x02\x57\0\0\0\1", options=((MESSAGE_TYPE, b"\x01"),)).build()
