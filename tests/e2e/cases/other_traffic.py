# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Traffic that is not ours passes the devices under test bit for bit, and is not counted."""


from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from harness.registry import case
from lab import plan
from lab.checks import check_equal, relayed
from lab.lab import Lab, LabSpec
from lab.message import Message
from lab.netns import End
from lab.parley import parley
from lab.scripted import Port
from lab.waiting import wait_until

CLIENT_V6 = "2001:db8:c::2"
CLIENT_LINK_V6 = "2001:db8:c::1"
FAR_V6 = "2001:db8:ff::99"
FAR_V4 = "203.0.113.9"
PAYLOAD = bytes(range(256))
DHCP = Message(xid=7, chaddr=b"\x02\0\0\0\0\7", options=((53, b"\x01"),)).build()


def routed_ipv6() -> list[Packet]:
    """From the client link, for hosts beyond the CRA."""
    ether = Ether(src=plan.CLIENT_MAC, dst=plan.CRA_CLIENT_MAC)
    ip = IPv6(src=CLIENT_V6, dst=FAR_V6)
    return [
        ether / ip / UDP(sport=4000, dport=53) / PAYLOAD,
        ether / ip / UDP(sport=67, dport=67) / DHCP,
        ether / ip / UDP(sport=546, dport=547) / PAYLOAD,
        ether / ip / TCP(sport=4000, dport=80, flags="S"),
        ether / ip / TCP(sport=4000, dport=67, flags="PA") / PAYLOAD,
        ether / ip / ICMPv6EchoRequest(data=PAYLOAD),
    ]


def routed_ipv4() -> list[Packet]:
    """From the client link, through a CRA that is the link's IPv4 router too (E-10)."""
    ether = Ether(src=plan.CLIENT_MAC, dst=plan.CRA_CLIENT_MAC)
    ip = IP(src="192.0.2.50", dst=FAR_V4)
    return [
        ether / ip / UDP(sport=68, dport=67) / DHCP,
        ether / ip / UDP(sport=4000, dport=67) / PAYLOAD,
        ether / ip / UDP(sport=4000, dport=68) / PAYLOAD,
        ether / ip / UDP(sport=4000, dport=1067) / PAYLOAD,
        ether / ip / TCP(sport=4000, dport=67, flags="S"),
        ether / ip / ICMP() / Raw(PAYLOAD),
    ]


def after_ethernet(frame: bytes) -> bytes:
    """The packet, its hop limit and IPv4 header checksum left out."""
    ip = frame[14:]
    if ip[0] >> 4 == 6:
        return ip[:7] + ip[8:]
    return ip[:8] + ip[9:10] + ip[12:]


def crosses(lab: Lab, sender: End, link: str, frames: list[Packet]) -> None:
    """The frames arrive on the link in order, unchanged but for what a router changes."""
    before = lab.counters()
    wanted = [after_ethernet(bytes(frame)) for frame in frames]
    with Port(sender) as port:
        for frame in frames:
            port.send(frame)

    def arrived() -> bool:
        found = [after_ethernet(frame.data) for frame in lab.captures[link].frames()]
        return [packet for packet in found if packet in wanted] == wanted

    wait_until(f"{len(wanted)} packets on link {link}, in order and unchanged", arrived)
    lab.expect_moved(before, {})


def through_the_cra(lab: Lab) -> None:
    """IPv6 towards the uplink, IPv4 likewise, whatever the port."""
    lab.at.cra.ip("addr", "add", f"{CLIENT_LINK_V6}/64", "dev", "eth1", "nodad")
    lab.at.cra.ip("addr", "add", "203.0.113.1/24", "dev", "eth0")
    lab.at.cra.ip("neigh", "replace", FAR_V4, "lladdr", plan.ROUTER_CRA_MAC, "dev", "eth0")
    crosses(lab, lab.at.client, "cra", routed_ipv6())
    crosses(lab, lab.at.client, "cra", routed_ipv4())


def out_of_an_hcra(lab: Lab) -> None:
    """What an HCRA's host sends by other protocols, ports and addresses, leaves as it is."""
    ether = Ether(src=plan.CRA_UPLINK_MAC, dst=plan.ROUTER_CRA_MAC)
    frames = [*routed_ipv6(), *routed_ipv4()]
    for frame in frames:
        frame[Ether].src, frame[Ether].dst = ether.src, ether.dst
    broadcast = Ether(src=plan.CRA_UPLINK_MAC, dst=plan.BROADCAST_MAC)
    frames += [
        broadcast / IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=port) / DHCP
        for port in (68, 1067)
    ]
    crosses(lab, lab.at.client, "cra", frames)


def through_the_tra(lab: Lab) -> None:
    """IPv6 that the TRA routes on, and IPv4 from the server's side."""
    lab.at.tra.ip("addr", "add", "2001:db8:5::1/64", "dev", "eth1", "nodad")
    lab.at.tra.ip("neigh", "replace", "2001:db8:5::9", "lladdr", plan.SERVER_MAC, "dev", "eth1")
    ether = Ether(src=plan.ROUTER_TRA_MAC, dst=plan.TRA_V6_MAC)
    frames = routed_ipv6()
    for frame in frames:
        frame[Ether].src, frame[Ether].dst = ether.src, ether.dst
        frame[IPv6].dst = "2001:db8:5::9"
    crosses(lab, lab.at.ends["tra"], "server", frames)


def for_the_host_itself(lab: Lab) -> None:
    """The CRA and the TRA themselves answer, over IPv4 and IPv6."""
    before = lab.counters()
    lab.at.client.namespace.ip("addr", "add", "192.0.2.50/24", "dev", "c0")
    for namespace, address in (
        (lab.at.client.namespace, plan.CRA_V4),
        (lab.at.router, plan.CRA_V6),
        (lab.at.router, plan.TRA_V6),
        (lab.at.server.namespace, plan.TRA_V4),
    ):
        namespace.run("ping", "-n", "-c", "2", "-i", "0.1", "-s", "1300", "-W", "5", address)
    lab.expect_moved(before, {})


def client_broadcasts_to_other_ports(lab: Lab) -> None:
    """The very payload of a DISCOVER, broadcast to port 68 or 1067, is not ours (R-CRA-2)."""
    before = lab.counters()
    with Port(lab.at.client) as port:
        for destination_port in (68, 1067):
            port.send(
                Ether(src=plan.CLIENT_MAC, dst=plan.BROADCAST_MAC)
                / IP(src="0.0.0.0", dst="255.255.255.255")
                / UDP(sport=68, dport=destination_port)
                / DHCP
            )
    with parley(lab) as follow_up:
        follow_up.there_and_back()
    lab.expect_moved(before, relayed(lab, ("discover", "offer")))
    check_equal([f for f in lab.captures["cra"].frames() if DHCP in f.data], [], "on link cra")


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp, client_ipv4=True)
        for name, body, ids in (
            ("through-the-cra", through_the_cra, ("E-10", "R-CRA-3")),
            ("through-the-tra", through_the_tra, ("R-CRA-3",)),
            ("for-the-host-itself", for_the_host_itself, ("D-21",)),
            ("other-ports", client_broadcasts_to_other_ports, ("R-CRA-2",)),
        ):
            case(f"passes.{name}.{xdp}", spec, ids, own_lab=True)(body)
        case(f"passes.out-of-an-hcra.{xdp}", LabSpec(xdp=xdp, cra="hcra"), ("E-10", "E-43"))(
            out_of_an_hcra
        )


register()
