# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The frames that are measured: a message of 300 octets with 15 options on each of the four ways,
and frames that are not ours."""

import socket
import struct
from dataclasses import dataclass

from lab.message import BOOTREPLY, BOOTREQUEST, RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.wire import UDP as UDP_PROTOCOL
from lab.wire import internet_sum
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from . import relay

XID = 0x46000001
CHADDR = bytes.fromhex("020000000c00")
OPTIONS = 15
LEASED = "198.51.100.130"


@dataclass(frozen=True)
class Way:
    """One of the four ways through a relay."""

    name: str
    device: str  # where the frame comes in
    out: str  # where it leaves
    frame: bytes
    question: bytes | None  # struct bpf_fib_lookup of its route, if it leaves by route


def ways() -> tuple[Way, ...]:
    return (
        Way("CRA request", "c0", "u0", _cra_request(),
            _question(socket.AF_INET6, relay.CRA_V6, relay.UPSTREAM_V6, 362)),
        Way("CRA reply", "u0", "c0", _cra_reply(), None),
        Way("TRA request", "v0", "s0", _tra_request(),
            _question(socket.AF_INET, relay.TRA_V4, relay.SERVER_V4, 342)),
        Way("TRA reply", "s0", "v0", _tra_reply(),
            _question(socket.AF_INET6, relay.TRA_V6, relay.FAR_CRA_V6, 362)),
    )


def unfinished(frame: bytes) -> bytes:
    """The frame as a sender with checksum offload leaves it: the field holds the sum of the
    pseudo-header."""
    if frame[12:14] == b"\x08\x00":
        addresses, udp = frame[26:34], 34
    else:
        addresses, udp = frame[22:54], 54
    (length,) = struct.unpack_from("!H", frame, udp + 4)
    partial = internet_sum(addresses + struct.pack("!II", length, UDP_PROTOCOL))
    return frame[: udp + 6] + struct.pack("!H", partial) + frame[udp + 8 :]


def foreign() -> dict[str, bytes]:
    """Frames that have nothing to do with DHCP, as they come in on the client link."""
    own, neighbour = relay.MACS["c0"]
    ether = Ether(dst=own, src=neighbour)
    ipv4 = ether / IP(src="192.0.2.2", dst="192.0.2.1")
    ipv6 = ether / IPv6(src="2001:db8:1::2", dst="2001:db8:1::1")
    return {
        "TCP over IPv4": bytes(ipv4 / TCP(sport=40000, dport=443) / bytes(500)),
        "TCP over IPv6": bytes(ipv6 / TCP(sport=40000, dport=443) / bytes(500)),
        "ARP": bytes(ether / ARP(psrc="192.0.2.2", pdst="192.0.2.1")).ljust(60, b"\0"),
        "UDP over IPv4": bytes(ipv4 / UDP(sport=40000, dport=53) / bytes(50)),
        "DHCP to another host": bytes(ipv4 / UDP(sport=68, dport=67) / _request()),
    }


def _fillers(count: int, longer: int) -> tuple[tuple[int, bytes], ...]:
    """The shortest options there can be: without a value, but for `longer` of them."""
    return tuple((200 + i, b"\x01" if i < longer else b"") for i in range(count))


def _build(message: Message) -> bytes:
    data = message.build()
    if len(message.options) != OPTIONS or len(data) != 300:
        raise AssertionError(f"{len(message.options)} options in {len(data)} octets")
    return data


def _request() -> bytes:
    """A DISCOVER that ends with 20 octets of padding, just enough for option 82."""
    options = ((53, b"\x01"), *_fillers(14, longer=8))
    return _build(Message(op=BOOTREQUEST, xid=XID, chaddr=CHADDR, options=options))


def _reply(giaddr: str, *last: tuple[int, bytes]) -> bytes:
    """An OFFER."""
    first = (53, b"\x02"), (54, socket.inet_aton(relay.SERVER_V4)), (51, bytes(4))
    fillers = _fillers(OPTIONS - len(first) - len(last), longer=2)
    return _build(
        Message(
            op=BOOTREPLY,
            xid=XID,
            chaddr=CHADDR,
            yiaddr=LEASED,
            giaddr=giaddr,
            options=(*first, *fillers, *last),
        )
    )


def _ether(device: str) -> Packet:
    own, far = relay.MACS[device]
    return Ether(dst=own, src=far)


def _cra_request() -> bytes:
    ether = Ether(dst="ff:ff:ff:ff:ff:ff", src=relay.MACS["c0"][1])
    ip = IP(src="0.0.0.0", dst="255.255.255.255")
    return bytes(ether / ip / UDP(sport=68, dport=67) / _request())


def _cra_reply() -> bytes:
    ip = IPv6(src=relay.UPSTREAM_V6, dst=relay.CRA_V6)
    return bytes(_ether("u0") / ip / UDP(sport=67, dport=67) / _reply(relay.TRA_V4))


def _tra_request() -> bytes:
    ip = IPv6(src=relay.FAR_CRA_V6, dst=relay.TRA_V6)
    return bytes(_ether("v0") / ip / UDP(sport=67, dport=67) / _request())


def _tra_reply() -> bytes:
    ip = IP(src=relay.SERVER_V4, dst=relay.TRA_V4)
    option82 = (RELAY_AGENT_INFORMATION, cra6addr(relay.FAR_CRA_V6))
    return bytes(_ether("s0") / ip / UDP(sport=67, dport=67) / _reply(relay.TRA_V4, option82))


def _question(family: int, source: str, destination: str, frame_length: int) -> bytes:
    """struct bpf_fib_lookup, but for the device."""
    addresses = (socket.inet_pton(family, address) for address in (source, destination))
    ports = struct.pack("!HH", 67, 67)
    head = struct.pack("=BB4sHI4x", family, UDP_PROTOCOL, ports, frame_length - 14, 0)
    return head + b"".join(address.ljust(16, b"\0") for address in addresses) + bytes(16)
