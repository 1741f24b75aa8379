# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Stock clients get, renew and release leases of stock servers: the matrix of docs/interop.md."""

from dataclasses import replace
from itertools import product

from harness.registry import case
from lab import clients, servers, service
from lab.checks import (
    check,
    check_equal,
    check_exchange,
    expect_relayed,
    seen,
    take_lease,
)
from lab.lab import LINES, Lab, LabSpec
from lab.parley import renew
from lab.wire import udp_datagrams

LEASE_IDS = (
    *("R-CRA-1", "R-CRA-2", "R-CRA-3", "R-CRA-8", "R-CRA-9", "R-CRA-11", "R-CRA-13", "R-CRA-16"),
    *("R-CRA-19", "R-CRA-22", "R-CRA-25", "R-TRA-1", "R-TRA-2", "R-TRA-3", "R-TRA-4", "R-TRA-5"),
    *("R-TRA-6", "R-TRA-9", "R-TRA-12", "R-TRA-13", "R-TRA-14", "R-TRA-15"),
    *("R-SUB-1", "R-SUB-2", "R-SUB-3", "R-SUB-4", "E-1", "E-3", "E-7", "E-12", "E-13", "E-16"),
    *("E-19", "E-25", "E-41", "D-21"),
)
ROLE_IDS = {
    "lcra": ("R-CRA-1",),
    "hcra": ("R-CRA-1", "R-CRA-23", "E-43"),
    "tra": ("R-TRA-1",),
    "tsv": ("R-TSV-1", "R-TSV-2", "R-TSV-4", "R-TSV-6", "R-TSV-7", "D-11"),
}
RENEWED_AT_HCRA = ("kea-udp",)  # whose renewals the relays do not see; an HCRA's device does
ON_UDP_SOCKETS = ("kea-udp", "dnsmasq")
MODES = ("native", "off")


def get_lease(lab: Lab, kind: str) -> None:
    """Discover to ack, every packet of it checked on every link, and every counter."""
    before = lab.counters()
    take_lease(lab, kind)
    exchange = ("discover", "offer", "request", "ack")
    check_exchange(lab, *exchange)
    expect_relayed(lab, before, *exchange)
    if lab.spec.server in ON_UDP_SOCKETS:
        replies = [one.datagram.checksum for one in seen(lab, "server") if one.message.op == 2]
        check_equal(set(replies), {"unfinished"}, "checksums that the server's device was handed")


def renew_and_release(lab: Lab, kind: str) -> None:
    """Unicast over the IPv4 service; the relays neither see nor count it."""
    client = lab.start_client(kind)
    try:
        address = client.wait_for_lease().address
        service.give(lab.at, address)
        before = lab.counters()
        lab.clear_captures()
        renew(lab, client, "service")
        check_equal(client.wait_for_renewal().address, address, "address after the renewal")
        client.release()
    finally:
        client.stop()
    crossed = [one.kind for one in seen(lab, "service")]
    check(
        crossed[:2] == ["request", "ack"] and "release" in crossed and "nak" not in crossed,
        f"messages on the IPv4 service: {crossed}",
    )
    for link in ("client", "cra", "tra"):
        datagrams = udp_datagrams(lab.captures[link].frames(), 67)
        crossed = [datagram.addresses for datagram in datagrams if datagram.version == 6]
        check_equal(crossed, [], f"DHCP over IPv6 on link {link}")
    lab.expect_moved(before, {})


def register() -> None:
    for server, xdp in product(servers.KINDS, MODES):
        for (cra, far), client in product(LINES, clients.KINDS):
            spec = LabSpec(xdp=xdp, cra=cra, far=far, server=server)
            ids = (*ROLE_IDS[cra], *ROLE_IDS[far])
            case(f"lease.{client}.{cra}.{far}.{server}.{xdp}", spec, (*LEASE_IDS, *ids))(
                lambda lab, client=client: get_lease(lab, client)
            )
            if cra == "hcra" and server not in RENEWED_AT_HCRA:
                continue
            short = replace(spec, short_leases=True)
            case(f"renew-release.{client}.{cra}.{far}.{server}.{xdp}", short, ("E-10", *ids))(
                lambda lab, client=client: renew_and_release(lab, client)
            )
        spec = LabSpec(xdp=xdp, server=server, client_ipv4=True)
        for client in ("udhcpc", "dhclient"):
            case(f"lease-with-ipv4.{client}.{server}.{xdp}", spec, LEASE_IDS)(
                lambda lab, client=client: get_lease(lab, client)
            )


register()
