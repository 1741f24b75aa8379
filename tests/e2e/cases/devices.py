# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Devices as users have them: bridges, macvlan, and those without an Ethernet header."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from harness.registry import Skip, case
from lab import plan, topology
from lab.checks import check, check_equal, check_exchange, relayed, take_lease
from lab.counters import Counters
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.message import RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.netns import End, received
from lab.parley import YIADDR, scripted_client
from lab.scripted import answer
from lab.tunnel import Tunnel
from lab.waiting import wait_until

EXCHANGE = ("discover", "offer", "request", "ack")


def check_device(lab: Lab, device: str, xdp: str) -> None:
    """status says how the device runs, and why."""
    devices = {one["device"]: one for one in lab.cra.status(CRA_NAME)["devices"]}
    check_equal(devices[device]["xdp"], xdp, f"XDP on {device}")
    check(bool(devices[device]["why"]), f"{device}: no reason given")


def lease_through(lab: Lab, renamed: dict[str, str]) -> None:
    """A stock client's lease, counted by TC at the CRA, on devices with other names than usual."""
    topology.warm_neighbours(lab.at)
    lab.clear_captures()
    before = lab.counters()
    take_lease(lab, "udhcpc")
    check_exchange(lab, *EXCHANGE)
    lab.expect_moved(before, _by_tc(relayed(lab, EXCHANGE), renamed))


def _by_tc(counters: Counters, renamed: dict[str, str]) -> Counters:
    found: Counters = {}
    for name, count in counters.items():
        role, device, rest = name.split(".", 2)
        if role == "cra":
            name = f"cra.{renamed.get(device, device)}.{rest.replace('.xdp', '.tc')}"
        found[name] = count
    return found


def client_link(lab: Lab, device: str) -> None:
    """The LCRA's client link is the device, which the driver gives no native XDP."""
    lab.cra.run(
        *("attach", "lcra", CRA_NAME, "--client-dev", device, "--uplink-dev", "eth0"),
        *("--upstream", plan.TRA_V6, "--xdp", "auto"),
    )
    lab.attach_tra()
    check_device(lab, device, "off")
    lease_through(lab, {"eth1": device})


def bridge(lab: Lab) -> None:
    """Clients behind a port of a bridge."""
    lab.at.cra.ip_batch(
        "link add br0 type bridge", "link set eth1 master br0", "link set br0 up"
    )
    lab.at.cra.settle()
    client_link(lab, "br0")


def macvlan(lab: Lab) -> None:
    lab.at.cra.ip_batch(
        "link add link eth1 name mv0 type macvlan mode bridge", "link set mv0 up"
    )
    lab.at.cra.settle()
    client_link(lab, "mv0")


def vlan(lab: Lab) -> None:
    """Clients in a VLAN of the link."""
    client = End(lab.at.client.namespace, "c0.7")
    for end in (client, End(lab.at.cra, "eth1.7")):
        parent = end.device.removesuffix(".7")
        words = ("link", parent, "name", end.device, "type", "vlan", "id", "7")
        if "Unknown device type" in end.namespace.ip("link", "add", *words, check=False).stderr:
            raise Skip("this kernel has no VLAN devices")
        end.namespace.ip("link", "set", end.device, "up")
        end.namespace.settle()
    lab.at = replace(lab.at, client=client)
    lab.capture("client", client)
    client_link(lab, "eth1.7")


def hcra_on_bridge(lab: Lab) -> None:
    """A host whose uplink is a port of its bridge: client, HCRA and IPv6 are on the bridge."""
    host = lab.at.cra
    host.ip_batch(
        "link add br0 type bridge",
        f"link set br0 address {plan.CRA_UPLINK_MAC}",
        "link set eth0 master br0",
        "link set br0 up",
        f"addr del {plan.CRA_V6}/64 dev eth0",
        f"addr add {plan.CRA_V6}/64 dev br0 nodad",
    )
    host.settle()
    host.ip("-6", "route", "replace", "default", "via", plan.ROUTER_CRA_V6, "dev", "br0")
    lab.at = replace(lab.at, client=End(host, "br0"))
    lab.capture("client", lab.at.client)
    lab.cra.run(
        *("attach", "hcra", CRA_NAME, "--dev", "br0", "--upstream", plan.TRA_V6, "--xdp", "auto")
    )
    lab.attach_tra()
    check_device(lab, "br0", "off")
    lease_through(lab, {"eth0": "br0"})


@contextmanager
def tunnel(one: End, one_address: str, other: End, other_address: str) -> Iterator[None]:
    """The two ends, point to point."""
    link = Tunnel(one, other)
    try:
        for end, own, peer in ((one, one_address, other_address), (other, other_address, one_address)):
            flags = ("nodad",) if ":" in own else ()
            end.namespace.ip("addr", "add", own, "peer", peer, "dev", end.device, *flags)
        yield
    finally:
        link.close()


def lcra_uplink(lab: Lab) -> None:
    """The LCRA's uplink has no Ethernet header."""
    own, far = End(lab.at.cra, "tun0"), End(lab.at.router, "tun1")
    lab.at.cra.ip("link", "set", "eth0", "down")
    lab.at.router.ip("addr", "del", f"{plan.ROUTER_CRA_V6}/64", "dev", "r0")
    with ExitStack() as stack:
        stack.enter_context(tunnel(own, plan.CRA_V6, far, plan.ROUTER_CRA_V6))
        lab.at.cra.ip("-6", "route", "replace", "default", "dev", "tun0")
        lab.capture("cra", far)
        lab.cra.run(
            *("attach", "lcra", CRA_NAME, "--client-dev", "eth1", "--uplink-dev", "tun0"),
            *("--upstream", plan.TRA_V6, "--xdp", "auto"),
        )
        lab.attach_tra()
        check_device(lab, "tun0", "off")
        lease_through(lab, {"eth0": "tun0"})


def tra_sides(lab: Lab) -> None:
    """Neither side of the TRA has an Ethernet header."""
    six, router = End(lab.at.tra, "tun6"), End(lab.at.router, "tun1")
    four, server = End(lab.at.tra, "tun4"), End(lab.at.server.namespace, "tun0")
    lab.at.tra.ip("addr", "del", f"{plan.TRA_V6}/64", "dev", "eth0")
    lab.at.tra.ip("addr", "del", f"{plan.TRA_V4}/24", "dev", "eth1")
    lab.at.server.namespace.ip("addr", "del", f"{plan.SERVER_V4}/24", "dev", "s0")
    with ExitStack() as stack:
        stack.enter_context(tunnel(six, plan.TRA_V6, router, plan.ROUTER_TRA_V6))
        stack.enter_context(tunnel(four, plan.TRA_V4, server, plan.SERVER_V4))
        lab.at.tra.ip("-6", "route", "replace", "default", "dev", "tun6")
        lab.attach_cra()
        lab.tra.run(
            *("attach", "tra", TRA_NAME, "--v6-dev", "tun6", "--v4-dev", "tun4"),
            *("--server", plan.SERVER_V4, "--cra-prefix", plan.CRA_PREFIX, "--xdp", "auto"),
        )
        client = stack.enter_context(scripted_client(lab))
        before = lab.counters()
        client.send(client.message("discover"))
        request = Message.parse(wait_until("the request", lambda: received(lab.server_port)))
        check_equal((request.giaddr, request.hops), (plan.TRA_V4, 2), "giaddr and hops")
        agent = request.option(RELAY_AGENT_INFORMATION)
        check_equal(agent, cra6addr(plan.CRA_V6), "option 82")
        offer = answer(request, "offer", YIADDR)
        lab.server_port.sendto(offer.build(), (plan.TRA_V4, 67))
        stripped = offer.without(RELAY_AGENT_INFORMATION)
        check_equal(client.reply("offer")[1], stripped, "the OFFER at the client")
        moved = {
            f"cra.eth1.relayed.discover.{lab.tier}": 1,
            "tra.tun6.relayed.discover.tc": 1,
            "tra.tun4.relayed.offer.tc": 1,
            f"cra.eth0.relayed.offer.{lab.tier}": 1,
        }
        lab.expect_moved(before, moved)


def register() -> None:
    served = LabSpec(attached=False, server="kea-udp")
    for name, spec, body, ids in (
        ("client-link.bridge", served, bridge, ("D-16",)),
        ("client-link.macvlan", served, macvlan, ("R-CRA-19",)),
        ("client-link.vlan", served, vlan, ("E-31",)),
        ("hcra.bridge", replace(served, cra="hcra"), hcra_on_bridge, ("R-CRA-23",)),
        ("uplink.tun", served, lcra_uplink, ("R-CRA-11",)),
        ("tra.tun", LabSpec(attached=False), tra_sides, ("R-TRA-1",)),
    ):
        case(f"devices.{name}", spec, ids, own_lab=True)(body)


register()
