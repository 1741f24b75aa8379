# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""LCRA, from the TSV or TRA: IPv6 unicast becomes IPv4 to the client."""

import bootp
import frames
import world
from case import Path

PATH = Path("cra-reply", "lcra", on="uplink", to="client")


def received(payload, *, macs=(world.ROUTER_MAC, world.UPLINK_DEV_MAC),
             ips=(world.TRA_ADDRESS, world.CRA_ADDRESS), ports=(67, 67), **rest):
    """The frame as it comes from the TSV or TRA."""
    return frames.udp6(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload, *, mac=world.CLIENT_MAC, dst=bootp.YIADDR, src="198.51.100.2"):
    """The frame as the LCRA sends it. Without an IPv4 address it takes that of option 54."""
    return frames.emitted4(payload, macs=(world.CLIENT_DEV_MAC, mac), ips=(src, dst), dport=68)


BROADCAST = {"mac": world.BROADCAST_MAC, "dst": world.BROADCAST_IP, "src": world.ZERO_IP}


def relays(name, ids, about, message, kind="offer", to=None, **rest):
    """`to` says where expected() differs from the usual."""
    PATH.relay(name, ids, about, received(message), expected(message, **(to or {})), kind, **rest)


def add_cases():
    pass
