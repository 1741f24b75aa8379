# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Reading UDP datagrams in captured frames, checksums included."""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from .capture import Frame

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
UDP = 17


def internet_sum(data: bytes) -> int:
    """The folded, uncomplemented sum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def mac_text(octets: bytes) -> str:
    return ":".join(f"{octet:02x}" for octet in octets)


@dataclass(frozen=True)
class Datagram:
    """A UDP datagram as it crossed a link."""

    frame: Frame
    ether_source: str
    ether_destination: str
    version: int
    source: str
    destination: str
    source_port: int
    destination_port: int
    hop_limit: int
    checksum: str  # good, unfinished, absent, bad
    payload: bytes

    @property
    def addresses(self) -> tuple[str, str, int, int]:
        return (self.source, self.destination, self.source_port, self.destination_port)


def udp_datagram(frame: Frame) -> Datagram | None:
    """The datagram in a frame; None if there is none (or a fragment, or extension headers)."""
    data = frame.data
    ethertype = struct.unpack_from("!H", data, 12)[0]
    ip = data[14:]
    if ethertype == ETHERTYPE_IPV4 and ip[9] == UDP:
        header = (ip[0] & 15) * 4
        if struct.unpack_from("!H", ip, 6)[0] & 0x3FFF:
            return None
        source, destination, family = ip[12:16], ip[16:20], socket.AF_INET
        hop_limit, version = ip[8], 4
        header_good = internet_sum(ip[:header]) == 0xFFFF
        udp = ip[header : struct.unpack_from("!H", ip, 2)[0]]
    elif ethertype == ETHERTYPE_IPV6 and ip[6] == UDP:
        source, destination, family = ip[8:24], ip[24:40], socket.AF_INET6
        hop_limit, version, header_good = ip[7], 6, True
        udp = ip[40 : 40 + struct.unpack_from("!H", ip, 4)[0]]
    else:
        return None
    source_port, destination_port, length, checksum = struct.unpack_from("!HHHH", udp)
    pseudo = source + destination + struct.pack("!II", length, UDP)
    return Datagram(
        frame,
        mac_text(data[6:12]),
        mac_text(data[0:6]),
        version,
        socket.inet_ntop(family, source),
        socket.inet_ntop(family, destination),
        source_port,
        destination_port,
        hop_limit,
        _judge(frame, checksum, pseudo, udp[:length]) if header_good else "bad",
        udp[8:length],
    )


def _judge(frame: Frame, checksum: int, pseudo: bytes, udp: bytes) -> str:
    if checksum == 0:
        return "absent"
    if frame.unfinished:
        return "unfinished" if checksum == internet_sum(pseudo) else "bad"
    return "good" if internet_sum(pseudo + udp) == 0xFFFF else "bad"


def udp_datagrams(frames: Iterable[Frame], *ports: int) -> list[Datagram]:
    """The datagrams among the frames; only those from or to one of the ports, if any is given."""
    found = (udp_datagram(frame) for frame in frames)
    return [
        datagram
        for datagram in found
        if datagram
        and (not ports or datagram.source_port in ports or datagram.destination_port in ports)
    ]


def icmp_errors(frames: Iterable[Frame]) -> list[Frame]:
    """ICMP and ICMPv6 error messages among the frames."""
    return [frame for frame in frames if _is_icmp_error(frame.data)]


def _is_icmp_error(data: bytes) -> bool:
    ethertype = struct.unpack_from("!H", data, 12)[0]
    ip = data[14:]
    if ethertype == ETHERTYPE_IPV4 and ip[9] == socket.IPPROTO_ICMP:
        return ip[(ip[0] & 15) * 4] in (3, 4, 5, 11, 12)
    if ethertype == ETHERTYPE_IPV6 and ip[6] == socket.IPPROTO_ICMPV6:
        return ip[40] < 128
    return False
