# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The IPv4 service that a lease brings, as a wire of its own beside the relays.

A stock client sends its unicast renewal out of the device that it configures, and a stock server
expects it on the device that it serves. So unicast IPv4 that leaves c0 for the server goes over
the pair c1 — s1 and comes in on s0; the way back likewise. The MAC addresses of the pair are those
of c0 and s0, and neighbours are static, for there is nobody on the client link to ask. (With an
HCRA the client's device is eth0.)
"""

from . import plan
from .topology import Topology


def provide(at: Topology) -> None:
    """Joins client and server by the service pair, for unicast between the pool and the server."""
    for end, pair, destination in (
        (at.client, "c1", f"{at.server_v4}/32"),
        (at.server_ipv4, "s1", plan.POOL),
    ):
        for name in (end.device, pair):
            end.namespace.run("tc", "qdisc", "add", "dev", name, "clsact")
        end.namespace.run(
            *("tc", "filter", "add", "dev", end.device, "egress", "protocol", "ip", "prio", "1"),
            *("u32", "match", "ip", "dst", destination),
            *("action", "mirred", "egress", "redirect", "dev", pair),
        )
        end.namespace.run(
            *("tc", "filter", "add", "dev", pair, "ingress", "protocol", "ip", "prio", "1"),
            *("u32", "match", "u32", "0", "0"),
            *("action", "mirred", "ingress", "redirect", "dev", end.device),
        )


def give(at: Topology, address: str) -> None:
    """Lets the client that has the address, and the server, reach each other over the pair."""
    client, server = at.client, at.server_ipv4
    client.namespace.ip("route", "replace", at.server_v4, "dev", client.device)
    server.namespace.ip("route", "replace", address, "dev", server.device)
    for end, neighbour, mac in (
        (client, at.server_v4, plan.SERVER_MAC),
        (server, address, client.mac),
    ):
        end.namespace.ip("neigh", "replace", neighbour, "lladdr", mac, "dev", end.device)
