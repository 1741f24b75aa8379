# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A host that is CRA and TRA at once, each between two links whose far ends are in one namespace.

    client link  far_c ── c0 ┐       ┌ u0 ── far_u  IPv6, towards the CRA's upstream
                             ├ relay ┤
    IPv4 server  far_s ── s0 ┘       └ v0 ── far_v  IPv6, towards the TRA's CRAs
"""

from contextlib import ExitStack
from pathlib import Path

from lab import bpffs
from lab.netns import Namespace, connect
from lab.product import Dhcp46
from lab.workspace import Workspace

MACS = {  # device: own, far end's
    "c0": ("02:00:00:00:ca:01", "02:00:00:00:0c:00"),
    "u0": ("02:00:00:00:ca:00", "02:00:00:00:11:00"),
    "v0": ("02:00:00:00:7a:00", "02:00:00:00:11:01"),
    "s0": ("02:00:00:00:7a:01", "02:00:00:00:5e:00"),
}
CRA_V6 = "2001:db8:a::1"
CRA_NEXT_HOP = "2001:db8:a::fe"
UPSTREAM_V6 = "2001:db8:f::1"
TRA_V6 = "2001:db8:b::1"
TRA_NEXT_HOP = "2001:db8:b::fe"
FAR_CRA_V6 = "2001:db8:c::1"
FAR_CRAS = "2001:db8:c::/48"
TRA_V4 = "198.51.100.1"
SERVER_V4 = "198.51.100.2"


def far(device: str) -> str:
    return f"far_{device[0]}"


class Relay:
    def __init__(self, cleanup: ExitStack, workspace: Workspace, directory: Path) -> None:
        self.outside = self._namespace(cleanup, "outside")
        self.inside = self._namespace(cleanup, "relay")
        for device, (mac, far_mac) in MACS.items():
            connect(self.inside, device, mac, self.outside, far(device), far_mac)
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
            f"addr add {CRA_V6}/64 dev u0 nodad",
            f"addr add {TRA_V6}/64 dev v0 nodad",
            f"addr add {TRA_V4}/24 dev s0",
            f"neigh add {CRA_NEXT_HOP} lladdr {MACS['u0'][1]} dev u0 nud permanent",
            f"neigh add {TRA_NEXT_HOP} lladdr {MACS['v0'][1]} dev v0 nud permanent",
            f"neigh add {SERVER_V4} lladdr {MACS['s0'][1]} dev s0 nud permanent",
        )
        for target, via in ((UPSTREAM_V6, CRA_NEXT_HOP), (FAR_CRAS, TRA_NEXT_HOP)):
            self.inside.ip("-6", "route", "add", target, "via", via)
        self.outside.settle()
        self.inside.settle()

    def attach(self) -> None:
        """Both roles; native XDP needs far ends that have a program, too."""
        for device in MACS:
            self._set_far_program(device, "obj", str(self._pass_program), "sec", "xdp")
        self.product.run(
            *("attach", "lcra", "access", "--client-dev", "c0", "--uplink-dev", "u0"),
            *("--upstream", UPSTREAM_V6, "--xdp", "native"),
        )
        self.product.run(
            *("attach", "tra", "core", "--v6-dev", "v0", "--v4-dev", "s0"),
            *("--server", SERVER_V4, "--cra-prefix", FAR_CRAS, "--xdp", "native"),
        )

    def detach(self) -> None:
        self.product.run("detach", "access")
        self.product.run("detach", "core")

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
