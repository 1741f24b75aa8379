# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A thousand queries on their way at once: each answer goes to the source of its own query."""

import random

from harness.registry import case
from lab import craft, plan
from lab.checks import check_equal
from lab.lab import LINES, Lab, LabSpec
from lab.message import BOOTREPLY, BROADCAST_FLAG, MESSAGE_TYPE, Message
from lab.scripted import Port, answer
from lab.waiting import wait_until
from lab.wire import Datagram, udp_datagrams

QUERIES = 1000
FIRST_XID = 0x1E000000
SOURCES = "2001:db8:a::1:0/112"


def source_of(number: int) -> str:
    return f"2001:db8:a::1:{number:x}"


def port_of(number: int) -> int:
    """Some send from another port than 67 (E-35)."""
    return 40000 if number % 3 else 67


def query(number: int) -> Message:
    """All of one MAC address, with and without giaddr, B flag and ciaddr (R-TSV-4)."""
    return Message(
        xid=FIRST_XID + number % 500,  # each xid twice
        hops=1,
        chaddr=b"\x02\0\0\0\0\7",
        flags=BROADCAST_FLAG if number % 2 else 0,
        ciaddr="198.51.100.200" if number % 5 == 0 else "0.0.0.0",
        options=((MESSAGE_TYPE, b"\x01"), (61, number.to_bytes(4, "big"))),
    )


def of_number(found: list[Datagram], op: int) -> dict[int, tuple[Datagram, Message]]:
    """The messages by the number in their client identifier."""
    by_number = {}
    for datagram in found:
        message = Message.parse(datagram.payload)
        if message.op == op:
            by_number[int.from_bytes(message.option(61) or b"", "big")] = (datagram, message)
    return by_number


def reply_to(number: int, request: Message) -> Message:
    kind = "nak" if number % 7 == 0 else "offer"
    yiaddr = "0.0.0.0" if kind == "nak" else f"198.51.100.{1 + number % 250}"
    reply = answer(request, kind, yiaddr)
    return Message(**{**vars(reply), "options": (*reply.options, (61, request.option(61) or b""))})


def interleaved(lab: Lab) -> None:
    # Nobody has these addresses, and the router is not to say so.
    lab.at.router.ip("-6", "route", "replace", "blackhole", SOURCES)
    before = lab.counters()
    numbers = list(range(QUERIES))
    with Port(lab.at.ends["tra"]) as router, Port(lab.at.server) as server:
        for number in numbers:
            frame = craft.to_tra(query(number).build(), source_of(number))
            frame["UDP"].sport = port_of(number)
            router.send(frame)
        requests = wait_until("the queries at the server", lambda: _complete(lab, "server", 1))
        random.Random(46).shuffle(numbers)
        macs = (lab.at.server.mac, lab.at.relay.mac)
        for number in numbers:
            frame = craft.from_server(reply_to(number, requests[number][1]).build())
            frame.src, frame.dst = macs
            server.send(frame)
        answers = wait_until("the answers", lambda: _complete(lab, "tra", BOOTREPLY))
    for number in range(QUERIES):
        datagram, message = answers[number]
        wanted = (plan.TRA_V6, source_of(number), 67, 67)
        check_equal(datagram.addresses, wanted, f"addresses of answer {number} (R-TSV-4, 5)")
        check_equal(message.xid, query(number).xid, f"xid of answer {number}")
        check_equal(datagram.checksum, "good", f"checksum of answer {number}")
    naks = sum(number % 7 == 0 for number in range(QUERIES))
    server_side = f"tra.{lab.at.relay.device}.relayed"
    lab.expect_moved(
        before,
        {
            f"tra.eth0.relayed.discover.{lab.tier}": QUERIES,
            f"{server_side}.offer.{lab.tier}": QUERIES - naks,
            f"{server_side}.nak.{lab.tier}": naks,
        },
    )


def _complete(lab: Lab, link: str, op: int) -> dict[int, tuple[Datagram, Message]]:
    found = of_number(udp_datagrams(lab.captures[link].frames(), 67), op)
    return found if len(found) == QUERIES else {}


def register() -> None:
    for far in dict.fromkeys(far for _, far in LINES):
        for xdp in ("native", "off"):
            ids = ("R-TSV-3", "R-TSV-4", "R-TSV-5", "R-TRA-13", "R-TRA-14", "D-20", "E-35")
            case(f"interleaved.{far}.{xdp}", LabSpec(xdp=xdp, far=far), ids)(interleaved)


register()
