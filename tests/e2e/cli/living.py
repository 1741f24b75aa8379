# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 run, while the network changes under a stream of numbered requests."""

import time

from harness.registry import case
from lab import plan
from lab.checks import check, check_equal
from lab.controller import controller
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.message import BOOTREPLY, BOOTREQUEST, Message
from lab.netns import End
from lab.parley import Parley, parley
from lab.scripted import Port, ScriptedClient, arrived
from lab.stream import Stream
from lab.waiting import wait_until
from lab.wire import Datagram, udp_datagrams

NEXT_SOURCES = tuple(f"{plan.CRA_V6.rsplit(':', 1)[0]}:{number}" for number in (51, 52, 53))
SOME = 24  # replies
LEAST_PER_SECOND = 30  # of some 450 on a quiet machine


def client_device(lab: Lab) -> dict[str, object]:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return next(device for device in devices if device["side"] == "client")


def renumbered_under_load(lab: Lab) -> None:
    """R-CRA-7: each request arrives once, whichever address it leaves from; and so do replies to
    some of them, also to addresses that are the source no more."""
    before = [plan.CRA_V6, *NEXT_SOURCES]
    with controller(lab), Stream(lab) as stream:
        began = time.monotonic()
        for old, new in zip(before, NEXT_SOURCES):
            stream.wait_for_some()
            lab.at.cra.ip("addr", "add", f"{new}/64", "dev", "eth0", "nodad")
            lab.at.cra.ip("addr", "change", f"{old}/64", "dev", "eth0", "preferred_lft", "0")
            changed = time.monotonic()
            wait_until("the new source", lambda: client_device(lab)["source"] == new)  # noqa: B023
            check(time.monotonic() - changed < 5, "the maps do not follow")
        stream.wait_for_some()
        seconds = time.monotonic() - began
    requests = stream.arrived("server")
    print(f"        {stream.sent} requests in {seconds:.1f} s", flush=True)
    check(stream.sent >= LEAST_PER_SECOND * seconds, f"{stream.sent} in {seconds:.1f} s is no load")
    left_from = {one.source for one in stream.seen("cra", plan.TRA_V6)}
    check_equal(left_from, set(before), "sources of the requests")
    with parley(lab) as talk:
        answer_all(lab, talk, requests[:: len(requests) // SOME])


def answer_all(lab: Lab, talk: Parley, requests: list[Datagram]) -> None:
    for request in requests:
        talk.answer(Message.parse(request.payload))
    wait_until("all replies at the client", lambda: len(replies(lab)) >= len(requests))
    check_equal(sorted(replies(lab)), [xid_of(request) for request in requests], "replies")


def xid_of(datagram: Datagram) -> int:
    return int.from_bytes(datagram.payload[4:8], "big")


def replies(lab: Lab) -> list[int]:
    """Their xids."""
    datagrams = udp_datagrams(lab.captures["client"].frames(), 68)
    return [xid_of(one) for one in datagrams if one.payload[0] == BOOTREPLY]


def another_mac(lab: Lab) -> None:
    """The client device gets another MAC address: replies leave from it."""
    mac = "02:00:00:00:46:46"
    with controller(lab), parley(lab) as talk:
        early = talk.ask()
        lab.at.cra.ip("link", "set", "eth1", "address", mac)
        wait_until("the new MAC address", lambda: client_device(lab)["mac"] == mac)
        talk.answer(early)
        check_equal(talk.client.reply("offer")[0].ether_source, mac, "source of the reply")
        talk.there_and_back()


def made_again(lab: Lab) -> None:
    """The client device is deleted and made again: who is behind it then is served."""
    lab.at.cra.ip("link", "del", "eth1")
    with controller(lab) as running, Port(lab.at.server) as server_port:
        running.wait_for("waiting")
        lab.at.cra.ip("link", "add", "eth1", "type", "veth", "peer", "name", "far")
        lab.at.cra.ip_batch("link set far up", "link set eth1 up")
        running.wait_for("ready")
        far = End(lab.at.cra, "far")
        lab.capture("client", far)
        with Port(far) as port:
            client = ScriptedClient(port, lab.captures["client"])
            client.send(client.message("discover"))
            request = arrived(lab.captures["server"], BOOTREQUEST, client.xid, "discover")[1]
            Parley(lab, client, server_port).answer(request)
            client.reply("offer")


def register() -> None:
    for name, spec, ids, body in (
        ("renumbered-under-load", LabSpec(), ("R-CRA-7",), renumbered_under_load),
        ("another-mac", LabSpec(), (), another_mac),
        ("made-again", LabSpec(xdp="off"), (), made_again),
    ):
        case(f"cli.living.{name}", spec, ids, own_lab=True)(body)


register()
