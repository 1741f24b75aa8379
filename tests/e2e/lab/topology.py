# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The lab's line: client — CRA — IPv6 router — TRA — server.

    client c0 ── eth1 cra eth0 ── r0 router r1 ── eth0 tra eth1 ── s0 server
    client c1 ──────────────── the IPv4 service ───────────────── s1 server

Between cra and tra there is IPv6 only. The second pair stands for the IPv4 service that a lease
brings: see service.py.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import plan
from .netns import Namespace, connect


@dataclass
class Topology:
    client: Namespace
    cra: Namespace
    router: Namespace
    tra: Namespace
    server: Namespace

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        return (self.client, self.cra, self.router, self.tra, self.server)


def build(cleanup: ExitStack, client_ipv4: bool, cra_ipv6: bool = True) -> Topology:
    """Makes the namespaces, devices, addresses and routes, and waits until all of it is up."""
    spaces: dict[str, Namespace] = {}
    for role in ("client", "cra", "router", "tra", "server"):
        spaces[role] = Namespace(role)
        cleanup.callback(spaces[role].delete)
        spaces[role].set_sysctl("net.ipv6.conf.all.accept_dad", 0)
        spaces[role].set_sysctl("net.ipv6.conf.default.accept_dad", 0)
    topology = Topology(**spaces)
    _connect(topology)
    _address(topology, client_ipv4, cra_ipv6)
    for namespace in topology.namespaces:
        namespace.settle()
    return topology


def _connect(at: Topology) -> None:
    client, cra, router, tra, server = at.namespaces
    connect(client, "c0", plan.CLIENT_MAC, cra, "eth1", plan.CRA_CLIENT_MAC)
    connect(cra, "eth0", plan.CRA_UPLINK_MAC, router, "r0", plan.ROUTER_CRA_MAC)
    connect(router, "r1", plan.ROUTER_TRA_MAC, tra, "eth0", plan.TRA_V6_MAC)
    connect(tra, "eth1", plan.TRA_V4_MAC, server, "s0", plan.SERVER_MAC)
    connect(client, "c1", plan.SERVICE_MAC, server, "s1", plan.SERVER_MAC)


def _address(at: Topology, client_ipv4: bool, cra_ipv6: bool) -> None:
    for router in (at.cra, at.router, at.tra):
        router.set_sysctl("net.ipv6.conf.all.forwarding", 1)
        router.set_sysctl("net.ipv4.ip_forward", 1)
    for host in (at.client, at.server):  # hosts of IPv4, which chatter of IPv6 would only disturb
        host.set_sysctl("net.ipv6.conf.all.disable_ipv6", 1)
        host.set_sysctl("net.ipv6.conf.default.disable_ipv6", 1)
    at.client.ip_batch("link set c0 up", "link set c1 up")
    at.cra.ip_batch("link set eth0 up", "link set eth1 up")
    if cra_ipv6:
        add_cra_address(at)
    if client_ipv4:
        at.cra.ip_batch(f"addr add {plan.CRA_V4}/24 dev eth1")
    at.router.ip_batch(
        "link set r0 up",
        "link set r1 up",
        f"addr add {plan.ROUTER_CRA_V6}/64 dev r0 nodad",
        f"addr add {plan.ROUTER_TRA_V6}/64 dev r1 nodad",
    )
    at.tra.ip_batch(
        "link set eth0 up",
        "link set eth1 up",
        f"addr add {plan.TRA_V6}/64 dev eth0 nodad",
        f"addr add {plan.TRA_V4}/24 dev eth1",
    )
    at.tra.ip("-6", "route", "add", "default", "via", plan.ROUTER_TRA_V6)
    at.server.ip_batch(
        "link set s0 up",
        "link set s1 up",
        f"addr add {plan.SERVER_V4}/24 dev s0",
    )


def add_cra_address(at: Topology) -> None:
    at.cra.ip("addr", "add", f"{plan.CRA_V6}/64", "dev", "eth0", "nodad")
    at.cra.ip("-6", "route", "add", "default", "via", plan.ROUTER_CRA_V6)


def let_peers_pass(at: Topology, program: Path) -> None:
    """Gives the far ends an XDP program, without which a veth loses what XDP sends into it."""
    far_ends = (at.client, "c0"), (at.router, "r0"), (at.router, "r1"), (at.server, "s0")
    for namespace, device in far_ends:
        namespace.ip("link", "set", "dev", device, "xdpdrv", "obj", str(program), "sec", "xdp")


def warm_neighbours(at: Topology) -> None:
    """Makes every router know the MAC address of its next hop, in both directions."""
    at.cra.run("ping", "-6", "-n", "-c", "1", "-W", "5", plan.TRA_V6)
    at.tra.run("ping", "-4", "-n", "-c", "1", "-W", "5", plan.SERVER_V4)
