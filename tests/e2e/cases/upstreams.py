# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Several upstreams: a copy to each, whatever becomes of the others (R-CRA-10, E-38)."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from harness.registry import case
from lab import craft, maps, plan, topology
from lab.checks import check, check_equal, check_no_icmp_errors, seen
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.message import BOOTREPLY, RELAY_AGENT_INFORMATION
from lab.parley import YIADDR, scripted_client
from lab.scripted import Port, ScriptedClient, answer
from lab.shell import run
from lab.stream import Stream, number_of
from lab.waiting import wait_until

# On the CRA's uplink and on the TRA's server link: each is a neighbour of its own.
TRAS = tuple(f"2001:db8:a::{0x10 + n:x}" for n in range(8))
SERVERS = tuple(f"198.51.100.{10 + n}" for n in range(8))
NOBODY_V6, NOBODY_V4 = "2001:db8:a::99", "198.51.100.99"
NO_ROUTE_V6, NO_ROUTE_V4 = "2001:db8:dead::1", "203.0.113.99"
STRANGER = "2001:db8:a::77"
NUMBERS = (1, 2, 8)
ROUNDS = 8


@contextmanager
def upstreams_there(lab: Lab) -> Iterator[None]:
    """The router has all the TRAs' addresses, the server all the servers', and both listen."""
    router, server = lab.at.router, lab.at.server.namespace
    of_router = [f"{address}/128 dev r0" for address in (*TRAS, STRANGER)]
    of_server = [f"{address}/32 dev s0" for address in SERVERS]
    router.ip_batch(*(f"addr add {one} nodad" for one in of_router))
    server.ip_batch(*(f"addr add {one}" for one in of_server))
    try:
        with router.udp_socket(socket.AF_INET6):
            yield
    finally:
        router.ip_batch(*(f"addr del {one}" for one in of_router))
        server.ip_batch(*(f"addr del {one}" for one in of_server))
        lab.attach_cra()
        lab.attach_tra()
        topology.warm_neighbours(lab.at)


def forget_neighbours(lab: Lab) -> None:
    for namespace in (lab.at.cra, lab.at.tra):
        namespace.ip("neigh", "flush", "all")


def check_copies(lab: Lab, link: str, destinations: Sequence[str], client: ScriptedClient) -> None:
    """The client's DISCOVER is there, once for each destination, and the same for all."""

    def found() -> bool:
        copies = [one for one in seen(lab, link) if one.message.xid == client.xid]
        return len(copies) >= len(destinations)

    wait_until(f"{len(destinations)} copies on link {link}", found, 3)
    copies = [one for one in seen(lab, link) if one.message.xid == client.xid]
    check_equal(sorted(one.datagram.destination for one in copies), sorted(destinations), "copies")
    check_equal(len({one.payload for one in copies}), 1, "different payloads of copies")
    check_equal({one.datagram.source_port for one in copies}, {67}, "source ports")
    check_equal({one.datagram.checksum for one in copies}, {"good"}, "checksums of copies")
    check_equal({one.datagram.hop_limit for one in copies}, {64}, "hop limits of copies")


def cra_copies(lab: Lab, upstreams: Sequence[str], reached: Sequence[str], skipped: int = 0) -> None:
    """One DISCOVER at the CRA: copies, and how it is counted. Then another one, just as well."""
    lab.cra.run(*lab.cra_arguments(upstreams))
    device = "eth0" if lab.at.is_hcra else "eth1"
    tier = "tc" if len(upstreams) > 1 or lab.at.is_hcra else lab.tier
    with scripted_client(lab) as client:
        for forgets in (True, False):
            if forgets:
                forget_neighbours(lab)
            client.new_exchange()
            before = lab.counters()
            lab.clear_captures()
            client.send(client.message("discover"))
            check_copies(lab, "cra", reached, client)
            cold = forgets and tier == "xdp"
            counted = f"cra.{device}.relayed.discover.{'tc' if cold else tier}"
            notes = {f"cra.{device}.noted.upstream_skipped": skipped} if skipped else {}
            lab.expect_moved(before, {counted: 1, **notes})
            check_equal(len(seen(lab, "cra")), len(reached), "datagrams in all")
    check_no_icmp_errors(lab)


def tra_copies(lab: Lab, servers: Sequence[str], reached: Sequence[str], skipped: int = 0) -> None:
    """The same at the TRA, with DHCPv4 servers."""
    lab.tra.run(*lab.tra_arguments(servers))
    tier = "tc" if len(servers) > 1 else lab.tier
    with scripted_client(lab) as client:
        for forgets in (True, False):
            if forgets:
                lab.at.tra.ip("neigh", "flush", "all")
            client.new_exchange()
            before = lab.counters()
            lab.clear_captures()
            client.send(client.message("discover"))
            check_copies(lab, "server", reached, client)
            cold = forgets and tier == "xdp"
            notes = {"tra.eth0.noted.upstream_skipped": skipped} if skipped else {}
            lab.expect_moved(
                before,
                {
                    f"cra.eth1.relayed.discover.{lab.tier}": 1,
                    f"tra.eth0.relayed.discover.{'tc' if cold else tier}": 1,
                    **notes,
                },
            )
            check_equal(len(seen(lab, "server")), len(reached), "datagrams in all")
    check_no_icmp_errors(lab)


def copies(lab: Lab) -> None:
    with upstreams_there(lab):
        for count in NUMBERS:
            cra_copies(lab, TRAS[:count], TRAS[:count])


def copies_to_servers(lab: Lab) -> None:
    with upstreams_there(lab):
        for count in NUMBERS:
            tra_copies(lab, SERVERS[:count], SERVERS[:count])


def unreachable(lab: Lab) -> None:
    """One whose neighbour does not answer, and one without a route, do not hold up the others.

    An HCRA's host is no router, and the kernel answers only routers what way there is.
    """
    lab.at.cra.ip("-6", "route", "replace", "unreachable", f"{NO_ROUTE_V6}/128")
    with upstreams_there(lab):
        upstreams = (NOBODY_V6, TRAS[0], NO_ROUTE_V6, TRAS[1])
        cra_copies(lab, upstreams, TRAS[:2], skipped=int(not lab.at.is_hcra))


def unreachable_server(lab: Lab) -> None:
    lab.at.tra.ip("route", "replace", "unreachable", f"{NO_ROUTE_V4}/32")
    with upstreams_there(lab):
        servers = (NOBODY_V4, SERVERS[0], NO_ROUTE_V4, SERVERS[1])
        tra_copies(lab, servers, SERVERS[:2], skipped=1)


def replies(lab: Lab) -> None:
    """Each upstream's answer reaches the client; one of nobody's does not."""
    with upstreams_there(lab), scripted_client(lab) as client, Port(lab.at.ends["cra"]) as router:
        lab.cra.run(*lab.cra_arguments(TRAS))
        client.send(client.message("discover"))
        check_copies(lab, "cra", TRAS, client)
        before = lab.counters()
        offer = answer(seen(lab, "cra")[0].message, "offer", YIADDR)
        for source in (STRANGER, *TRAS):
            router.send(craft.to_cra(offer.without(RELAY_AGENT_INFORMATION).build(), source=source))
        offers = f"cra.eth0.relayed.offer.{lab.tier}"
        lab.expect_moved(before, {offers: len(TRAS), "cra.eth0.dropped.unknown_peer": 1})
        heard = [one for one in seen(lab, "client") if one.message.op == BOOTREPLY]
        check_equal(len(heard), len(TRAS), "offers that the client heard")


Change = Callable[[], object]


def changes_under_traffic(lab: Lab, add: Change, delete: Change) -> None:
    """A second upstream comes and goes: the first misses nothing, the second has what it should."""
    wanted, unwanted = set[int](), set[int]()
    with Stream(lab) as stream:
        for _ in range(ROUNDS):
            for change, numbers in ((add, wanted), (delete, unwanted)):
                change()
                first = stream.sent + 1  # the one before may have been on its way
                stream.wait_for_some(20)
                last = stream.sent - 1
                _wait_for_number(lab, stream, last)
                numbers |= set(range(first, last + 1))
    stream.arrived("cra", plan.TRA_V6)
    second = [number_of(datagram) for datagram in stream.seen("cra", TRAS[0])]
    check_equal(second, sorted(set(second)), "requests to the second upstream")
    check(wanted <= set(second), f"not to the second: {sorted(wanted - set(second))}")
    check(not unwanted & set(second), f"to the second: {sorted(unwanted & set(second))}")


def _wait_for_number(lab: Lab, stream: Stream, last: int) -> None:
    def arrived() -> bool:
        return any(number_of(one) >= last for one in stream.seen("cra", plan.TRA_V6)[-3:])

    wait_until(f"request {last} on link cra", arrived)


def by_command(lab: Lab) -> None:
    with upstreams_there(lab):
        changes_under_traffic(
            lab,
            lambda: lab.cra.run("upstream", "add", CRA_NAME, TRAS[0]),
            lambda: lab.cra.run("upstream", "del", CRA_NAME, TRAS[0]),
        )


def by_bpftool(lab: Lab) -> None:
    instance = maps.instance_id(lab.cra, CRA_NAME)
    run("bpftool", *maps.upstream_update(lab.cra, instance, plan.TRA_V6))  # not the only one now
    with upstreams_there(lab):
        changes_under_traffic(
            lab,
            lambda: run("bpftool", *maps.upstream_update(lab.cra, instance, TRAS[0], slot=1)),
            lambda: run("bpftool", *maps.upstream_delete(lab.cra, instance, slot=1)),
        )


def register() -> None:
    for xdp in ("native", "off"):
        for cra in ("lcra", "hcra"):
            spec = LabSpec(xdp=xdp, cra=cra)

            def one(name: str, body: Callable[[Lab], None], *ids: str, spec: LabSpec = spec) -> None:
                full = f"upstreams.{name}.{spec.cra}.{spec.xdp}"
                case(full, spec, ids)(body)

            one("copies", copies, "R-CRA-4", "R-CRA-10", "R-CRA-11", "E-38", "E-44")
            one("unreachable", unreachable, "R-CRA-10", "E-38")
            one("replies", replies, "R-CRA-10", "R-SEC-1")
            one("by-command-under-traffic", by_command, "R-CRA-10")
            one("by-bpftool-under-traffic", by_bpftool, "R-CRA-10")
        spec = LabSpec(xdp=xdp)
        case(f"upstreams.copies-to-servers.{xdp}", spec, ("E-38", "E-44"))(copies_to_servers)
        case(f"upstreams.unreachable-server.{xdp}", spec, ("E-38",))(unreachable_server)


register()
