# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The addresses of the lab: one place that every test, server configuration and check refers to."""

CLIENT_MAC = "02:00:00:00:0c:00"
CRA_CLIENT_MAC = "02:00:00:00:ca:01"
CRA_UPLINK_MAC = "02:00:00:00:ca:00"
ROUTER_CRA_MAC = "02:00:00:00:11:00"
ROUTER_TRA_MAC = "02:00:00:00:11:01"
TRA_V6_MAC = "02:00:00:00:7a:00"
TRA_V4_MAC = "02:00:00:00:7a:01"
SERVER_MAC = "02:00:00:00:5e:00"
NATIVE_MAC = "02:00:00:00:4a:00"
BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"

CRA_V6 = "2001:db8:a::1"
ROUTER_CRA_V6 = "2001:db8:a::fe"
ROUTER_TRA_V6 = "2001:db8:ff::fe"
TRA_V6 = "2001:db8:ff::1"
CRA_PREFIX = "2001:db8:a::/64"
TRA_PREFIX = "2001:db8:ff::/64"

TRA_V4 = "198.51.100.1"  # giaddr, of a TSV too
SERVER_V4 = "198.51.100.2"  # of a TSV's server, on the link that attach makes
CRA_V4 = "192.0.2.1"  # on the client link, in the labs that have it
POOL = "198.51.100.128/25"  # what the servers' configurations lease
LEASE_ROUTER = SERVER_V4
LEASE_DNS = "198.51.100.53"

NATIVE_V4 = "203.0.113.2"  # of a TSV's server, on the link where it serves IPv4 itself
NATIVE_POOL = "203.0.113.128/25"  # what it leases there
NATIVE_ROUTER = "203.0.113.1"

CRA6ADDR_CODE = 254
