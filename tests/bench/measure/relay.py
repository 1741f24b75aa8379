# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A host that has every role at once; the far ends of its links are in one namespace.

    client link  far_c ── c0 ┐       ┌ u0 ── far_u  IPv6, the LCRA's
                             │       ├ h0 ── far_h  IPv6, the HCRA's; its client is on the host
                             ├ relay ┤
                             │       ├ v0 ── far_v  IPv6, the TRA's
    IPv4 server  far_s ── s0 ┘       └ t0 ── far_t  IPv6, the TSV's; its server is on the host
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lab import bpffs
from lab.netns import End, Namespace, connect
from lab.product import Dhcp46
from lab.workspace import Workspace

MACS = {  # device: own, far end's
    "c0": ("02:00:00:00:ca:01", "02:00:00:00:0c:00"),
    "u0": ("02:00:00:00:ca:00", "02:00:00:00:11:00"),
    "h0": ("02:00:00:00:ca:02", "02:00:00:00:11:02"),
    "v0": ("02:00:00:00:7a:00", "02:00:00:00:11:01"),
    "t0": ("02:00:00:00:7a:02", "02:00:00:00:11:03"),
    "s0": ("02:00:00:00:7a:01", "02:00:00:00:5e:00"),
}


@dataclass(frozen=True)
class Ipv6Side:
    """A device in the IPv6 network, the router on its link, and the peers behind that."""

    device: str
    network: str  # of 48 bits
    peers: str  # likewise

    @property
    def own(self) -> str:
        return f"{self.network}::1"

    @property
    def router(self) -> str:
        return f"{self.network}::fe"

    @property
    def peer_prefix(self) -> str:
        return f"{self.peers}::/48"

    def peer(self, number: int = 1) -> str:
        return f"{self.peers}::{number:x}"


@dataclass(frozen=True)
class ServerSide:
    """Where a DHCPv4 server is."""

    device: str
    giaddr: str
    network: str

    def server(self, number: int = 1) -> str:
        return f"{self.network}.{number + 1}"


LCRA = Ipv6Side("u0", "2001:db8:a", "2001:db8:1a")
HCRA = Ipv6Side("h0", "2001:db8:b", "2001:db8:1b")
TRA = Ipv6Side("v0", "2001:db8:c", "2001:db8:1c")
TSV = Ipv6Side("t0", "2001:db8:d", "2001:db8:1d")
TRA_SERVER = ServerSide("s0", "198.51.100.1", "198.51.100")
TSV_SERVER = ServerSide("local-rly", "203.0.113.1", "203.0.113")  # attach makes it

INSTANCES = {
    "access": (
        *("lcra", "--client-dev", "c0", "--uplink-dev", LCRA.device, "--upstream", LCRA.peer()),
    ),
    "core": (
        *("tra", "--v6-dev", TRA.device, "--v4-dev", TRA_SERVER.device),
        *("--server", TRA_SERVER.server(), "--cra-prefix", TRA.peer_prefix),
    ),
    "host": ("hcra", "--dev", HCRA.device, "--upstream", HCRA.peer()),
    "local": (
        *("tsv", "--dev", TSV.device, "--server", TSV_SERVER.server()),
        *("--giaddr", TSV_SERVER.giaddr, "--cra-prefix", TSV.peer_prefix),
    ),
}
THROUGH = ("access", "core")  # their packets come from a link and go to another
UPSTREAMS = 8  # to each of which there is a way


def far(device: str) -> str:
    return f"far_{device[0]}"


class Relay:
    def __init__(self, cleanup: ExitStack, workspace: Workspace, directory: Path) -> None:
        self.outside = self._namespace(cleanup, "outside")
        self.inside = self._namespace(cleanup, "relay")
        for device, (mac, far_mac) in MACS.items():
            connect(End(self.inside, device), mac, End(self.outside, far(device)), far_mac)
        self._address()
        self._pass_program = workspace.pass_program
        root = bpffs.mount(cleanup, directory / "bpffs-relay")
        self.product = Dhcp46(workspace.binary, self.inside, root)

    @staticmethod
    def _namespace(cleanup: ExitStack, role: str) -> Namespace:
        namespace = Namespace(role)
        cleanup.callback(namespace.delete)
        return namespace

    def _address(self) -> None:
        """Fixed addresses and neighbours: nothing is asked for, nobody answers."""
        self.outside.set_sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        self.outside.set_sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        self.inside.set_sysctl("net.ipv6.conf.all.forwarding", 1)
        self.inside.set_sysctl("net.ipv4.ip_forward", 1)
        self.outside.ip_batch(*(f"link set {far(device)} up" for device in MACS))
        self.inside.ip_batch(
            *(f"link set {device} up" for device in MACS),
            f"addr add {TRA_SERVER.giaddr}/24 dev {TRA_SERVER.device}",
        )
        for number in range(1, UPSTREAMS + 1):
            self._neighbour(TRA_SERVER.server(number), TRA_SERVER.device)
        for side in (LCRA, HCRA, TRA, TSV):
            self.inside.ip("addr", "add", f"{side.own}/64", "dev", side.device, "nodad")
            self._neighbour(side.router, side.device)
            self.inside.ip("-6", "route", "add", side.peer_prefix, "via", side.router)
        self.outside.settle()
        self.inside.settle()

    def _neighbour(self, address: str, device: str) -> None:
        mac = MACS[device][1]
        self.inside.ip("neigh", "add", address, "lladdr", mac, "dev", device, "nud", "permanent")

    def attach(self, *names: str, xdp: str = "native", more: tuple[str, ...] = ()) -> None:
        """Native XDP needs far ends that have a program, too."""
        for device in MACS:
            if xdp == "native":
                self._set_far_program(device, "obj", str(self._pass_program), "sec", "xdp")
            else:
                self.free_far_end(device)
        for name in names:
            role, *options = INSTANCES[name]
            self.product.run("attach", role, name, *options, "--xdp", xdp, *more)

    def detach(self) -> None:
        self.product.run("detach", "--all")

    def free_far_end(self, device: str) -> None:
        """Of its program, for another one."""
        self._set_far_program(device, "off")

    def _set_far_program(self, device: str, *what: str) -> None:
        self.outside.ip("-force", "link", "set", "dev", far(device), "xdpdrv", *what)

    def relayed(self, device: str) -> dict[str, int]:
        """Packets relayed that came in on `device`, by tier."""
        total = {"xdp": 0, "tc": 0, "slow": 0}
        for instance in self.product.json("stats")["instances"]:
            for entry in instance["devices"]:
                if entry["device"] != device:
                    continue
                for count in entry["relayed"].values():
                    for tier in total:
                        total[tier] += count[tier]
        return total
