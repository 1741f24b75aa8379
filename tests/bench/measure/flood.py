# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""As many frames as the kernel can make, through the relay, through a bare redirect, and through
Debian's dhcrelay."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.netns import End, Namespace, connect
from lab.shell import Daemon
from lab.workspace import Workspace

from . import frames
from .frames import Way
from .relay import MACS, THROUGH, TRA_SERVER, Relay, far

FRAMES = 2_000_000
ROUNDS = 3
SHARE = 0.60  # of the bare redirect's rate
SLOW_PATH_TIMES = 2.0  # dhcrelay's rate


@dataclass(frozen=True)
class Flood:
    name: str
    offered: int
    reached: int | None  # the XDP program under test; None: there is none
    relayed: int  # by its own count; of dhcrelay, what arrived
    arrived: int
    seconds: float  # of offering

    @property
    def rate(self) -> float:
        """Frames relayed per second of offering."""
        return self.relayed / self.seconds


@dataclass(frozen=True)
class Comparison:
    ours: Flood
    bare: Flood

    @property
    def share(self) -> float:
        return self.ours.rate / self.bare.rate

    @property
    def ok(self) -> bool:
        return self.ours.relayed == self.ours.reached and self.share >= SHARE


class Tools:
    """bench_flood in a namespace."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def generate(self, namespace: Namespace, device: str, frame: bytes, count: int) -> float:
        done = namespace.run(
            self._program, "generate", device, frame.hex(), str(count), timeout=120.0
        )
        return float(done.stdout)

    @contextmanager
    def staying(self, namespace: Namespace, *words: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            namespace.argv(self._program, *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert process.stdin and process.stdout
        try:
            if process.stdout.readline() != "ready\n":
                raise AssertionError(f"bench_flood {' '.join(words)} did not start")
            yield process
        finally:
            process.stdin.close()
            process.wait(10)
            process.stdout.close()

    @contextmanager
    def sink(self, namespace: Namespace, device: str) -> Iterator["Sink"]:
        with self.staying(namespace, "sink", device) as process:
            yield Sink(process)


class Sink:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def count(self) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        return int(self._process.stdout.readline())

    def settled(self) -> int:
        """The count once no more frames arrive."""
        seen, now = -1, self.count()
        while seen != now:
            time.sleep(0.3)
            seen, now = now, self.count()
        return now


def measure(relay: Relay, program: Path) -> list[Comparison]:
    """Each way through ours and through a bare redirect, in turn. Of each the fastest round: what
    else the machine does only slows it down."""
    tools = Tools(program)
    comparisons = []
    for way in frames.through():
        ours, bare = [], []
        for _ in range(ROUNDS):
            with _attached(relay):
                ours.append(_flood(relay, tools, way, way.name))
            with tools.staying(relay.inside, "forward", way.device, way.out):
                bare.append(_flood(relay, tools, way, "bare redirect"))
        comparisons.append(Comparison(max(ours, key=_rate), max(bare, key=_rate)))
    return comparisons


def _rate(flood: Flood) -> float:
    return flood.rate


@contextmanager
def _attached(relay: Relay) -> Iterator[None]:
    relay.attach(*THROUGH)
    try:
        yield
    finally:
        relay.detach()


def _flood(relay: Relay, tools: Tools, way: Way, name: str) -> Flood:
    is_bare = name == "bare redirect"
    relay.free_far_end(way.out)
    with tools.sink(relay.outside, far(way.out)) as sink:
        before = _xdp_packets(relay.inside, way.device)
        seconds = tools.generate(relay.outside, far(way.device), way.frame, FRAMES)
        arrived = sink.settled()
        reached = _xdp_packets(relay.inside, way.device) - before
    relayed = arrived if is_bare else relay.relayed(way.device)["xdp"]
    return Flood(name, FRAMES, reached, relayed, arrived, seconds)


def _xdp_packets(namespace: Namespace, device: str) -> int:
    """Frames that the device's XDP program has seen, by the driver's count."""
    done = namespace.run("ethtool", "--json", "-S", device, check=False)
    if done.status == 0 and done.stdout.lstrip().startswith("["):
        statistics = json.loads(done.stdout)[0]
    else:
        lines = namespace.run("ethtool", "-S", device).stdout.splitlines()
        pairs = (line.split(":") for line in lines if ":" in line and line.split(":")[1].strip())
        statistics = {key.strip(): int(value) for key, value in pairs}
    return sum(
        value
        for key, value in statistics.items()
        if key.startswith("rx_queue_") and key.endswith("_xdp_packets")
    )


# ---- one process takes each packet: our controller, and Debian's dhcrelay between two IPv4 links ----

PROCESS_FRAMES = 1_000_000
CLIENT_LINK_V4 = "192.0.2.1"


def measure_slow_path(relay: Relay, program: Path, directory: Path) -> Flood:
    """How much of a client link's flood the controller relays, if the kernel leaves it all to it."""
    way = frames.for_the_slow_path()
    with ExitStack() as cleanup:
        cleanup.enter_context(_attached(relay))
        controller = Daemon(
            "controller", relay.product.argv("run"), directory / "controller.log"
        )
        cleanup.callback(controller.stop)
        controller.wait_for_line("id=started ")
        relay.free_far_end(way.out)
        return _flood_of_a_process(relay.outside, Tools(program), way.name, way.frame, way.out)


def _flood_of_a_process(
    outside: Namespace, tools: Tools, name: str, frame: bytes, out: str
) -> Flood:
    with tools.sink(outside, far(out)) as sink:
        tools.generate(outside, "far_c", frame, 1000)
        before = sink.settled()
        seconds = tools.generate(outside, "far_c", frame, PROCESS_FRAMES)
        during = sink.count() - before
        arrived = sink.settled() - before
    return Flood(name, PROCESS_FRAMES, None, during, arrived, seconds)


def measure_dhcrelay(
    cleanup: ExitStack, workspace: Workspace, program: Path, directory: Path
) -> Flood | None:
    """How much of a client link's flood it relays; None if it is not installed."""
    binary = shutil.which("dhcrelay") or shutil.which("dhcrelay", path="/usr/sbin")
    if not binary:
        return None
    outside, inside = _ipv4_relay(cleanup, workspace)
    daemon = Daemon(
        "dhcrelay",
        inside.argv(
            *(binary, "-4", "-d", "-a", "-pf", directory / "dhcrelay.pid"),
            *("-i", "c0", "-i", "s0", TRA_SERVER.server()),
        ),
        directory / "dhcrelay.log",
    )
    cleanup.callback(daemon.stop)
    daemon.wait_for_line("Sending on   Socket/fallback")
    frame = frames.named("CRA request").frame
    return _flood_of_a_process(outside, Tools(program), "dhcrelay -a", frame, "s0")


def _ipv4_relay(cleanup: ExitStack, workspace: Workspace) -> tuple[Namespace, Namespace]:
    outside, inside = Namespace("dhcrelay-outside"), Namespace("dhcrelay")
    cleanup.callback(outside.delete)
    cleanup.callback(inside.delete)
    outside.set_sysctl("net.ipv6.conf.default.disable_ipv6", 1)
    inside.set_sysctl("net.ipv6.conf.default.disable_ipv6", 1)
    for device in ("c0", "s0"):
        own, other = MACS[device]
        connect(End(inside, device), own, End(outside, far(device)), other)
    outside.ip_batch("link set far_c up", "link set far_s up")
    inside.ip_batch(
        "link set c0 up",
        "link set s0 up",
        f"addr add {CLIENT_LINK_V4}/24 dev c0",
        f"addr add {TRA_SERVER.giaddr}/24 dev s0",
        f"neigh add {TRA_SERVER.server()} lladdr {MACS['s0'][1]} dev s0 nud permanent",
    )
    # Without a program of its own a veth loses what a live frame brings.
    program = str(workspace.pass_program)
    inside.ip("link", "set", "dev", "c0", "xdpdrv", "obj", program, "sec", "xdp")
    outside.settle()
    inside.settle()
    return outside, inside
