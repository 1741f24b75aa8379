# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The frames that are measured: a message of 300 octets with 15 options on each way, and frames
that are not ours."""

import socket
import struct
from dataclasses import dataclass

from lab.message import BOOTREPLY, BOOTREQUEST, RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.wire import UDP as UDP_PROTOCOL
from lab.wire import internet_sum
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether

from .relay import HCRA, LCRA, MACS, TRA, TRA_SERVER, TSV, TSV_SERVER, Ipv6Side, ServerSide

XID = 0x46000001
CLIENT, HOST = MACS["c0"][1], MACS[HCRA.device][0]  # whose messages these are
OPTIONS = 15
IPV4_LENGTH, IPV6_LENGTH = 328, 348  # octets of the packet


@dataclass(frozen=True)
class Way:
    """One of the ways through a relay."""

    name: str
    device: str  # where the frame comes in, or wants to leave if the client is on this host
    out: str | None  # where it leaves; None: it is for this host
    frame: bytes
    question: bytes | None = None  # struct bpf_fib_lookup of its route, if it leaves by route
    is_egress: bool = False


def through() -> tuple[Way, ...]:
    """The ways of the roles between two links."""
    return (
        Way("CRA request", "c0", LCRA.device, _from_client(CLIENT), _to_peer(LCRA)),
        Way("CRA reply", LCRA.device, "c0", _from_upstream(LCRA, CLIENT)),
        Way("TRA request", TRA.device, TRA_SERVER.device, _from_cra(TRA),
            _question(socket.AF_INET, TRA_SERVER.giaddr, TRA_SERVER.server(), IPV4_LENGTH)),
        Way("TRA reply", TRA_SERVER.device, TRA.device,
            _from_server(TRA_SERVER, TRA, MACS[TRA_SERVER.device]), _to_peer(TRA)),
    )


def local() -> tuple[Way, ...]:
    """The ways of the roles that are on a client's, or on a server's, own host."""
    return (
        Way("HCRA request", HCRA.device, HCRA.device, _from_client(HOST), is_egress=True),
        Way("HCRA reply", HCRA.device, None, _from_upstream(HCRA, HOST)),
        Way("TSV request", TSV.device, TSV_SERVER.device, _from_cra(TSV)),
        # On the link of a TSV's server nobody looks at MAC addresses.
        Way("TSV reply", TSV_SERVER.device, TSV.device,
            _from_server(TSV_SERVER, TSV, MACS["s0"]), _to_peer(TSV)),
    )


def for_the_slow_path() -> Way:
    """A DISCOVER with more options than the kernel walks."""
    options = ((53, b"\x01"), *((200, b"") for _ in range(64)))
    message = Message(op=BOOTREQUEST, xid=XID, chaddr=_octets(CLIENT), options=options)
    return Way("CRA, slow path", "c0", LCRA.device, _broadcast(CLIENT, message.build()))


def named(name: str) -> Way:
    return next(way for way in (*through(), *local()) if way.name == name)


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
    own, neighbour = MACS["c0"]
    ether = Ether(dst=own, src=neighbour)
    ipv4 = ether / IP(src="192.0.2.2", dst="192.0.2.1")
    ipv6 = ether / IPv6(src="2001:db8:1::2", dst="2001:db8:1::1")
    return {
        "TCP over IPv4": bytes(ipv4 / TCP(sport=40000, dport=443) / bytes(500)),
        "TCP over IPv6": bytes(ipv6 / TCP(sport=40000, dport=443) / bytes(500)),
        "ARP": bytes(ether / ARP(psrc="192.0.2.2", pdst="192.0.2.1")).ljust(60, b"\0"),
        "UDP over IPv4": bytes(ipv4 / UDP(sport=40000, dport=53) / bytes(50)),
        "DHCP to another host": bytes(ipv4 / UDP(sport=68, dport=67) / _request(CLIENT)),
    }


def _fillers(count: int, longer: int) -> tuple[tuple[int, bytes], ...]:
    """The shortest options there can be: without a value, but for `longer` of them."""
    return tuple((200 + i, b"\x01" if i < longer else b"") for i in range(count))


def _build(message: Message) -> bytes:
    data = message.build()
    if len(message.options) != OPTIONS or len(data) != 300:
        raise AssertionError(f"{len(message.options)} options in {len(data)} octets")
    return data


def _request(client: str) -> bytes:
    """A DISCOVER that ends with 20 octets of padding, just enough for option 82."""
    options = ((53, b"\x01"), *_fillers(14, longer=8))
    return _build(Message(op=BOOTREQUEST, xid=XID, chaddr=_octets(client), options=options))


def _reply(client: str, server: ServerSide, *last: tuple[int, bytes]) -> bytes:
    """An OFFER."""
    identifier = socket.inet_aton(server.server())
    first = (53, b"\x02"), (54, identifier), (51, bytes(4))
    fillers = _fillers(OPTIONS - len(first) - len(last), longer=2)
    return _build(
        Message(
            op=BOOTREPLY,
            xid=XID,
            chaddr=_octets(client),
            yiaddr=f"{server.network}.130",
            giaddr=server.giaddr,
            options=(*first, *fillers, *last),
        )
    )


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _from_client(client: str) -> bytes:
    return _broadcast(client, _request(client))


def _broadcast(client: str, payload: bytes) -> bytes:
    ether = Ether(dst="ff:ff:ff:ff:ff:ff", src=client)
    ip = IP(src="0.0.0.0", dst="255.255.255.255")
    return bytes(ether / ip / UDP(sport=68, dport=67) / payload)


def _over_ipv6(side: Ipv6Side, payload: bytes) -> bytes:
    own, router = MACS[side.device]
    ip = IPv6(src=side.peer(), dst=side.own)
    return bytes(Ether(dst=own, src=router) / ip / UDP(sport=67, dport=67) / payload)


def _from_upstream(side: Ipv6Side, client: str) -> bytes:
    return _over_ipv6(side, _reply(client, TRA_SERVER))


def _from_cra(side: Ipv6Side) -> bytes:
    return _over_ipv6(side, _request(CLIENT))


def _from_server(server: ServerSide, side: Ipv6Side, macs: tuple[str, str]) -> bytes:
    own, other = macs
    ip = IP(src=server.server(), dst=server.giaddr)
    option82 = (RELAY_AGENT_INFORMATION, cra6addr(side.peer()))
    payload = _reply(CLIENT, server, option82)
    return bytes(Ether(dst=own, src=other) / ip / UDP(sport=67, dport=67) / payload)


def _to_peer(side: Ipv6Side) -> bytes:
    return _question(socket.AF_INET6, side.own, side.peer(), IPV6_LENGTH)


def _question(family: int, source: str, destination: str, length: int) -> bytes:
    """struct bpf_fib_lookup, but for the device."""
    addresses = (socket.inet_pton(family, address) for address in (source, destination))
    ports = struct.pack("!HH", 67, 67)
    head = struct.pack("=BB4sHI4x", family, UDP_PROTOCOL, ports, length, 0)
    return head + b"".join(address.ljust(16, b"\0") for address in addresses) + bytes(16)
