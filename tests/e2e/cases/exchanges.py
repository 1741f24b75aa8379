# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Exchanges that stock clients cannot be steered into, with stock servers."""

import ipaddress
import socket
from collections.abc import Callable
from itertools import product

from harness.registry import case
from lab import plan, servers, service
from lab.checks import (
    check,
    check_delivery,
    check_equal,
    check_exchange,
    check_no_icmp_errors,
    relayed,
    seen,
)
from lab.lab import LINES, Lab, LabSpec
from lab.message import BROADCAST_FLAG, REQUESTED_ADDRESS, SERVER_ID
from lab.parley import scripted_client
from lab.scripted import ScriptedClient
from lab.waiting import wait_until

Exchange = Callable[[Lab, ScriptedClient], None]
# Where the answer to INFORM is seen: as any other; or it goes to ciaddr, by the IPv4 that there is,
# or by none (docs/interop.md).
RELAYED = ("server", "tra", "cra", "client")
BY_SERVICE = ("service", "client")
INFORM_ANSWERS = {
    ("dnsmasq", "tra"): RELAYED,
    ("dnsmasq", "tsv"): RELAYED,
    ("kea-raw", "tsv"): ("server",),
    ("kea-udp", "tsv"): (),
}


def leased(lab: Lab, client: ScriptedClient) -> str:
    """A lease to begin with, and captures that forgot how it came."""
    address = client.lease().yiaddr
    lab.clear_captures()
    client.new_exchange()
    return address


def rebind(lab: Lab, client: ScriptedClient) -> None:
    """REBINDING: ciaddr set, by broadcast; the server acknowledges through the relays."""
    address = leased(lab, client)
    before = lab.counters()
    client.send(client.message("request", ciaddr=address), source=address)
    _, ack = client.reply("ack")
    check_equal((ack.ciaddr, ack.yiaddr), (address, address), "addresses of the acknowledgement")
    check_exchange(lab, "request", "ack")
    lab.expect_moved(before, relayed(lab, ("request", "ack")))


def init_reboot(lab: Lab, client: ScriptedClient) -> None:
    """INIT-REBOOT: option 50 and nothing else; the server knows the lease."""
    address = leased(lab, client)
    before = lab.counters()
    client.send(client.message("request", (REQUESTED_ADDRESS, socket.inet_aton(address))))
    check_equal(client.reply("ack")[1].yiaddr, address, "acknowledged address")
    check_exchange(lab, "request", "ack")
    lab.expect_moved(before, relayed(lab, ("request", "ack")))


def nak(lab: Lab, client: ScriptedClient) -> None:
    """INIT-REBOOT with an address of another network: NAK, and by broadcast (E-8)."""
    client.new_exchange()
    before = lab.counters()
    client.send(client.message("request", (REQUESTED_ADDRESS, socket.inet_aton("10.9.9.9"))))
    datagram, _ = client.reply("nak")
    check_equal(datagram.destination, "255.255.255.255", "destination of the NAK")
    check_exchange(lab, "request", "nak")
    lab.expect_moved(before, relayed(lab, ("request", "nak")))


def decline(lab: Lab, client: ScriptedClient) -> None:
    """A declined address reaches the server, which offers another one then."""
    address = leased(lab, client)
    before = lab.counters()
    server_id = (SERVER_ID, socket.inet_aton(plan.SERVER_V4))
    client.send(
        client.message("decline", (REQUESTED_ADDRESS, socket.inet_aton(address)), server_id)
    )
    wait_until("DECLINE at the server", lambda: seen(lab, "server"))
    check_exchange(lab, "decline")
    lab.expect_moved(before, relayed(lab, ("decline",)))
    check(leased(lab, client) != address, f"{address} was declined and is leased again")


def inform(lab: Lab, client: ScriptedClient) -> None:
    """INFORM reaches the server; where its answer goes is the server's own affair (E-9)."""
    address = leased(lab, client)
    service.give(lab.at, address)
    before = lab.counters()
    client.send(client.message("inform", ciaddr=address), source=address)
    links = INFORM_ANSWERS.get((lab.spec.server, lab.spec.far), BY_SERVICE)
    if links == RELAYED:
        _, ack = client.reply("ack")
        check_equal(ack.ciaddr, address, "ciaddr of the answer")
        check_exchange(lab, "inform", "ack")
        lab.expect_moved(before, relayed(lab, ("inform", "ack")))
        return
    lab.expect_moved(before, relayed(lab, ("inform",)))
    client.new_exchange()
    client.send(client.message("discover"))
    client.reply("offer")  # what the server had to say to INFORM has come before
    answers = [(name, one) for name in lab.captures for one in seen(lab, name) if one.kind == "ack"]
    check_equal({name for name, _ in answers}, set(links), "links with an answer")
    check(all(one.datagram.destination == address for _, one in answers), f"{answers}")
    check_no_icmp_errors(lab)


def broadcast_flag(lab: Lab, client: ScriptedClient) -> None:
    """With the B flag replies come by broadcast, without it to yiaddr and chaddr (E-7)."""
    for flags in (BROADCAST_FLAG, 0):
        client.new_exchange()
        lab.clear_captures()
        client.send(client.message("discover", flags=flags))
        _, offer = client.reply("offer")
        check_equal(offer.flags, flags, "flags of the offer")
        check(ipaddress.ip_address(offer.yiaddr) in ipaddress.ip_network(plan.POOL), offer.yiaddr)
        for reply in seen(lab, "client"):
            if reply.kind == "offer":
                check_delivery(lab, reply)
        check_exchange(lab, "discover", "offer")


EXCHANGES: dict[str, tuple[Exchange, tuple[str, ...]]] = {
    "rebind": (rebind, ("E-9", "R-CRA-8", "R-TRA-13")),
    "init-reboot": (init_reboot, ("R-CRA-8", "R-CRA-13")),
    "nak": (nak, ("E-8", "D-8", "D-22")),
    "decline": (decline, ("R-CRA-8", "R-TRA-9")),
    "inform": (inform, ("E-9",)),
    "broadcast-flag": (broadcast_flag, ("E-7", "E-12", "E-13")),
}


def run_exchange(lab: Lab, exchange: Exchange) -> None:
    with scripted_client(lab) as client:
        exchange(lab, client)


def register() -> None:
    for (cra, far), server, xdp in product(LINES, servers.KINDS, ("native", "off")):
        spec = LabSpec(xdp=xdp, cra=cra, far=far, server=server)
        for name, (exchange, ids) in EXCHANGES.items():
            ids_of_line = (*ids, "R-TSV-7") if far == "tsv" else ids
            case(f"{name}.{cra}.{far}.{server}.{xdp}", spec, ids_of_line)(
                lambda lab, exchange=exchange: run_exchange(lab, exchange)
            )


register()
