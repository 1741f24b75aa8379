# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TRA, from a CRA: IPv6 becomes IPv4 to the server, with giaddr and CRA6ADDR."""

import socket

import bootp
import frames
import world
from case import Path

PATH = Path("tra-request", "tra", on="v6", to="v4")
MIN_GROWN = 300  # E-19


def received(payload, *, macs=(world.CRA_ROUTER_MAC, world.V6_DEV_MAC),
             ips=(world.CRA_ADDRESS, world.TRA_ADDRESS), ports=(67, 67), **rest):
    """The frame as it comes from the CRA."""
    return frames.udp6(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload):
    """The frame as the TRA sends it."""
    return frames.emitted4(payload, macs=(world.V4_DEV_MAC, world.SERVER_MAC),
                           ips=(world.GIADDR, world.SERVER), dport=67)


def cra6addr(address=world.CRA_ADDRESS, code=world.CRA6ADDR_CODE):
    """The sub-option: 18 octets (R-SUB-2)."""
    return bootp.option(code, socket.inet_pton(socket.AF_INET6, address))


def relayed(message, address=world.CRA_ADDRESS, code=world.CRA6ADDR_CODE):
    """The message as the server gets it: option 82 and End stand where End stood (or behind the
    last option) and overwrite what followed, as far as they reach."""
    option82 = bootp.option(82, cra6addr(address, code))
    grown_by = len(option82) + len(bootp.END) - len(message.end)
    made = bootp.relayed(message).but(
        giaddr=world.GIADDR, options=message.options + option82, end=bootp.END,
        tail=message.tail[grown_by:])
    return made.padded(MIN_GROWN) if grows(message) and len(made) < MIN_GROWN else made


def grows(message):
    """True if option 82 finds no room behind End."""
    return len(message.tail) < (20 if message.end else 21)


def relays(name, ids, about, message, kind="discover", address=world.CRA_ADDRESS,
           code=world.CRA6ADDR_CODE, **rest):
    PATH.relay(name, ids, about, received(message, ips=(address, world.TRA_ADDRESS)),
               expected(relayed(message, address, code)), kind,
               xdp="pass" if grows(message) else "same", **rest)


def add_cases():
    pass
