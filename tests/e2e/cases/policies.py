# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The knobs of requirements.md D-1, each at work between ends that the test plays."""

from dataclasses import replace

from harness.registry import case
from lab import craft, plan
from lab.checks import check_equal, seen
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.message import BOOTREQUEST, RELAY_AGENT_INFORMATION, cra6addr
from lab.parley import parley
from lab.scripted import Port, answer, arrived

OTHER_RELAY = "203.0.113.1"
OTHER_SERVER = "198.51.100.9"
STRANGER_V6 = "2001:db8:ff::9"


def hops_limit(lab: Lab) -> None:
    """What arrives with more hops than the limit goes no further; the limit itself does."""
    lab.attach_cra("--hops-limit", "4")
    with parley(lab) as talk:
        before = lab.counters()
        talk.client.send(talk.client.message("discover", hops=5))
        lab.expect_moved(before, {"cra.eth1.dropped.hops": 1})
        talk.client.new_exchange()
        talk.client.send(talk.client.message("discover", hops=4))
        _, request = arrived(lab.captures["server"], BOOTREQUEST, talk.client.xid, "discover")
    check_equal(request.hops, 6, "hops at the server")


def cra6addr_code(lab: Lab) -> None:
    """Another sub-option code, there and back."""
    lab.attach_tra("--cra6addr", "46")
    with parley(lab) as talk:
        request = talk.ask()
        agent = request.option(RELAY_AGENT_INFORMATION)
        check_equal(agent, cra6addr(plan.CRA_V6, code=46), "option 82")
        talk.answer(request)
        talk.hear()


def circuit_id(lab: Lab) -> None:
    """CRA6ADDR as circuit-id, for servers that know no other sub-option."""
    lab.attach_tra("--cra6addr", "circuit-id")
    with parley(lab) as talk:
        request = talk.ask()
        agent = request.option(RELAY_AGENT_INFORMATION)
        check_equal(agent, cra6addr(plan.CRA_V6, code=1), "option 82")
        talk.answer(request)
        talk.hear()


def giaddr_replaced(lab: Lab) -> None:
    """By default the TRA puts its own giaddr in place of another relay's, and notes it."""
    with parley(lab) as talk:
        before = lab.counters()
        talk.client.send(talk.client.message("discover", giaddr=OTHER_RELAY))
        _, request = arrived(lab.captures["server"], BOOTREQUEST, talk.client.xid, "discover")
        check_equal(request.giaddr, plan.TRA_V4, "giaddr at the server")
        lab.expect_moved(
            before,
            {
                f"cra.eth1.relayed.discover.{lab.tier}": 1,
                f"tra.eth0.relayed.discover.{lab.tier}": 1,
                "tra.eth0.noted.giaddr_replaced": 1,
            },
        )
    check_equal(seen(lab, "cra")[0].message.giaddr, OTHER_RELAY, "giaddr from the CRA (E-2)")


def giaddr_drop(lab: Lab) -> None:
    lab.attach_tra("--giaddr-policy", "drop")
    with parley(lab) as talk:
        before = lab.counters()
        talk.client.send(talk.client.message("discover", giaddr=OTHER_RELAY))
        lab.expect_moved(
            before,
            {f"cra.eth1.relayed.discover.{lab.tier}": 1, "tra.eth0.dropped.giaddr_set": 1},
        )
        talk.there_and_back()


def always_broadcast(lab: Lab) -> None:
    """IPv4 broadcast to the MAC address of a client that did not ask for it."""
    lab.attach_cra("--always-broadcast")
    with parley(lab) as talk:
        talk.there_and_back()
    datagram = seen(lab, "client")[-1].datagram
    found = (datagram.destination, datagram.ether_destination)
    check_equal(found, ("255.255.255.255", plan.CLIENT_MAC), "destination of the offer")


def client_source(lab: Lab) -> None:
    """The IPv4 source towards clients of a CRA that has no IPv4 address (E-12)."""
    lab.attach_cra("--client-source", "192.0.2.99")
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(seen(lab, "client")[-1].datagram.source, "192.0.2.99", "source of the offer")


def accept_any_source(lab: Lab) -> None:
    """Replies of peers that are not configured are taken where that is asked for."""
    lab.attach_cra("--accept-any-source")
    lab.attach_tra("--accept-any-source")
    with parley(lab) as talk, Port(lab.at.server) as server:
        offer = answer(talk.ask(), "offer", "198.51.100.202")
        server.send(craft.from_server(offer.build(), source=OTHER_SERVER))
        talk.hear()
        talk.client.new_exchange()
        offer = replace(offer, xid=talk.client.xid).without(RELAY_AGENT_INFORMATION)
        with Port(lab.at.ends["cra"]) as router:
            router.send(craft.to_cra(offer.build(), source=STRANGER_V6))
        talk.hear()


def no_prefix(lab: Lab) -> None:
    """Without --cra-prefix any global CRA is served and answered, and status warns (D-3)."""
    lab.tra.run("detach", TRA_NAME)
    arguments = lab.tra_arguments()
    at = arguments.index("--cra-prefix")
    lab.tra.run(*arguments[:at], *arguments[at + 2 :])
    warnings = lab.tra.status(TRA_NAME)["warnings"]
    check_equal(any("prefix" in warning for warning in warnings), True, f"warnings {warnings}")
    with parley(lab) as talk:
        talk.there_and_back()


def route_decides(lab: Lab) -> None:
    """Without --uplink-dev the route to the upstream says which device it is."""
    lab.cra.run("detach", CRA_NAME)
    arguments = lab.cra_arguments()
    at = arguments.index("--uplink-dev")
    lab.cra.run(*arguments[:at], *arguments[at + 2 :])
    with parley(lab) as talk:
        talk.there_and_back()


POLICIES = {
    "hops-limit": (hops_limit, ("E-1", "D-1")),
    "cra6addr-code": (cra6addr_code, ("R-SUB-6", "D-1")),
    "circuit-id": (circuit_id, ("R-SUB-6", "D-1")),
    "giaddr-replaced": (giaddr_replaced, ("E-2", "E-4")),
    "giaddr-drop": (giaddr_drop, ("E-4", "D-1")),
    "always-broadcast": (always_broadcast, ("E-7", "D-1")),
    "client-source": (client_source, ("E-12", "D-1")),
    "accept-any-source": (accept_any_source, ("R-SEC-1", "E-49", "D-1")),
    "no-prefix": (no_prefix, ("D-3",)),
    "route-decides": (route_decides, ("D-10",)),
}


def register() -> None:
    for xdp in ("native", "off"):
        for name, (body, ids) in POLICIES.items():
            case(f"policy.{name}.{xdp}", LabSpec(xdp=xdp), ids, own_lab=True)(body)


register()
