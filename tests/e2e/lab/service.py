# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The IPv4 service that a lease brings, as a wire of its own beside the relays.

A stock client sends its unicast renewal out of the device that it configures, and a stock server
expects it on the device that it serves. So unicast IPv4 that leaves c0 for the server goes over
the pair c1 — s1 and comes in on s0; the way back likewise. The MAC addresses of the pair are those
of c0 and s0, and neighbours are static, for there is nobody on the client link to ask.
"""

from . import plan
from .topology import Topology


def provide(at: Topology) -> None:
    """Joins c0 and s0 by the service pair, for unicast between the pool and the server."""
    for namespace, device, pair, destination in (
        (at.client, "c0", "c1", f"{plan.SERVER_V4}/32"),
        (at.server, "s0", "s1", plan.POOL),
    ):
        for name in (device, pair):
            namespace.run("tc", "qdisc", "add", "dev", name, "clsact")
        namespace.run(
            *("tc", "filter", "add", "dev", device, "egress", "protocol", "ip", "prio", "1"),
            *("u32", "match", "ip", "dst", destination),
            *("action", "mirred", "egress", "redirect", "dev", pair),
        )
        namespace.run(
            *("tc", "filter", "add", "dev", pair, "ingress", "protocol", "ip", "prio", "1"),
            *("u32", "match", "u32", "0", "0"),
            *("action", "mirred", "ingress", "redirect", "dev", device),
        )


def give(at: Topology, address: str) -> None:
    """Lets the client that has the address, and the server, reach each other over the pair."""
    at.client.ip("neigh", "replace", plan.SERVER_V4, "lladdr", plan.SERVER_MAC, "dev", "c0")
    at.server.ip("neigh", "replace", address, "lladdr", plan.CLIENT_MAC, "dev", "s0")
