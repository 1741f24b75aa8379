# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""5,000 clients through both relays: none is left without a lease, none has to try twice."""

from contextlib import closing

from harness.registry import case
from lab.checks import check, check_equal
from lab.counters import moved
from lab.lab import Lab, LabSpec
from lab.load import LoadGenerator
from lab.netns import End

CLIENTS = 5000
LEASES_PER_SECOND = 500
TIMEOUT = 60


def sent_by(client: End) -> int:
    """What the device's own counter says that it sent."""
    link = client.namespace.ip_json("-s", "link", "show", "dev", client.device)[0]
    return link["stats64"]["tx"]["packets"]


def all_get_leases(lab: Lab) -> None:
    before, sent_before = lab.counters(), sent_by(lab.at.client)
    with closing(LoadGenerator(lab.at.client, CLIENTS, LEASES_PER_SECOND)) as generator:
        result = generator.run(TIMEOUT)
    print(
        f"        {len(result.leases)} leases in {result.seconds:.1f} s,"
        f" {result.offered_rate:.0f} new clients/s, {result.retries} retries",
        flush=True,
    )
    check_equal(len(result.leases), CLIENTS, "clients with a lease")
    check_equal(len(set(result.leases.values())), CLIENTS, "different addresses")
    check_equal((result.retries, result.naks), (0, 0), "retries and NAKs")
    check(
        result.offered_rate > 0.95 * LEASES_PER_SECOND,
        f"{result.offered_rate:.0f} clients/s were offered, not {LEASES_PER_SECOND}",
    )
    check_equal(sent_by(lab.at.client) - sent_before, result.sent, "frames that left the sender")
    wanted = {
        f"{device}.relayed.{kind}.{lab.tier}": CLIENTS
        for device, kinds in (
            ("cra.eth1", ("discover", "request")),
            ("tra.eth0", ("discover", "request")),
            ("tra.eth1", ("offer", "ack")),
            ("cra.eth0", ("offer", "ack")),
        )
        for kind in kinds
    }
    check_equal(moved(before, lab.counters()), wanted, "counters that moved")


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp, server="kea-load", captured=False)
        case(f"load.5000-clients.{xdp}", spec, ("R-CRA-19", "R-TRA-1"), timeout=120)(all_get_leases)


register()
