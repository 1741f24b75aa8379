# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A Client Relay Agent on the client's own host: whom it serves, and what it keeps off the link."""

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from harness.registry import case
from lab import bpffs, craft, plan
from lab.answers import FAILED, refused
from lab.capture import Capture
from lab.checks import (
    check,
    check_equal,
    check_exchange,
    expect_relayed,
    relayed,
    seen,
    take_lease,
)
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.message import BOOTREPLY, BROADCAST_FLAG, RELAY_AGENT_INFORMATION, Message
from lab.netns import End, connect, received
from lab.parley import YIADDR, parley, scripted_client
from lab.product import Dhcp46
from lab.scripted import Port, ScriptedClient, answer, arrived
from lab.waiting import wait_until
from lab.wire import udp_datagrams

FOREIGN_MAC = "02:00:00:00:f0:00"
SECOND_UPLINK_MAC, SECOND_ROUTER_MAC = "02:00:00:00:ca:02", "02:00:00:00:11:02"
SECOND_V6, SECOND_ROUTER_V6 = "2001:db8:a:2::1", "2001:db8:a:2::fe"
SO_BINDTODEVICE = 25


def foreign_host(lab: Lab) -> None:
    """Another host's DISCOVER on the link is not relayed, nor one to this host's MAC address."""
    before = lab.counters()
    link = lab.at.ends["cra"]
    message = Message(xid=0xF0, chaddr=bytes.fromhex(FOREIGN_MAC.replace(":", "")))
    request = replace(message, options=((53, b"\x01"),)).build()
    with Port(link) as port:
        port.send(craft.client_frame(request, ether_source=FOREIGN_MAC))
        port.send(
            craft.client_frame(
                request, ether_source=FOREIGN_MAC, ether_destination=plan.CRA_UPLINK_MAC
            )
        )
    with parley(lab) as talk:
        talk.there_and_back()
    sources = {one.ether_source for one in udp_datagrams(lab.captures["cra"].frames(), 67)}
    check_equal(len(seen(lab, "server")), 2, "messages at the server")
    check(FOREIGN_MAC in sources, "the foreign host's DISCOVER was not seen")
    check_equal(len(seen(lab, "cra")), 4, "messages on the link")
    own = relayed(lab, ("discover", "offer"))
    lab.expect_moved(before, {**own, "cra.eth0.passed.other_host": 2})


def foreign_chaddr(lab: Lab) -> None:
    """A reply for another host's chaddr is dropped, and never put on the wire."""
    chaddr = bytes.fromhex(FOREIGN_MAC.replace(":", ""))
    offer = Message(op=BOOTREPLY, xid=0xF1, chaddr=chaddr, yiaddr=YIADDR, options=((53, b"\x02"),))
    before = lab.counters()
    with Port(lab.at.ends["cra"]) as router:
        for flags in (0, BROADCAST_FLAG):
            router.send(craft.to_cra(replace(offer, flags=flags).build()))
    lab.expect_moved(before, {"cra.eth0.dropped.foreign_chaddr": 2})
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(len(seen(lab, "client")), 1, "replies that came up to the host")
    on_link = udp_datagrams(lab.captures["cra"].frames(), 67, 68)
    check_equal([one for one in on_link if one.version == 4], [], "IPv4 on the link")


def no_double_relay(lab: Lab) -> None:
    """An LCRA on the link relays nothing of a host that has an HCRA (R-CRA-20)."""
    with ExitStack() as stack:
        root = bpffs.mount(stack, lab.work / "bpffs-router")
        lcra = Dhcp46(lab.workspace.binary, lab.at.router, root)
        lcra.run(
            *("attach", "lcra", "onlink", "--client-dev", "r0", "--uplink-dev", "r1"),
            *("--source", plan.ROUTER_TRA_V6, "--upstream", plan.TRA_V6, "--xdp", "off"),
        )
        stack.callback(lcra.run, "detach", "--all")
        before = lab.counters()
        take_lease(lab, "udhcpc")
        exchange = ("discover", "offer", "request", "ack")
        check_exchange(lab, *exchange)
        expect_relayed(lab, before, *exchange)
        devices = lcra.json("stats")["instances"][0]["devices"]
        check_equal([device["relayed"] for device in devices], [{}, {}], "relayed by the LCRA")


@contextmanager
def second_link(lab: Lab) -> Iterator[tuple[End, End]]:
    """The host has another device, with an address and a router of its own.

    What has that address as source goes there, as a host with two uplinks has it (RFC 8028): the
    kernel looks for the way of what an HCRA sends by its source, not by the device.
    """
    host, router = End(lab.at.cra, "eth2"), End(lab.at.router, "r2")
    connect(host, SECOND_UPLINK_MAC, router, SECOND_ROUTER_MAC)
    router.namespace.ip("link", "set", "r2", "up")
    router.namespace.ip("addr", "add", f"{SECOND_ROUTER_V6}/64", "dev", "r2", "nodad")
    host.namespace.ip("link", "set", "eth2", "up")
    host.namespace.ip("addr", "add", f"{SECOND_V6}/64", "dev", "eth2", "nodad")
    table = ("table", "46")
    host.namespace.ip("-6", "rule", "add", "from", SECOND_V6, *table)
    host.namespace.ip("-6", "route", "add", "default", "via", SECOND_ROUTER_V6, *table)
    if lab.spec.xdp == "native":
        program = str(lab.workspace.pass_program)
        router.namespace.ip("link", "set", "dev", "r2", "xdpdrv", "obj", program, "sec", "xdp")
    for namespace in (host.namespace, router.namespace):
        namespace.settle()
    yield host, router


def two_links(lab: Lab) -> None:
    """Two instances on two links: each has its own source, and neither's packets cross over."""
    with ExitStack() as stack:
        host, router = stack.enter_context(second_link(lab))
        lab.cra.run(
            *("attach", "hcra", "second", "--dev", "eth2", "--upstream", plan.TRA_V6),
            *("--xdp", lab.spec.xdp),
        )
        links = {"eth0": lab.captures["cra"], "eth2": Capture(router)}
        heard = {"eth0": lab.captures["client"], "eth2": Capture(host, only_ipv4=True)}
        stack.callback(links["eth2"].close)
        stack.callback(heard["eth2"].close)
        for device, source, gateway_mac, other in (
            ("eth0", plan.CRA_V6, plan.ROUTER_CRA_MAC, "eth2"),
            ("eth2", SECOND_V6, SECOND_ROUTER_MAC, "eth0"),
        ):
            end = End(lab.at.cra, device)
            port = stack.enter_context(Port(end))
            client = ScriptedClient(port, heard[device], end.mac)
            client.send(client.message("discover"))
            datagram, request = arrived(links[device], 1, client.xid, "discover", version=6)
            check_equal(datagram.source, source, f"source of the request by {device}")
            offer = answer(request, "offer", YIADDR).without(RELAY_AGENT_INFORMATION)
            frame = craft.to_cra(offer.build(), destination=source)
            frame.src, frame.dst = gateway_mac, end.mac
            far = router if device == "eth2" else lab.at.ends["cra"]
            stack.enter_context(Port(far)).send(frame)
            client.reply("offer")
            for capture in (links[other], heard[other]):
                xids = [one.payload[4:8] for one in udp_datagrams(capture.frames(), 67, 68)]
                check(client.xid.to_bytes(4, "big") not in xids, f"crossed over to {capture.name}")


def udp_client(lab: Lab) -> None:
    """A client on a UDP socket, without an address: its broadcast is relayed, and it is answered.

    Its checksum is left to the device, and the reply has to pass the host's checks of addresses.
    """
    host, device = lab.at.client.namespace, lab.at.client.device
    host.set_sysctl("net.ipv4.conf.all.rp_filter", 2)
    mac = bytes.fromhex(lab.at.client.mac.replace(":", ""))
    discover = Message(xid=0x0DD, flags=BROADCAST_FLAG, chaddr=mac, options=((53, b"\x01"),))
    with host.udp_socket(socket.AF_INET, 68) as client, Port(lab.at.server) as server:
        client.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode() + b"\0")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        before = lab.counters()
        client.sendto(discover.build(), ("255.255.255.255", 67))
        _, request = arrived(lab.captures["server"], 1, discover.xid, "discover")
        frame = craft.from_server(answer(request, "offer", YIADDR).build())
        server.send(frame)
        reply = wait_until("the OFFER at the UDP socket", lambda: received(client))
        check_equal(Message.parse(reply).yiaddr, YIADDR, "offered address")
    check_exchange(lab, "discover", "offer")
    expect_relayed(lab, before, "discover", "offer")


def one_per_link(lab: Lab) -> None:
    """The clients of a link have one instance, hcra or lcra: a second is refused, by name."""
    upstream = ("--upstream", plan.TRA_V6)
    hcra = ("attach", "hcra", "second", "--dev", "eth0", *upstream)
    lcra = ("attach", "lcra", "second", "--client-dev", "eth0", *upstream)
    for arguments in (hcra, lcra):
        refused(lab.cra, FAILED, *arguments, mentions=CRA_NAME)
    check_equal(len(lab.cra.json("status")["instances"]), 1, "instances")
    with scripted_client(lab) as client:
        client.send(client.message("discover"))
        arrived(lab.captures["server"], 1, client.xid, "discover")


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp, cra="hcra")
        for name, body, ids, own_lab in (
            ("foreign-host", foreign_host, ("R-CRA-18",), False),
            ("foreign-chaddr", foreign_chaddr, ("R-CRA-18",), False),
            ("one-per-link", one_per_link, ("R-CRA-21",), False),
            ("udp-client", udp_client, ("R-CRA-23", "R-CRA-25", "E-12", "E-25", "E-43"), True),
            ("two-links", two_links, ("R-CRA-21", "R-CRA-23"), True),
        ):
            case(f"hcra.{name}.{xdp}", spec, ids, own_lab=own_lab)(body)
        case(f"lcra.udp-client.{xdp}", LabSpec(xdp=xdp), ("R-CRA-25", "E-12"), own_lab=True)(
            udp_client
        )
    served = LabSpec(xdp="off", cra="hcra", server="kea-udp")
    case("hcra.no-double-relay", served, ("R-CRA-20",))(no_double_relay)


register()
