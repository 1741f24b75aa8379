# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The CRA's IPv6 source: none yet, late, and the right one among several."""


from harness.registry import case
from lab import plan, topology
from lab.checks import check, check_equal, check_no_icmp_errors, seen
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.parley import parley, scripted_client

UNIQUE_LOCAL = "fd00:db8:a::1"
DEPRECATED = "2001:db8:a::dead"


def late_address(lab: Lab) -> None:
    """Without an address nothing is forwarded; with one, attached again, everything is."""
    status = lab.cra.status(CRA_NAME)
    check_equal(status["ready"], False, "ready")
    check(bool(status["missing"]), "status does not say what is missing")
    before = lab.counters()
    with scripted_client(lab) as client:
        client.send(client.message("discover"))
    lab.expect_moved(before, {"cra.eth1.dropped.no_source": 1})
    check_equal(seen(lab, "cra"), [], "messages on link cra")
    check_no_icmp_errors(lab)

    topology.add_cra_address(lab.at)
    lab.at.cra.settle()
    lab.attach_cra()
    check_equal(lab.cra.status(CRA_NAME)["ready"], True, "ready with an address")
    lab.clear_captures()
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(seen(lab, "cra")[0].datagram.source, plan.CRA_V6, "source of the request")


def global_source(lab: Lab) -> None:
    """Of link-local, unique-local, deprecated and global addresses, the global one is used."""
    lab.at.cra.ip("addr", "add", f"{UNIQUE_LOCAL}/64", "dev", "eth0", "nodad")
    lab.at.cra.ip("addr", "add", f"{DEPRECATED}/64", "dev", "eth0", "nodad", "preferred_lft", "0")
    lab.attach_cra()
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(seen(lab, "cra")[0].datagram.source, plan.CRA_V6, "source of the request")


def given_source(lab: Lab) -> None:
    """--source names the address to be used."""
    lab.at.cra.ip("addr", "add", "2001:db8:a::77/64", "dev", "eth0", "nodad")
    lab.attach_cra("--source", "2001:db8:a::77")
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(seen(lab, "cra")[0].datagram.source, "2001:db8:a::77", "source of the request")


def register() -> None:
    for xdp in ("native", "off"):
        late = LabSpec(xdp=xdp, cra_ipv6=False)
        case(f"late-address.{xdp}", late, ("R-CRA-5", "D-17"), own_lab=True)(late_address)
        case(f"global-source.{xdp}", LabSpec(xdp=xdp), ("R-CRA-7",), own_lab=True)(global_source)
        case(f"given-source.{xdp}", LabSpec(xdp=xdp), ("D-10",), own_lab=True)(given_source)


register()
