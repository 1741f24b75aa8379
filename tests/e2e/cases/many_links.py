# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""An LCRA with 64 client links: the IPv6 address to which a reply comes names the link (E-32)."""

from contextlib import ExitStack

from harness.registry import case
from lab import craft, plan, topology
from lab.capture import Capture
from lab.checks import check_equal, relayed
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.message import BOOTREPLY, BOOTREQUEST, MESSAGE_TYPE, RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.netns import End, connect
from lab.parley import parley
from lab.scripted import Port, answer, arrived
from lab.waiting import wait_until
from lab.wire import udp_datagrams

LINKS = 64
PREFIX = "2001:db8:a:64::/64"
SOURCES = [f"2001:db8:a:64::{n:x}" for n in range(1, LINKS + 1)]
CHADDR = bytes.fromhex("0200000000aa")
XID = 0x64646464


def make_links(lab: Lab, count: int = LINKS) -> list[End]:
    """The clients' ends of the links; each CRA's end has an IPv6 address of its own."""
    cra, client = lab.at.cra, lab.at.client.namespace
    ends = []
    for n in range(count):
        end, own = End(client, f"l{n}"), End(cra, f"l{n}")
        connect(end, f"02:00:00:00:a0:{n:02x}", own, f"02:00:00:00:a1:{n:02x}")
        ends.append(end)
    client.ip_batch(*(f"link set l{n} up" for n in range(count)))
    cra.ip_batch(*(f"link set l{n} up" for n in range(count)))
    cra.ip_batch(*(f"addr add {SOURCES[n]}/128 dev l{n} nodad" for n in range(count)))
    lab.at.router.ip("-6", "route", "add", PREFIX, "via", plan.CRA_V6)
    if lab.spec.xdp == "native":
        for end in ends:
            topology.let_pass(end, lab.workspace.pass_program)
    client.settle()
    cra.settle()
    return ends


def attach(lab: Lab) -> None:
    devices = [word for n in range(LINKS) for word in ("--client-dev", f"l{n}")]
    lab.cra.run("detach", CRA_NAME)
    lab.cra.run(
        *("attach", "lcra", CRA_NAME, *devices, "--uplink-dev", "eth0"),
        *("--upstream", plan.TRA_V6, "--xdp", lab.spec.xdp),
    )
    lab.attach_tra("--cra-prefix", PREFIX)


def many_links(lab: Lab) -> None:
    """The same MAC address and xid on all links at once: each reply comes to its own link."""
    ends = make_links(lab)
    attach(lab)
    topology.warm_neighbours(lab.at)
    with ExitStack() as stack:
        captures = [Capture(end) for end in ends]
        for capture in captures:
            stack.callback(capture.close)
        before = lab.counters()
        message = Message(xid=XID, chaddr=CHADDR, options=((MESSAGE_TYPE, b"\x01"),))
        for end in ends:
            stack.enter_context(Port(end)).send(craft.client_frame(message.build()))
        requests = wait_until("a request of each link", lambda: _requests(lab))
        sources = [request.option(RELAY_AGENT_INFORMATION) for request in requests]
        check_equal(sources, [cra6addr(source) for source in SOURCES], "CRA6ADDR of the requests")

        server = stack.enter_context(Port(lab.at.server))
        for n in reversed(range(LINKS)):
            offer = answer(requests[n], "offer", f"198.51.100.{130 + n}")
            server.send(craft.from_server(offer.build()))
        wait_until("a reply on each link", lambda: all(_offered(one) for one in captures))
        offered = [_offered(capture) for capture in captures]
        check_equal(offered, [[f"198.51.100.{130 + n}"] for n in range(LINKS)], "offers by link")
        lab.expect_moved(
            before,
            {
                **{f"cra.l{n}.relayed.discover.{lab.tier}": 1 for n in range(LINKS)},
                f"tra.eth0.relayed.discover.{lab.tier}": LINKS,
                f"tra.eth1.relayed.offer.{lab.tier}": LINKS,
                f"cra.eth0.relayed.offer.{lab.tier}": LINKS,
            },
        )


def shared_uplink(lab: Lab) -> None:
    """Two instances have an uplink in common: each serves its own link, and is taken away alone."""
    ends = make_links(lab, 1)
    lab.cra.run(
        *("attach", "lcra", "second", "--client-dev", "l0", "--uplink-dev", "eth0"),
        *("--upstream", plan.TRA_V6, "--xdp", lab.spec.xdp),
    )
    lab.attach_tra("--cra-prefix", PREFIX)
    for name in ("", "second"):
        if name:
            lab.cra.run("detach", name)
        with parley(lab) as talk:
            before = lab.counters()
            talk.there_and_back()
            lab.expect_moved(before, relayed(lab, ("discover", "offer")))
        if name:
            continue
        with Port(ends[0]) as port:
            before = lab.counters()
            message = Message(xid=XID, chaddr=CHADDR, options=((MESSAGE_TYPE, b"\x01"),))
            port.send(craft.client_frame(message.build()))
            _, request = arrived(lab.captures["server"], BOOTREQUEST, XID, "discover")
            agent = request.option(RELAY_AGENT_INFORMATION)
            check_equal(agent, cra6addr(SOURCES[0]), "CRA6ADDR of the second instance")
            moved = {"cra.l0": 1, "tra.eth0": 1}
            names = {f"{at}.relayed.discover.{lab.tier}": n for at, n in moved.items()}
            lab.expect_moved(before, names)


def _requests(lab: Lab) -> list[Message]:
    found = [Message.parse(d.payload) for d in udp_datagrams(lab.captures["server"].frames(), 67)]
    requests = [message for message in found if message.xid == XID and message.op == 1]
    return requests if len(requests) >= LINKS else []


def _offered(capture: Capture) -> list[str]:
    """The addresses offered on the link."""
    found = [Message.parse(d.payload) for d in udp_datagrams(capture.frames(), 67, 68)]
    return [message.yiaddr for message in found if message.op == BOOTREPLY]


def register() -> None:
    for xdp in ("native", "off"):
        case(f"many-links.64.{xdp}", LabSpec(xdp=xdp), ("E-32", "R-CRA-19"), own_lab=True)(
            many_links
        )
        case(f"many-links.shared-uplink.{xdp}", LabSpec(xdp=xdp), ("E-32", "R-CRA-21"), own_lab=True)(
            shared_uplink
        )


register()
