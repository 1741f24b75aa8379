# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Captured packets as their receiver has them: fragments put together, by scapy."""

from collections import defaultdict
from collections.abc import Iterable

from scapy.layers.inet import IP, defragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, defragment6
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.plist import PacketList

from .capture import Capture, Frame
from .waiting import wait_until
from .wire import Datagram, udp_datagrams

REPLY_TIMEOUT = 6.0


def whole(frames: Iterable[Frame]) -> list[Frame]:
    """Those that were no fragments, then what fragments make; nothing of what is incomplete."""
    rest: list[Frame] = []
    ipv4: list[Packet] = []
    ipv6: dict[tuple[str, str, int], list[Packet]] = defaultdict(list)
    for frame in frames:
        packet = Ether(frame.data)
        if IPv6ExtHdrFragment in packet:
            ip = packet[IPv6]
            ipv6[ip.src, ip.dst, packet[IPv6ExtHdrFragment].id].append(packet)
        elif IP in packet and (packet[IP].frag or packet[IP].flags.MF):
            ipv4.append(packet)
        else:
            rest.append(frame)
    made = [packet for packet in defragment(PacketList(ipv4)) if not packet[IP].flags.MF]
    for fragments in ipv6.values():
        if any(not packet[IPv6ExtHdrFragment].m for packet in fragments):
            made.append(Ether(bytes(defragment6(fragments))))
    return rest + [Frame(bytes(packet), 0.0, False, False) for packet in made]


def whole_datagram(capture: Capture, xid: int, op: int, version: int) -> Datagram:
    """Waits for the datagram with that DHCP message."""
    start = bytes((op,)), xid.to_bytes(4, "big")

    def seen() -> Datagram | None:
        for datagram in udp_datagrams(whole(capture.frames()), 67):
            found = (datagram.payload[:1], datagram.payload[4:8])
            if datagram.version == version and found == start:
                return datagram
        return None

    return wait_until(f"a whole message on link {capture.name}", seen, REPLY_TIMEOUT)
