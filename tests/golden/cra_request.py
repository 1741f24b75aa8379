# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""LCRA, from the client: an IPv4 broadcast becomes IPv6 unicast to the TSV or TRA."""

import bootp
import frames
import world
from case import Path

PATH = Path("cra-request", "lcra", on="client", to="uplink")


def received(payload, *, macs=(world.CLIENT_MAC, world.BROADCAST_MAC),
             ips=(world.ZERO_IP, world.BROADCAST_IP), ports=(68, 67), **rest):
    """The frame as a client sends it."""
    return frames.udp4(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload):
    """The frame as the LCRA sends it."""
    return frames.emitted6(payload, macs=(world.UPLINK_DEV_MAC, world.ROUTER_MAC),
                           ips=(world.CRA_ADDRESS, world.TRA_ADDRESS))


def relays(name, ids, about, message, kind="discover", **rest):
    PATH.relay(name, ids, about, received(message), expected(bootp.relayed(message)), kind, **rest)


def types():
    for value in (*range(0, 12), 13, 17, 18, 200, 255):
        relays(f"type-{value}", "R-CRA-8 E-37", f"op 1 with message type {value}: relayed by op alone",
               bootp.request(value), bootp.type_name(value))


def add_cases():
    types()
