# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Checks of what crossed the lab's links, against the requirements."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace

from . import plan, servers
from .clients import Lease
from .counters import Counters
from .lab import Lab
from .message import (
    BOOTREQUEST,
    BROADCAST_FLAG,
    RELAY_AGENT_INFORMATION,
    SERVER_ID,
    Message,
    cra6addr,
)
from .wire import Datagram, icmp_errors, udp_datagrams

REQUESTS = ("discover", "request", "decline", "release", "inform")


@dataclass(frozen=True)
class Seen:
    """A DHCP message on one link."""

    datagram: Datagram
    message: Message

    @property
    def kind(self) -> str:
        return self.message.type

    @property
    def payload(self) -> bytes:
        return self.datagram.payload


def seen(lab: Lab, link: str) -> list[Seen]:
    """All DHCP messages that crossed a link since its capture was cleared."""
    datagrams = udp_datagrams(lab.captures[link].frames(), 67, 68)
    return [Seen(datagram, Message.parse(datagram.payload)) for datagram in datagrams]


def check_equal(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def check(condition: bool, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def check_no_icmp_errors(lab: Lab) -> None:
    for name, capture in lab.captures.items():
        errors = icmp_errors(capture.frames())
        found = [str(error)[:200] for error in errors]
        check(not errors, f"ICMP errors on link {name}: {found}")


def check_lease(lab: Lab, lease: Lease) -> None:
    """What the servers' configurations promise."""
    pool = ipaddress.ip_network(plan.POOL)
    check(ipaddress.ip_address(lease.address) in pool, f"{lease.address} is not in {pool}")
    found = (lease.mask, lease.router, lease.dns, lease.server)
    identifier = servers.identifier(lab.spec.server or "", lab.spec.far)
    wanted = ("255.255.255.0", plan.LEASE_ROUTER, plan.LEASE_DNS, identifier)
    check_equal(found, wanted, "mask, router, DNS, server")
    # dhcpd grants what is left of the lease that another client of the same MAC address had.
    check(580 < int(lease.lease) <= 600, f"{lease.lease} s are leased")


def take_lease(lab: Lab, kind: str) -> None:
    """A stock client comes, gets its lease, and goes."""
    client = lab.start_client(kind)
    try:
        check_lease(lab, client.wait_for_lease())
    finally:
        client.stop()


def check_exchange(lab: Lab, *kinds: str) -> None:
    """Exactly these messages crossed each link, in this order, and each as the draft wants it.

    What an HCRA's client sends crosses no link before it has become IPv6 (R-CRA-20).
    """
    clients = [kind for kind in kinds if kind not in REQUESTS or not lab.at.is_hcra]
    links = {name: seen(lab, name) for name in ("client", "cra", "tra", "server")}
    for name, found in links.items():
        wanted = clients if name == "client" else list(kinds)
        check_equal([one.kind for one in found], wanted, f"messages on link {name}")
    at_client = iter(links.pop("client"))
    for cra, tra, server in zip(*links.values(), strict=True):
        if cra.message.op != BOOTREQUEST:
            _check_reply(lab, next(at_client), cra, tra, server)
        elif lab.at.is_hcra:
            _check_request(lab, _as_sent(cra), cra, tra, server)
        else:
            _check_request(lab, next(at_client), cra, tra, server)
    for link in ("service", "native"):
        if link in lab.captures:
            check_equal(seen(lab, link), [], f"messages on link {link}")
    check_no_icmp_errors(lab)


def _as_sent(relayed: Seen) -> Seen:
    """What the HCRA's client must have sent, for this to be what was made of it."""
    payload = _with_hops(relayed.payload, 0)
    return Seen(replace(relayed.datagram, payload=payload), Message.parse(payload))


def _check_request(lab: Lab, client: Seen, cra: Seen, tra: Seen, server: Seen) -> None:
    relayed = (plan.CRA_V6, plan.TRA_V6, 67, 67)
    check_equal(cra.datagram.addresses, relayed, "addresses from the CRA (R-CRA-9, 11)")
    check_equal(cra.datagram.hop_limit, 64, "hop limit from the CRA (E-41)")
    check_equal(cra.payload, _with_hops(client.payload, 1), "payload from the CRA (R-CRA-8)")
    check_equal(tra.payload, cra.payload, "payload to the TRA")
    _check_checksum(lab, cra, client)

    relayed = (plan.TRA_V4, plan.SERVER_V4, 67, 67)
    check_equal(server.datagram.addresses, relayed, "addresses to the server")
    ethernet = (server.datagram.ether_source, server.datagram.ether_destination)
    check_equal(ethernet, (lab.at.relay.mac, lab.at.server.mac), "MAC addresses to the server")
    check_equal(server.datagram.hop_limit, 64, "TTL to the server (E-41)")
    check_equal(server.message.hops, 2, "hops at the server (E-1)")
    check_equal(server.message.giaddr, plan.TRA_V4, "giaddr (R-TRA-6)")
    options = (*client.message.options, (RELAY_AGENT_INFORMATION, cra6addr(plan.CRA_V6)))
    check_equal(server.message.options, options, "options at the server (R-TRA-4, 5, 9)")
    _check_length(server, client)
    _check_checksum(lab, server, client)


def _check_reply(lab: Lab, client: Seen, cra: Seen, tra: Seen, server: Seen) -> None:
    agent = server.message.option(RELAY_AGENT_INFORMATION)
    check_equal(agent, cra6addr(plan.CRA_V6), "what the server echoes (R-TRA-15)")
    stripped = server.message.without(RELAY_AGENT_INFORMATION)

    relayed = (plan.TRA_V6, plan.CRA_V6, 67, 67)
    check_equal(tra.datagram.addresses, relayed, "addresses from the TRA (R-TRA-13, 14)")
    check_equal(tra.datagram.hop_limit, 64, "hop limit from the TRA (E-41)")
    check_equal(tra.message, stripped, "message from the TRA (R-TRA-12)")
    _check_length(tra, server)
    check_equal(cra.payload, tra.payload, "payload to the CRA")
    check_equal(client.payload, cra.payload, "payload to the client (R-CRA-13)")
    _check_checksum(lab, tra, server)
    _check_checksum(lab, client, server)
    check_delivery(lab, client)


def check_delivery(lab: Lab, reply: Seen) -> None:
    """How the CRA addresses a reply to the client (E-7, E-8, E-12, E-13)."""
    message = reply.message
    own = plan.CRA_V4 if lab.spec.client_ipv4 else None
    if message.flags & BROADCAST_FLAG or message.type == "nak":
        wanted = (own or "0.0.0.0", "255.255.255.255", 67, 68)
        ether = plan.BROADCAST_MAC
    else:
        source = own or message.address_option(SERVER_ID) or "192.0.0.8"
        destination = message.yiaddr if message.yiaddr != "0.0.0.0" else message.ciaddr
        wanted = (source, destination, 67, 68)
        ether = ":".join(f"{octet:02x}" for octet in message.chaddr)
    check_equal(reply.datagram.addresses, wanted, "addresses to the client")
    check_equal(reply.datagram.ether_destination, ether, "MAC address to the client")
    check_equal(reply.datagram.hop_limit, 64, "TTL to the client (E-41)")


def _with_hops(payload: bytes, hops: int) -> bytes:
    return payload[:3] + bytes((hops,)) + payload[4:]


def _check_length(relayed: Seen, original: Seen) -> None:
    """What a relay lengthens or shortens has 300 octets at least; the rest stays as it is."""
    before, after = len(original.payload), len(relayed.payload)
    check(after == before or after >= 300, f"{before} octets came, {after} left (E-19)")


def _check_checksum(lab: Lab, relayed: Seen, original: Seen) -> None:
    """XDP finishes every sum. TC may leave one for the device to finish that came so (E-25)."""
    allowed = {"good"}
    by_tc = lab.spec.xdp == "off" or (lab.at.is_hcra and relayed.kind in REQUESTS)
    if by_tc and original.datagram.checksum == "unfinished":
        allowed.add("unfinished")
    check(
        relayed.datagram.checksum in allowed,
        f"checksum of {relayed.kind}: {original.datagram.checksum} came,"
        f" {relayed.datagram.checksum} left",
    )


def expect_relayed(lab: Lab, before: Counters, *kinds: str) -> None:
    """Exactly these messages were counted, each as relayed by the tier that it is for.

    A message that option 82 makes longer is TC's where there is no room behind the frame, and
    behind a frame on a veth is what its length and its allocation happen to leave.
    """
    pairs = zip(seen(lab, "tra"), seen(lab, "server"), strict=True)
    grown = {tra.kind for tra, server in pairs if len(server.payload) > len(tra.payload)}
    either = [f"tra.eth0.relayed.{kind}" for kind in grown if lab.tier == "xdp"]
    lab.expect_moved(before, relayed(lab, kinds), either_tier=either)


def relayed(lab: Lab, kinds: Iterable[str]) -> Counters:
    """The counters that one message of each kind moves, relayed by the lab's usual tier."""
    counters: Counters = {}
    for kind in kinds:
        for name in _relays(lab, kind):
            counters[name] = counters.get(name, 0) + 1
    return counters


def _relays(lab: Lab, kind: str) -> tuple[str, str]:
    """The counters of both relays for one message. An HCRA takes requests on their way out."""
    if kind not in REQUESTS:
        server_side = f"tra.{lab.at.relay.device}.relayed.{kind}.{lab.tier}"
        return (server_side, f"cra.eth0.relayed.{kind}.{lab.tier}")
    client_side = f"eth0.relayed.{kind}.tc" if lab.at.is_hcra else f"eth1.relayed.{kind}.{lab.tier}"
    return (f"cra.{client_side}", f"tra.eth0.relayed.{kind}.{lab.tier}")
