# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TRA, from the server: IPv4 becomes IPv6 to the CRA that CRA6ADDR names."""

import bootp
import frames
import world
from case import Path
from tra_request import cra6addr

PATH = Path("tra-reply", "tra", on="v4", to="v6")

OPTION82 = bootp.option(82, cra6addr())


def received(payload, *, macs=(world.SERVER_MAC, world.V4_DEV_MAC),
             ips=(world.SERVER, world.GIADDR), ports=(67, 67), **rest):
    """The frame as it comes from the server."""
    return frames.udp4(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload, address=world.CRA_ADDRESS):
    """The frame as the TRA sends it."""
    return frames.emitted6(payload, macs=(world.V6_DEV_MAC, world.CRA_ROUTER_MAC),
                           ips=(world.TRA_ADDRESS, address))


def with_last(message, option82=OPTION82):
    """Option 82 as the last option before End, where RFC 3046 wants it."""
    return message.but(options=message.options + option82)


def stripped_last(message, option82=OPTION82):
    """What the CRA gets of with_last(): End over the code, zeros over the rest and the old End."""
    zeros = bootp.PAD * (len(option82) - 1 + len(message.end))
    return message.but(end=bootp.END, tail=zeros + message.tail)


def relays_last(name, ids, about, message, kind="offer", option82=OPTION82,
                address=world.CRA_ADDRESS, **rest):
    """Option 82 comes last. `message` is what remains."""
    PATH.relay(name, ids, about, received(with_last(message, option82)),
               expected(stripped_last(message, option82), address), kind, **rest)


def relays_inside(name, ids, about, before, message, kind="offer", option82=OPTION82,
                  address=world.CRA_ADDRESS, **rest):
    """Options of `message` follow option 82, `before` precedes it."""
    pads = bootp.PAD * len(option82)
    PATH.relay(name, ids, about,
               received(message.but(options=before + option82 + message.options)),
               expected(message.but(options=before + pads + message.options), address),
               kind, **rest)


def add_cases():
    pass
