# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Frames with scapy, which computes every length and checksum that is not given."""

import struct
import socket

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Padding, Raw
from scapy.utils import checksum

import world


def udp4(payload, *, macs, ips, ports, behind=b"", trailer=b"", ip=None):
    """(source, destination) pairs; `behind` follows the UDP datagram inside the IP packet,
    `trailer` follows the IP packet in the frame; `ip` holds further header fields."""
    packet = Ether(src=macs[0], dst=macs[1]) / IP(src=ips[0], dst=ips[1], **(ip or {})) / _udp(payload, ports)
    if behind:
        packet[UDP].chksum = udp_checksum(packet)  # before IP's length says otherwise
        packet[IP].len = 20 + 8 + len(bytes(payload)) + len(behind)
    return packet / Padding(behind + trailer)


def udp6(payload, *, macs, ips, ports, behind=b"", trailer=b"", ip=None, between=None):
    """Like udp4; `between` is a chain of extension headers."""
    headers = IPv6(src=ips[0], dst=ips[1], **(ip or {}))
    if between is not None:
        headers = headers / between
    packet = Ether(src=macs[0], dst=macs[1]) / headers / _udp(payload, ports)
    if behind:
        packet[UDP].chksum = udp_checksum(packet)
        packet[IPv6].plen = 8 + len(bytes(payload)) + len(behind)
    return packet / Padding(behind + trailer)


def _udp(payload, ports):
    return UDP(sport=ports[0], dport=ports[1]) / Raw(bytes(payload))


def emitted4(payload, *, macs, ips, dport):
    """An IPv4 packet as we emit it (E-41): its identification is the low half of the xid."""
    payload = bytes(payload)
    identification = int.from_bytes(payload[6:8], "big")
    return udp4(payload, macs=macs, ips=ips, ports=(67, dport),
                ip={"tos": world.CS6, "id": identification, "flags": 0, "ttl": world.TTL})


def emitted6(payload, *, macs, ips, dport=67):
    """An IPv6 packet as we emit it (E-41)."""
    return udp6(payload, macs=macs, ips=ips, ports=(67, dport),
                ip={"tc": world.CS6, "fl": 0, "hlim": world.HOP_LIMIT})


def udp_checksum(packet):
    """The checksum that scapy puts (or was told to put) into this packet."""
    return int.from_bytes(bytes(packet[UDP])[6:8], "big")


def with_checksum(packet, value):
    packet = packet.copy()
    packet[UDP].chksum = value
    return packet


def pseudo_sum(packet):
    """What a sender with checksum offload leaves in the field: the sum of the pseudo-header,
    folded and not complemented."""
    length = int.from_bytes(bytes(packet[UDP])[4:6], "big")
    if IP in packet:
        addresses = socket.inet_aton(packet[IP].src) + socket.inet_aton(packet[IP].dst)
        pseudo = addresses + struct.pack("!BBH", 0, socket.IPPROTO_UDP, length)
    else:
        addresses = b"".join(socket.inet_pton(socket.AF_INET6, address)
                             for address in (packet[IPv6].src, packet[IPv6].dst))
        pseudo = addresses + struct.pack("!II", length, socket.IPPROTO_UDP)
    return ~checksum(pseudo) & 0xFFFF


def equally_wrong(out, received, wrong):
    """`out` with a checksum as far from its right one as `wrong` is from that of `received`
    (the incremental update of RFC 1624 keeps the distance)."""
    distance = (wrong - udp_checksum(received)) % 0xFFFF
    value = (udp_checksum(out) + distance) % 0xFFFF
    return with_checksum(out, value or 0xFFFF)


def tuned(message, build, target):
    """`message` with two octets of sname chosen so that build(message) has checksum `target`."""
    word = (udp_checksum(build(message)) - target) % 0xFFFF
    made = message.but(sname=word.to_bytes(2, "big") + message.sname[2:])
    assert udp_checksum(build(made)) == target
    return made
