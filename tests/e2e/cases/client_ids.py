# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Appendix B: several addresses through one CRA, told apart by client identifiers (RFC 4361)."""

import socket
from itertools import product

from harness.registry import case
from lab import servers
from lab.checks import check_equal, seen
from lab.lab import LINES, Lab, LabSpec
from lab.message import BOOTREQUEST, CLIENT_ID, REQUESTED_ADDRESS, SERVER_ID, Message
from lab.parley import scripted_client
from lab.scripted import ScriptedClient
from lab.waiting import wait_until

ENDPOINTS = 8
DUID = b"\0\4" + bytes(range(16))  # DUID-UUID (RFC 6355)
# Kea takes client identifiers of 128 octets at most, and leaves longer ones unanswered.
LONGEST = {"kea-raw": 128, "kea-udp": 128}
WITHOUT_ECHO = ("dnsmasq",)  # and no relay adds the option in its place (E-50)

# The maximum message size. In 576 octets dnsmasq has no room for option 82 beside a long identifier,
# and does not echo it.
ROOM = (57, (1472).to_bytes(2, "big"))

IDS = (*(f"R-MULTI-{n}" for n in range(1, 10)), "E-50", "R-CRA-8", "R-CRA-13")


def client_id(number: int, length: int | None = None) -> bytes:
    """255, IAID, DUID; with a length, a DUID that fills it."""
    head = b"\xff" + number.to_bytes(4, "big") + DUID
    return head if length is None else head.ljust(length, b"\x5a")


def client_ids(server: str) -> list[bytes]:
    ids = [client_id(number) for number in range(ENDPOINTS - 1)]
    return [*ids, client_id(ENDPOINTS - 1, LONGEST.get(server, 255))]


def leases(lab: Lab) -> None:
    """Eight state machines on one MAC address, their exchanges interleaved: eight leases."""
    ids = client_ids(lab.spec.server or "")
    leased: dict[bytes, str] = {}
    with scripted_client(lab) as client:
        for _ in range(ENDPOINTS):  # dnsmasq offers one address to several, and one gets it
            without = [identity for identity in ids if identity not in leased]
            leased |= take_leases(lab, client, without)
            if len(leased) == len(ids):
                break
    check_equal(len(leased), ENDPOINTS, "leases")
    check_equal(len(set(leased.values())), ENDPOINTS, "different addresses")


def take_leases(lab: Lab, client: ScriptedClient, ids: list[bytes]) -> dict[bytes, str]:
    """The leases of those that were not refused; each answer is told by xid, and has its id."""
    xids: dict[int, bytes] = {}
    for identity in ids:
        client.new_exchange()
        xids[client.xid] = identity
        client.send(client.message("discover", (CLIENT_ID, identity), ROOM))
    for xid, offer in answers(lab, xids, "offer").items():
        client.xid = xid
        client.send(request(client, xids[xid], offer))
    last = answers(lab, xids, "ack", "nak")
    heard = [one.message for one in seen(lab, "server") if one.message.op == BOOTREQUEST]
    found = [one.option(CLIENT_ID) for one in heard if one.xid in xids]
    check_equal(found, ids * 2, "identifiers in what the server heard")
    return {xids[xid]: ack.yiaddr for xid, ack in last.items() if ack.type == "ack"}


def request(client: ScriptedClient, identity: bytes, offer: Message) -> Message:
    return client.message(
        "request",
        (CLIENT_ID, identity),
        (REQUESTED_ADDRESS, socket.inet_aton(offer.yiaddr)),
        (SERVER_ID, offer.option(SERVER_ID) or b""),
        ROOM,
    )


def answers(lab: Lab, xids: dict[int, bytes], *kinds: str) -> dict[int, Message]:
    """The answers that the client heard, by xid, once all are there."""

    def found() -> dict[int, Message]:
        heard = [one.message for one in seen(lab, "client") if one.kind in kinds]
        by_xid = {message.xid: message for message in heard if message.xid in xids}
        return by_xid if len(by_xid) == len(xids) else {}

    by_xid = wait_until(f"{len(xids)} times {' or '.join(kinds)} at the client", found, 5)
    for xid, message in by_xid.items():
        wanted = None if lab.spec.server in WITHOUT_ECHO else xids[xid]
        check_equal(message.option(CLIENT_ID), wanted, "identifier in the answer (RFC 6842)")
    return by_xid


def register() -> None:
    for (cra, far), server, xdp in product(LINES, servers.KINDS, ("native", "off")):
        spec = LabSpec(xdp=xdp, cra=cra, far=far, server=server)
        case(f"client-ids.{cra}.{far}.{server}.{xdp}", spec, IDS)(leases)


register()
