# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A server with a TSV on its own host: what it goes on doing, and what attach makes and unmakes."""

import ipaddress
import socket
from contextlib import ExitStack
from dataclasses import dataclass

from harness.registry import case
from lab import craft, plan
from lab.answers import traces
from lab.checks import check, check_equal, expect_relayed, relayed, seen
from lab.clients import CLIENTS
from lab.lab import TRA_NAME, Lab, LabSpec
from lab.message import RELAY_AGENT_INFORMATION
from lab.netns import End, Namespace
from lab.parley import YIADDR, parley, renew
from lab.scripted import Port, ScriptedClient, answer, arrived

# Kea on UDP sockets does not hear broadcasts, with dhcp46 or without.
HEARS_BROADCASTS = ("kea-raw", "dhcpd", "dnsmasq")
OWN_V6 = "2001:db8:ff::46"  # of the server's host, as a client of another TSV
OTHER_GIADDR, OTHER_SERVER = "198.51.100.3", "198.51.100.4"


def native_client(lab: Lab) -> None:
    """On the server's own link a client is served over IPv4 by the same process, and renews."""
    before = lab.counters()
    end = lab.at.native
    assert end
    client = CLIENTS["udhcpc"](end, lab.work)
    try:
        lease = client.wait_for_lease()
        address = ipaddress.ip_address(lease.address)
        check(address in ipaddress.ip_network(plan.NATIVE_POOL), f"{address} is of another subnet")
        check_equal((lease.server, lease.router), (plan.NATIVE_V4, plan.NATIVE_ROUTER), "options")
        renew(lab, client, "native")
        check_equal(client.wait_for_renewal().address, lease.address, "renewed address")
    finally:
        client.stop()
    crossed = [(one.kind, one.datagram.destination) for one in seen(lab, "native")]
    check_equal(crossed[-2][0], "request", "the message before the last")
    check_equal(crossed[-2][1], plan.NATIVE_V4, "destination of the renewal")
    check_equal(crossed[-1], ("ack", lease.address), "the last message")
    for link in ("server", "tra", "cra", "client"):
        check_equal(seen(lab, link), [], f"messages on link {link}")
    lab.expect_moved(before, {})


@dataclass(frozen=True)
class State:
    """What a host has that a pair of devices could have changed."""

    links: list[str]
    addresses: list[str]
    routes: list[str]
    neighbours: list[str]

    @staticmethod
    def of(namespace: Namespace) -> "State":
        def lines(*words: str) -> list[str]:
            return sorted(line.strip() for line in namespace.ip(*words).stdout.splitlines())

        return State(
            [link["ifname"] for link in namespace.ip_json("link", "show")],
            lines("-br", "addr", "show"),
            [*lines("-4", "route", "show", "table", "all"), *lines("-6", "route", "show")],
            lines("neigh", "show", "nud", "permanent"),
        )


def detach_removes(lab: Lab) -> None:
    """What attach made, and nothing else, is what detach takes away."""
    lab.tra.run("detach", TRA_NAME)
    bare = State.of(lab.at.tra)
    check_equal([name for name in bare.links if name.startswith("core")], [], "devices")
    for _ in range(2):
        lab.attach_tra()
        made = State.of(lab.at.tra)
        check_equal(set(made.links) - set(bare.links), {"core-rly", "core-srv"}, "new devices")
        routes = {line.split(" proto")[0] for line in set(made.routes) - set(bare.routes)}
        wanted = {f"{plan.TRA_V4} dev core-srv", f"local {plan.SERVER_V4} dev core-srv table local"}
        check_equal(routes, wanted, "new routes")
        neighbour = f"{plan.TRA_V4} dev core-srv lladdr {lab.at.relay.mac} PERMANENT"
        check_equal(made.neighbours, [*bare.neighbours, neighbour], "neighbours")
        lab.tra.run("detach", TRA_NAME)
        check_equal(State.of(lab.at.tra), bare, "state of the host")
        check_equal(traces(lab.tra, "eth0"), [], "what detach left")
    lab.attach_tra()
    with parley(lab) as talk:
        talk.there_and_back()


def other_values(lab: Lab) -> None:
    """Attached again with other addresses, the pair stays, and has none of the earlier ones."""
    before = State.of(lab.at.tra)
    mac = lab.at.server.mac
    arguments = list(lab.tra_arguments((OTHER_SERVER,)))
    arguments[arguments.index("--giaddr") + 1] = OTHER_GIADDR
    lab.tra.run(*arguments)
    check_equal(lab.at.server.mac, mac, "MAC address of the server's end")
    text = "\n".join([*State.of(lab.at.tra).addresses, *State.of(lab.at.tra).routes])
    check(OTHER_SERVER in text and OTHER_GIADDR in text, f"new addresses are missing:\n{text}")
    for gone in (f"{plan.SERVER_V4}/32", f"{plan.TRA_V4} dev", f"local {plan.SERVER_V4} "):
        check(gone not in text, f"{gone} is still there:\n{text}")
    lab.attach_tra()
    check_equal(State.of(lab.at.tra), before, "state with the first values again")
    with parley(lab) as talk:
        talk.there_and_back()


def beside_hcra(lab: Lab) -> None:
    """The server's host is a client itself: an HCRA on the device of the TSV, and both work."""
    host, end = lab.at.tra, lab.at.ends["tra"]
    host.ip("addr", "add", f"{OWN_V6}/128", "dev", "eth0", "nodad")
    lab.tra.run(
        *("attach", "hcra", "own", "--dev", "eth0", "--source", OWN_V6),
        *("--upstream", plan.ROUTER_TRA_V6, "--xdp", lab.spec.xdp),
    )
    device = End(host, "eth0")
    with ExitStack() as stack:
        stack.callback(lab.tra.run, "detach", "own")
        stack.enter_context(lab.at.router.udp_socket(socket.AF_INET6))
        router = stack.enter_context(Port(end))
        host.run("ping", "-6", "-n", "-c", "1", "-W", "5", plan.ROUTER_TRA_V6)
        before = lab.counters()
        own = ScriptedClient(stack.enter_context(Port(device)), lab.captures["tra"], device.mac)
        own.send(own.message("discover"))
        datagram, request = arrived(lab.captures["tra"], 1, own.xid, "discover", version=6)
        wanted = (OWN_V6, plan.ROUTER_TRA_V6, 67, 67)
        check_equal(datagram.addresses, wanted, "addresses of the HCRA's request")
        offer = answer(request, "offer", YIADDR).without(RELAY_AGENT_INFORMATION)
        frame = craft.to_tra(offer.build(), source=plan.ROUTER_TRA_V6, destination=OWN_V6)
        router.send(frame)
        hcra = {"tra.eth0.relayed.discover.tc": 1, f"tra.eth0.relayed.offer.{lab.tier}": 1}
        lab.expect_moved(before, hcra)
    lab.clear_captures()
    with parley(lab) as talk:
        before = lab.counters()
        talk.there_and_back()
        expect_relayed(lab, before, "discover", "offer")


def cra_prefix(lab: Lab) -> None:
    """Only CRAs with a prefix that is allowed are served."""
    before = lab.counters()
    with parley(lab) as talk, Port(lab.at.ends["tra"]) as router:
        message = talk.client.message("discover", hops=1)
        router.send(craft.to_tra(message.build(), source="2001:db8:bad::1"))
        talk.there_and_back()
    served = relayed(lab, ("discover", "offer"))
    lab.expect_moved(before, {**served, "tra.eth0.dropped.cra_not_allowed": 1})
    check_equal(len(seen(lab, "server")), 2, "messages at the server")


def register() -> None:
    for xdp in ("native", "off"):
        for server in HEARS_BROADCASTS:
            spec = LabSpec(xdp=xdp, far="tsv", server=server)
            case(f"tsv.native-client.{server}.{xdp}", spec, ("R-TSV-2", "R-TSV-7", "E-42"))(
                native_client
            )
        spec = LabSpec(xdp=xdp, far="tsv")
        for name, body, ids in (
            ("detach-removes", detach_removes, ("D-11",)),
            ("other-values", other_values, ("R-TSV-6",)),
            ("beside-hcra", beside_hcra, ("R-CRA-21",)),
            ("cra-prefix", cra_prefix, ("R-SEC-2",)),
        ):
            case(f"tsv.{name}.{xdp}", spec, ids)(body)


register()
