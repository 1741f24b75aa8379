# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The IPv4 service that a lease brings, as a wire of its own beside the relays.

A stock client sends its unicast renewal out of the device that it configures, and a stock server
expects it on the device that it serves. So unicast IPv4 that leaves c0 for the server goes over
the pair c1 — s1 and comes in on s0; the way back likewise. The MAC addresses of the pair are those
of c0 and s0, and neighbours are static, for there is nobody on the client link to ask. (With an
HCRA the client's device is eth0.)
"""

from . import plan
from .netns import End
from .topology import Topology


SERVER_ADDRESSES = (plan.SERVER_V4, plan.NATIVE_V4)


def provide(at: Topology) -> None:
    """Joins client and server by the service pair, for unicast between the pool and the server."""
    for end, pair, destinations in (
        (at.client, "c1", SERVER_ADDRESSES),
        (at.server_ipv4, "s1", (plan.POOL,)),
    ):
        for name in (end.device, pair):
            end.namespace.run("tc", "qdisc", "add", "dev", name, "clsact")
        for destination in destinations:
            end.namespace.run(
                *("tc", "filter", "add", "dev", end.device, "egress", "protocol", "ip"),
                *("prio", "1", "u32", "match", "ip", "dst", destination),
                *("action", "mirred", "egress", "redirect", "dev", pair),
            )
        end.namespace.run(
            *("tc", "filter", "add", "dev", pair, "ingress", "protocol", "ip", "prio", "1"),
            *("u32", "match", "u32", "0", "0"),
            *("action", "mirred", "ingress", "redirect", "dev", end.device),
        )


def give(at: Topology, address: str) -> None:
    """Lets the client that has the address, and the server, reach each other over the pair."""
    for server in SERVER_ADDRESSES:
        _reach(at.client, server, plan.SERVER_MAC)
    _reach(at.server_ipv4, address, at.client.mac)


def _reach(end: End, address: str, mac: str) -> None:
    end.namespace.ip("route", "replace", address, "dev", end.device)
    end.namespace.ip("neigh", "replace", address, "lladdr", mac, "dev", end.device)
