# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The lab's line: client — CRA — IPv6 router — TRA — server.

    client c0 ── eth1 cra eth0 ── r0 router r1 ── eth0 tra eth1 ── s0 server
    client c1 ──────────────── the IPv4 service ───────────────── s1 server

Between cra and tra there is IPv6 only. The second pair stands for the IPv4 service that a lease
brings: see service.py. An HCRA is on the client's own host, a TSV on the server's:

    cra eth0 ── r0 router r1 ── eth0 tra core-rly ── core-srv tra (attach makes this pair)
    cra c1 ──── the IPv4 service ──── s1 tra s0 ── n0 native (where the server serves IPv4 itself)
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import plan
from .netns import End, Namespace, connect
from .waiting import wait_until


@dataclass(frozen=True)
class Topology:
    client: End  # where the clients are
    cra: Namespace
    router: Namespace
    tra: Namespace
    server: End  # where the server answers what is relayed
    relay: End  # the other end of that link, whose address is giaddr
    server_ipv4: End  # where it answers IPv4 clients, and renewals
    native: End | None  # a host on that link; with a TSV only

    @property
    def is_hcra(self) -> bool:
        return self.client.namespace is self.cra

    @property
    def is_tsv(self) -> bool:
        return self.server.namespace is self.tra

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        found = [self.client.namespace, self.cra, self.router, self.tra, self.server.namespace]
        if self.native:
            found.append(self.native.namespace)
        return tuple(dict.fromkeys(found))

    @property
    def ends(self) -> dict[str, End]:
        """The far end of each link: it sees what the devices under test really sent and got."""
        found = {
            "client": self.client,
            "cra": End(self.router, "r0"),
            "tra": End(self.router, "r1"),
            "server": self.server,
            "service": End(self.server.namespace, "s1"),
        }
        return {**found, "native": self.native} if self.native else found


def build(cleanup: ExitStack, cra: str, far: str, client_ipv4: bool, cra_ipv6: bool) -> Topology:
    """Makes the namespaces, devices, addresses and routes, and waits until all of it is up."""
    topology = _make_namespaces(cleanup, cra == "hcra", far == "tsv")
    _connect(topology)
    _address(topology)
    if cra_ipv6:
        add_cra_address(topology)
    if client_ipv4:
        topology.cra.ip("addr", "add", f"{plan.CRA_V4}/24", "dev", "eth1")
    for namespace in topology.namespaces:
        namespace.settle()
    return topology


def _make_namespaces(cleanup: ExitStack, is_hcra: bool, is_tsv: bool) -> Topology:
    def make(role: str) -> Namespace:
        namespace = Namespace(role)
        cleanup.callback(namespace.delete)
        namespace.set_sysctl("net.ipv6.conf.all.accept_dad", 0)
        namespace.set_sysctl("net.ipv6.conf.default.accept_dad", 0)
        return namespace

    client = None if is_hcra else End(make("client"), "c0")
    cra, router, tra = make("cra"), make("router"), make("tra")
    server = tra if is_tsv else make("server")
    return Topology(
        client=client or End(cra, "eth0"),
        cra=cra,
        router=router,
        tra=tra,
        server=End(tra, "core-srv") if is_tsv else End(server, "s0"),
        relay=End(tra, "core-rly" if is_tsv else "eth1"),
        server_ipv4=End(server, "s0"),
        native=End(make("native"), "n0") if is_tsv else None,
    )


def _connect(at: Topology) -> None:
    uplink, router_cra, router_tra = End(at.cra, "eth0"), End(at.router, "r0"), End(at.router, "r1")
    if not at.is_hcra:
        connect(at.client, plan.CLIENT_MAC, End(at.cra, "eth1"), plan.CRA_CLIENT_MAC)
    connect(uplink, plan.CRA_UPLINK_MAC, router_cra, plan.ROUTER_CRA_MAC)
    connect(router_tra, plan.ROUTER_TRA_MAC, End(at.tra, "eth0"), plan.TRA_V6_MAC)
    if at.native:
        connect(at.server_ipv4, plan.SERVER_MAC, at.native, plan.NATIVE_MAC)
    else:
        connect(at.server, plan.SERVER_MAC, at.relay, plan.TRA_V4_MAC)
    one, other = End(at.client.namespace, "c1"), End(at.server.namespace, "s1")
    connect(one, at.client.mac, other, plan.SERVER_MAC)  # they carry the other devices' frames


def _address(at: Topology) -> None:
    for namespace in at.namespaces:
        if namespace in (at.router, at.cra, at.tra):
            is_host = namespace in (at.client.namespace, at.server.namespace)
            namespace.set_sysctl("net.ipv6.conf.all.forwarding", int(not is_host))
            namespace.set_sysctl("net.ipv4.ip_forward", int(not is_host))
        else:  # hosts of IPv4, which chatter of IPv6 would only disturb
            namespace.set_sysctl("net.ipv6.conf.all.disable_ipv6", 1)
            namespace.set_sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        devices = [link["ifname"] for link in namespace.ip_json("link", "show")]
        namespace.ip_batch(*(f"link set {device} up" for device in devices))
    at.router.ip_batch(
        f"addr add {plan.ROUTER_CRA_V6}/64 dev r0 nodad",
        f"addr add {plan.ROUTER_TRA_V6}/64 dev r1 nodad",
    )
    at.tra.ip("addr", "add", f"{plan.TRA_V6}/64", "dev", "eth0", "nodad")
    at.tra.ip("-6", "route", "add", "default", "via", plan.ROUTER_TRA_V6)
    if not at.is_tsv:
        at.tra.ip("addr", "add", f"{plan.TRA_V4}/24", "dev", "eth1")
    native = plan.NATIVE_V4 if at.is_tsv else plan.SERVER_V4
    at.server.namespace.ip("addr", "add", f"{native}/24", "dev", "s0")


def add_cra_address(at: Topology) -> None:
    at.cra.ip("addr", "add", f"{plan.CRA_V6}/64", "dev", "eth0", "nodad")
    at.cra.ip("-6", "route", "add", "default", "via", plan.ROUTER_CRA_V6)


def let_peers_pass(at: Topology, program: Path) -> None:
    """Gives the far ends an XDP program, without which a veth loses what XDP sends into it."""
    own = (at.cra, at.tra)  # of the product: there attach puts programs where they are needed
    for name in ("client", "cra", "tra", "server"):
        end = at.ends[name]
        if end.namespace not in own:
            let_pass(end, program)


def let_pass(end: End, program: Path) -> None:
    """iproute2 takes any bpffs for its own, also one that another lab is about to unmount."""
    words = ("link", "set", "dev", end.device, "xdpdrv", "obj", str(program), "sec", "xdp")

    def attached() -> bool:
        return end.namespace.ip(*words, check=False).status == 0

    wait_until(f"an XDP program on {end.device}", attached)


def warm_neighbours(at: Topology) -> None:
    """Makes every router know the MAC address of its next hop, in both directions."""
    at.cra.run("ping", "-6", "-n", "-c", "1", "-W", "5", plan.TRA_V6)
    if not at.is_tsv:
        at.tra.run("ping", "-4", "-n", "-c", "1", "-W", "5", plan.SERVER_V4)
