# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What the kernel programs leave to a controller or to the stack, with no controller running."""

import socket
from dataclasses import dataclass

from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet

from harness.registry import case
from lab import craft, plan
from lab.checks import check_equal, check_no_icmp_errors
from lab.counters import Counters
from lab.lab import Lab, LabSpec
from lab.message import RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.netns import received
from lab.parley import parley
from lab.scripted import Port
from lab.wire import udp_datagrams

CHADDR = bytes.fromhex(plan.CLIENT_MAC.replace(":", ""))
REQUEST = Message(xid=0xBAD, chaddr=CHADDR, options=((53, b"\x01"),))
MANY = tuple((224, b"\x01") for _ in range(65))
MINIMUM_MTU = 1280
OTHER_STATION = "02:00:00:00:77:77"


@dataclass(frozen=True)
class Left:
    name: str
    link: str
    frames: list[Packet]
    moved: Counters
    ids: tuple[str, ...]
    heard: bool = False  # by a socket on the TRA's own port 67


def cases() -> list[Left]:
    return [
        Left("vlan-tagged", "client", [_tagged(craft.client_frame(REQUEST.build()))],
             {"cra.eth1.passed.vlan_tagged": 1}, ("E-31",)),
        Left("ipv4-fragments", "client", _fragments(),
             {"cra.eth1.passed.ipv4_fragment": 2}, ("E-29",)),
        Left("other-station", "client",
             [craft.client_frame(REQUEST.build(), ether_destination=OTHER_STATION)],
             {}, ("D-16",)),
        Left("reply-on-client-link", "client", [craft.client_frame(_reply().build())],
             {"cra.eth1.passed.op_not_request": 1}, ("E-36",)),
        Left("extension-header", "cra", [_to_cra_behind(IPv6ExtHdrDestOpt())],
             {"cra.eth0.dropped.ipv6_ext_header": 1}, ("D-17",)),
        Left("ipv6-fragment", "cra", [_to_cra_behind(IPv6ExtHdrFragment())],
             {"cra.eth0.dropped.ipv6_fragment": 1}, ("D-17",)),
        Left("many-options", "tra", [craft.to_tra(_with_many().build())],
             {"tra.eth0.dropped.no_controller": 1}, ("D-13", "D-14")),
        Left("split-option-82", "server", [craft.from_server(_split().build())],
             {"tra.eth1.dropped.no_controller": 1}, ("D-6", "D-14")),
        Left("request-on-server-link", "server", [craft.from_server(REQUEST.build())],
             {"tra.eth1.passed.op_not_reply": 1}, ("R-TRA-3", "D-7"), heard=True),
        Left("other-giaddr", "server", [craft.from_server(_reply(giaddr="192.0.2.77").build())],
             {"tra.eth1.passed.other_giaddr": 1}, ("D-7",), heard=True),
    ]


def _reply(giaddr: str = plan.TRA_V4, agent: tuple[tuple[int, bytes], ...] = ()) -> Message:
    return Message(
        op=2,
        xid=0xBAD,
        yiaddr="198.51.100.200",
        giaddr=giaddr,
        chaddr=CHADDR,
        options=((53, b"\x02"), *agent),
    )


def _split() -> Message:
    whole = cra6addr(plan.CRA_V6)
    pieces = tuple((RELAY_AGENT_INFORMATION, piece) for piece in (whole[:9], whole[9:]))
    return _reply(agent=pieces)


def _with_many() -> Message:
    return Message(xid=0xBAD, hops=1, chaddr=CHADDR, options=(*REQUEST.options, *MANY))


def _tagged(frame: Packet) -> Packet:
    return Ether(src=frame.src, dst=frame.dst) / Dot1Q(vlan=7) / frame.payload


def _fragments() -> list[Packet]:
    frame = craft.client_frame(REQUEST.build())
    ether = Ether(src=frame.src, dst=frame.dst)
    return [ether / part for part in fragment(frame[IP], 160)]


def _to_cra_behind(header: Packet) -> Packet:
    """A reply to the CRA with an extension header before UDP."""
    frame = craft.to_cra(_reply().build())
    ip = frame[IPv6]
    bare = IPv6(src=ip.src, dst=ip.dst)
    return Ether(src=frame.src, dst=frame.dst) / bare / header / frame[UDP]


def goes_no_further(lab: Lab, left: Left) -> None:
    before = lab.counters()
    # A DHCP server's socket on the TRA's host: the stack has somebody to deliver to.
    listener = lab.at.tra.udp_socket(socket.AF_INET)
    with Port(lab.at.ends[left.link]) as port, listener:
        for frame in left.frames:
            port.send(frame)
        lab.expect_moved(before, left.moved)
        count = sum(1 for _ in iter(lambda: received(listener), b""))
        check_equal(count, int(left.heard), "messages that the TRA's host got")
    with parley(lab) as follow_up:
        follow_up.there_and_back()
    for link, capture in lab.captures.items():
        payloads = [datagram.payload for datagram in udp_datagrams(capture.frames(), 67)]
        strays = [payload for payload in payloads if payload[4:8] == b"\0\0\x0b\xad"]
        if link != left.link:
            check_equal(len(strays), 0, f"packets of this test on link {link}")
    check_no_icmp_errors(lab)


def too_big(lab: Lab) -> None:
    """A message that does not fit the uplink's MTU is neither cut nor fragmented."""
    lab.at.cra.ip("link", "set", "dev", "eth0", "mtu", str(MINIMUM_MTU))
    lab.attach_cra()
    largest = MINIMUM_MTU - 40 - 8
    with Port(lab.at.client) as port:
        before = lab.counters()
        port.send(craft.client_frame(REQUEST.build(minimum=largest + 1)))
        lab.expect_moved(before, {"cra.eth1.dropped.no_controller": 1})
        before = lab.counters()
        port.send(craft.client_frame(REQUEST.build(minimum=largest)))
        fits = {"cra.eth1": "discover", "tra.eth0": "discover"}
        lab.expect_moved(before, {f"{d}.relayed.{k}.{lab.tier}": 1 for d, k in fits.items()})


def register() -> None:
    for xdp in ("native", "off"):
        for left in cases():
            case(f"left.{left.name}.{xdp}", LabSpec(xdp=xdp), left.ids)(
                lambda lab, left=left: goes_no_further(lab, left)
            )
        case(f"left.too-big.{xdp}", LabSpec(xdp=xdp), ("D-14",), own_lab=True)(too_big)


register()
