# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The fixed worlds in which every case happens, and their addresses."""

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
BROADCAST_IP = "255.255.255.255"
ZERO_IP = "0.0.0.0"

# A client, its LCRA, and the router behind the LCRA's uplink.
CLIENT_MAC = "02:00:00:00:05:01"
CLIENT_DEV_MAC = "02:00:00:00:01:01"
UPLINK_DEV_MAC = "02:00:00:00:01:02"
ROUTER_MAC = "02:00:00:00:02:01"
CRA_ADDRESS = "2001:db8:a::1"
# The CRA's own IPv4 address, in cases that set "client_ipv4".
CRA_IPV4 = "192.0.2.65"
CRA_IPV4_NET = "192.0.2.65/26"
CRA_IPV4_BROADCAST = "192.0.2.127"
CLIENT_SOURCE = "192.0.2.1"
DUMMY_SOURCE = "192.0.0.8"

# The TRA, its next hop towards the CRAs, and the DHCPv4 server.
V6_DEV_MAC = "02:00:00:00:03:01"
V4_DEV_MAC = "02:00:00:00:03:02"
CRA_ROUTER_MAC = "02:00:00:00:02:02"
SERVER_MAC = "02:00:00:00:04:01"
TRA_ADDRESS = "2001:db8:ff::67"
GIADDR = "198.51.100.1"
SERVER = "198.51.100.2"

# As many upstreams as an instance can have; the first ones are those above.
TRA_ADDRESSES = [f"2001:db8:ff::{number}" for number in range(67, 75)]
SERVERS = [f"198.51.100.{number}" for number in range(2, 10)]
SERVER_MACS = [f"02:00:00:00:04:{number:02}" for number in range(1, 9)]
UPSTREAM_PORT = 67

# A host with an HCRA, whose client has the MAC address of the device; and a neighbour's.
LINK_MAC = "02:00:00:00:06:01"
NEIGHBOUR_MAC = "02:00:00:00:06:02"
LINK_IPV4 = "192.0.2.66"

# The two ends of a TSV's server link.
OUR_END_MAC = "02:00:00:00:07:01"
SERVER_END_MAC = "02:00:00:00:07:02"

CRA6ADDR_CODE = 254

# What every packet that we emit has in common (E-41).
CS6 = 0xC0
HOP_LIMIT = 64
TTL = 64

POLICY = {
    "hops_limit": 16,
    "cra6addr_code": CRA6ADDR_CODE,
    "giaddr_policy": "replace",
    "always_broadcast": False,
    "accept_any_source": False,
    "client_source": None,
}



def upstreams(*given):
    """Each an address, or an address and its port."""
    pairs = [each if isinstance(each, tuple) else (each, UPSTREAM_PORT) for each in given]
    return [{"address": address, "port": port} for address, port in pairs]


# Everything IPv6 is routed to one neighbour; IPv4 servers are neighbours.
UPLINK = {"mac": UPLINK_DEV_MAC, "mtu": 1500, "next_hop_mac": ROUTER_MAC}
V6 = {"mac": V6_DEV_MAC, "mtu": 1500, "next_hop_mac": CRA_ROUTER_MAC}
V4 = {"mac": V4_DEV_MAC, "mtu": 1500, "ipv4": GIADDR,
      "neighbours": dict(zip(SERVERS, SERVER_MACS))}
# A device without a layer-2 header: what comes in or leaves by it begins with the IP header.
TUN = {"mac": None, "mtu": 1500}


def lcra(uplink):
    return {
        "instance": {"id": 1, "name": "access", "role": "lcra"},
        "devices": {
            "client": {"mac": CLIENT_DEV_MAC, "mtu": 1500, "ipv4": None},
            "uplink": uplink,
        },
        "source6": CRA_ADDRESS,
        "upstreams": upstreams(TRA_ADDRESS),
        "policy": POLICY,
    }


def tra(v6, v4):
    return {
        "instance": {"id": 2, "name": "core", "role": "tra"},
        "devices": {"v6": v6, "v4": v4},
        "source6": TRA_ADDRESS,
        "giaddr": GIADDR,
        "upstreams": upstreams(SERVER),
        "cra_prefixes": {"::/0": None},
        "policy": POLICY,
    }


def hcra():
    return {
        "instance": {"id": 1, "name": "self", "role": "hcra"},
        "devices": {"link": {"mac": LINK_MAC, "mtu": 1500, "ipv4": None, "next_hop_mac": ROUTER_MAC}},
        "source6": CRA_ADDRESS,
        "upstreams": upstreams(TRA_ADDRESS),
        "policy": POLICY,
    }


def tsv():
    return {
        "instance": {"id": 2, "name": "home", "role": "tsv"},
        "devices": {"v6": V6, "ours": {"mac": OUR_END_MAC, "mtu": 1500, "other_end_mac": SERVER_END_MAC}},
        "source6": TRA_ADDRESS,
        "giaddr": GIADDR,
        "upstreams": upstreams(SERVER),
        "cra_prefixes": {"::/0": None},
        "policy": POLICY,
    }


WORLDS = {
    "lcra": lcra(UPLINK),
    "lcra-tun": lcra(TUN),
    "tra": tra(V6, V4),
    "tra-tun": tra(TUN, V4),
    "tra-tun-tun": tra(TUN, {**TUN, "ipv4": GIADDR}),
    "hcra": hcra(),
    "tsv": tsv(),
}

# What a case may change in its world ("set"), by role.
OVERRIDES = {
    "lcra": {
        "hops_limit", "client_ipv4", "client_source", "always_broadcast", "accept_any_source",
        "no_source", "upstreams", "client_mtu", "uplink_mtu", "unreachable", "route_mtu",
    },
    "tra": {
        "hops_limit", "cra6addr_code", "giaddr_policy", "accept_any_source", "cra_prefixes",
        "no_source", "upstreams", "v4_mtu", "unreachable", "route_mtu",
    },
    "hcra": {
        "hops_limit", "client_source", "always_broadcast", "accept_any_source", "no_source", "upstreams",
        "link_ipv4", "link_mtu",
    },
    "tsv": {
        "hops_limit", "cra6addr_code", "giaddr_policy", "accept_any_source", "cra_prefixes", "no_source",
        "upstreams", "v6_mtu", "ours_mtu",
    },
}


def role(name):
    return WORLDS[name]["instance"]["role"]
