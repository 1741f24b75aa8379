# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A CRA and a TRA with a single device: what comes in by it leaves by it."""

from harness.registry import case
from lab import craft, plan
from lab.checks import check_equal
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.message import BOOTREPLY, BOOTREQUEST, RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.scripted import Port, ScriptedClient, answer, arrived
from lab.wire import Datagram

ONE_CRA_V6 = "2001:db8:c::1"
NEXT_HOP_V6 = "2001:db8:c::fe"
NEXT_HOP_MAC = "02:00:00:00:99:01"
ONE_TRA_V4 = "203.0.113.1"
ONE_SERVER_V4 = "203.0.113.2"
ONE_SERVER_MAC = "02:00:00:00:99:02"


def lcra(lab: Lab) -> None:
    """Clients and uplink on one link, as on a switch port."""
    cra = lab.at.cra
    cra.ip("addr", "add", f"{ONE_CRA_V6}/64", "dev", "eth1", "nodad")
    cra.ip("-6", "neigh", "replace", NEXT_HOP_V6, "lladdr", NEXT_HOP_MAC, "dev", "eth1")
    cra.ip("-6", "route", "replace", plan.TRA_PREFIX, "via", NEXT_HOP_V6, "dev", "eth1")
    lab.cra.run(
        *("attach", "lcra", CRA_NAME, "--client-dev", "eth1", "--uplink-dev", "eth1"),
        *("--upstream", plan.TRA_V6, "--xdp", lab.spec.xdp),
    )
    link = lab.captures["client"]
    with Port(lab.at.client) as port:
        client = ScriptedClient(port, link)
        client.send(client.message("discover"))
        datagram, request = _relayed(lab, "client", client.xid, version=6)
        check_equal(datagram.addresses, (ONE_CRA_V6, plan.TRA_V6, 67, 67), "addresses")
        check_equal(datagram.ether_destination, NEXT_HOP_MAC, "MAC address")
        check_equal(datagram.checksum, "good", "checksum")
        offer = answer(request, "offer", "198.51.100.203")
        reply = craft.to_cra(offer.build(), destination=ONE_CRA_V6)
        reply.src, reply.dst = NEXT_HOP_MAC, plan.CRA_CLIENT_MAC
        port.send(reply)
        datagram, _ = arrived(link, BOOTREPLY, client.xid, "offer", version=4)
        check_equal(datagram.ether_destination, plan.CLIENT_MAC, "MAC address to the client")
        check_equal(datagram.checksum, "good", "checksum to the client")


def tra(lab: Lab) -> None:
    """IPv6 network and server on one link: a TRA on a stick."""
    namespace = lab.at.tra
    namespace.ip("addr", "add", f"{ONE_TRA_V4}/24", "dev", "eth0")
    namespace.ip("neigh", "replace", ONE_SERVER_V4, "lladdr", ONE_SERVER_MAC, "dev", "eth0")
    lab.tra.run(
        *("attach", "tra", TRA_NAME, "--v6-dev", "eth0", "--v4-dev", "eth0"),
        *("--server", ONE_SERVER_V4, "--xdp", lab.spec.xdp),
    )
    request = Message(xid=0x1DE, hops=1, chaddr=b"\x02\0\0\0\0\7", options=((53, b"\x01"),))
    with Port(lab.at.ends["tra"]) as port:
        port.send(craft.to_tra(request.build()))
        datagram, at_server = _relayed(lab, "tra", request.xid, version=4)
        check_equal(datagram.addresses, (ONE_TRA_V4, ONE_SERVER_V4, 67, 67), "addresses")
        check_equal(datagram.ether_destination, ONE_SERVER_MAC, "MAC address")
        check_equal(datagram.checksum, "good", "checksum")
        agent = at_server.option(RELAY_AGENT_INFORMATION)
        check_equal(agent, cra6addr(plan.CRA_V6), "option 82")
        offer = answer(at_server, "offer", "203.0.113.99")
        reply = craft.from_server(offer.build(), source=ONE_SERVER_V4, destination=ONE_TRA_V4)
        reply.src, reply.dst = ONE_SERVER_MAC, plan.TRA_V6_MAC
        port.send(reply)
        datagram, offer = arrived(lab.captures["tra"], BOOTREPLY, request.xid, "offer", version=6)
        check_equal(datagram.addresses, (plan.TRA_V6, plan.CRA_V6, 67, 67), "addresses to the CRA")
        check_equal(datagram.checksum, "good", "checksum to the CRA")
        check_equal(offer.option(RELAY_AGENT_INFORMATION), None, "option 82 to the CRA")


def _relayed(lab: Lab, link: str, xid: int, version: int) -> tuple[Datagram, Message]:
    return arrived(lab.captures[link], BOOTREQUEST, xid, "discover", version=version)


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp, attached=False)
        case(f"one-device.lcra.{xdp}", spec, ("R-CRA-19",), own_lab=True)(lcra)
        case(f"one-device.tra.{xdp}", spec, ("R-TRA-1",), own_lab=True)(tra)


register()
