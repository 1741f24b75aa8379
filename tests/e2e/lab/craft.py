# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Frames as tests want them, good or bad, built with scapy."""

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from . import plan


def client_frame(
    payload: bytes,
    source: str = "0.0.0.0",
    destination: str = "255.255.255.255",
    ether_destination: str = plan.BROADCAST_MAC,
    source_port: int = 68,
    destination_port: int = 67,
    ether_source: str = plan.CLIENT_MAC,
) -> Packet:
    """What a client sends on its link."""
    return (
        Ether(src=ether_source, dst=ether_destination)
        / IP(src=source, dst=destination)
        / UDP(sport=source_port, dport=destination_port)
        / payload
    )


def to_cra(payload: bytes, source: str = plan.TRA_V6, destination: str = plan.CRA_V6) -> Packet:
    """What the router hands to the CRA: by default a TRA's reply."""
    return (
        Ether(src=plan.ROUTER_CRA_MAC, dst=plan.CRA_UPLINK_MAC)
        / IPv6(src=source, dst=destination)
        / UDP(sport=67, dport=67)
        / payload
    )


def to_tra(
    payload: bytes, source: str = plan.CRA_V6, destination: str = plan.TRA_V6, source_port: int = 67
) -> Packet:
    """What the router hands to the TRA: by default a CRA's request."""
    return (
        Ether(src=plan.ROUTER_TRA_MAC, dst=plan.TRA_V6_MAC)
        / IPv6(src=source, dst=destination)
        / UDP(sport=source_port, dport=67)
        / payload
    )


def from_server(
    payload: bytes, source: str = plan.SERVER_V4, destination: str = plan.TRA_V4
) -> Packet:
    """What a DHCPv4 server sends to the TRA."""
    return (
        Ether(src=plan.SERVER_MAC, dst=plan.TRA_V4_MAC)
        / IP(src=source, dst=destination)
        / UDP(sport=67, dport=67)
        / payload
    )
