# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""How a server behind one TSV chooses a subnet: link selection by CRA prefix, or several TSVs."""

import ipaddress
from itertools import product

from harness.registry import case
from lab import plan, servers, topology
from lab.checks import check, check_equal, seen
from lab.lab import Lab, LabSpec
from lab.message import BOOTREQUEST, RELAY_AGENT_INFORMATION, cra6addr
from lab.parley import scripted_client

OTHER_CRA = "2001:db8:a::77"  # another address of the CRA
LINK_SELECTION = b"\x05\x04"
SECOND_TSV = "2001:db8:ff::2"
SECOND_SERVER, SECOND_GIADDR = "198.51.100.6", "203.0.113.3"


def leased_from(lab: Lab, pool: str) -> None:
    """A new lease is of that pool, and its messages reached the client without option 82."""
    lab.clear_captures()
    with scripted_client(lab) as client:
        ack = client.lease()
    address = ipaddress.ip_address(ack.yiaddr)
    check(address in ipaddress.ip_network(pool), f"{address} is not in {pool}")
    check_equal(ack.option(RELAY_AGENT_INFORMATION), None, "option 82 at the client")


def agents(lab: Lab) -> set[bytes | None]:
    """The option 82 of what the server heard."""
    heard = [one.message for one in seen(lab, "server") if one.message.op == BOOTREQUEST]
    return {message.option(RELAY_AGENT_INFORMATION) for message in heard}


def link_selection(lab: Lab) -> None:
    """CRAs of one prefix get another subnet than giaddr would choose (R-TRA-7, RFC 3527)."""
    uplink = ("dev", "eth0")
    lab.at.cra.ip("addr", "add", f"{OTHER_CRA}/64", *uplink, "nodad")
    try:
        lab.attach_tra("--link-selection", f"{OTHER_CRA}/128={plan.NATIVE_V4}")
        lab.attach_cra("--source", plan.CRA_V6)
        leased_from(lab, plan.POOL)
        check_equal(agents(lab), {cra6addr(plan.CRA_V6)}, "option 82 without link selection")
        lab.attach_cra("--source", OTHER_CRA)
        leased_from(lab, plan.NATIVE_POOL)
        selection = LINK_SELECTION + ipaddress.ip_address(plan.NATIVE_V4).packed
        check_equal(agents(lab), {cra6addr(OTHER_CRA) + selection}, "option 82")
    finally:
        lab.at.cra.ip("addr", "del", f"{OTHER_CRA}/64", *uplink)
        lab.attach_cra()
        lab.attach_tra()


def two_instances(lab: Lab) -> None:
    """Two TSVs on one host, each with a link to the server: giaddr chooses."""
    lab.at.tra.ip("addr", "add", f"{SECOND_TSV}/64", "dev", "eth0", "nodad")
    lab.tra.run(
        *("attach", "tsv", "second", "--dev", "eth0", "--source", SECOND_TSV),
        *("--server", SECOND_SERVER, "--giaddr", SECOND_GIADDR, "--xdp", lab.spec.xdp),
    )
    lab.attach_tra("--source", plan.TRA_V6)
    topology.warm_neighbours(lab.at)
    lab.start_server("dhcpd")
    leased_from(lab, plan.POOL)
    lab.cra.run(*lab.cra_arguments((SECOND_TSV,)))
    before = lab.counters()
    leased_from(lab, plan.NATIVE_POOL)
    exchange = ("discover", "request"), ("offer", "ack")
    lab.expect_moved(
        before,
        {
            **{f"cra.eth1.relayed.{kind}.{lab.tier}": 1 for kind in exchange[0]},
            **{f"tra.eth0.relayed.{kind}.{lab.tier}": 1 for kind in exchange[0]},
            **{f"tra.second-rly.relayed.{kind}.{lab.tier}": 1 for kind in exchange[1]},
            **{f"cra.eth0.relayed.{kind}.{lab.tier}": 1 for kind in exchange[1]},
        },
    )


def register() -> None:
    for server, xdp in product(servers.KINDS, ("native", "off")):
        spec = LabSpec(xdp=xdp, far="tsv", server=server)
        case(f"subnets.link-selection.{server}.{xdp}", spec, ("R-TRA-7",))(link_selection)
    for xdp in ("native", "off"):
        case(f"subnets.two-tsv.{xdp}", LabSpec(xdp=xdp, far="tsv"), ("D-11",), own_lab=True)(
            two_instances
        )


register()
