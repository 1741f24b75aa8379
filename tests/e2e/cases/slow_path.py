# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What the kernel programs hand up, and what only the host's stack puts together: relayed by the
controllers at both ends, from the client to the server and back."""

import random
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from scapy.layers.inet import IP, UDP, fragment
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    fragment6,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.registry import case
from lab import craft, plan
from lab.checks import check, check_equal, check_no_icmp_errors
from lab.controller import Controller, controller
from lab.counters import Counters, moved
from lab.lab import Lab, LabSpec
from lab.message import BOOTREPLY, BOOTREQUEST, RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.parley import YIADDR
from lab.scripted import Port, answer
from lab.waiting import wait_until
from lab.whole import whole_datagram
from lab.wire import Datagram

ETHERNET_MTU = 1500
MINIMUM_MTU = 1280
HUGE = 4000
PUNT_SHARE = 128  # records of one link that may lie in the ring
SEED = 4006

@contextmanager
def both_controllers(lab: Lab) -> Iterator[None]:
    with ExitStack() as stack:
        for product in (lab.cra, lab.tra):
            stack.enter_context(controller(lab, product=product))
        yield


class Exchange:
    """A DISCOVER and its OFFER, each as long as the test wants."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.chaddr = bytes.fromhex(lab.at.client.mac.replace(":", ""))
        self.xid = random.Random(SEED).getrandbits(32)

    def discover(self, *options: tuple[int, bytes]) -> Message:
        return Message(xid=self.xid, chaddr=self.chaddr, options=((53, b"\1"), *options))

    def send_request(self, payload: bytes) -> None:
        frame = craft.client_frame(payload, ether_source=self.lab.at.client.mac)
        with Port(self.lab.at.client) as port, suppress(*self._taken()):
            for part in in_fragments(frame):
                port.send(part)

    def _taken(self) -> tuple[type[OSError], ...]:
        """What an HCRA's client is told of a packet that was taken from it and handed up."""
        return (OSError,) if self.lab.at.is_hcra else ()

    def at_server(self) -> Message:
        datagram = self._arrived("server", BOOTREQUEST, 4)
        check_equal(datagram.addresses, (plan.TRA_V4, plan.SERVER_V4, 67, 67), "to the server")
        return Message.parse(datagram.payload)

    def on_ipv6(self, op: int) -> Datagram:
        datagram = self._arrived("tra", op, 6)
        ends = (plan.CRA_V6, plan.TRA_V6)[:: 1 if op == BOOTREQUEST else -1]
        check_equal(datagram.addresses, (*ends, 67, 67), "over IPv6")
        check(datagram.hop_limit in (63, 64), "hop limit")
        return datagram

    def send_reply(self, payload: bytes) -> None:
        frame = craft.from_server(payload)
        frame.src, frame.dst = self.lab.at.server.mac, self.lab.at.relay.mac
        with Port(self.lab.at.server) as port:
            for part in in_fragments(frame):
                port.send(part)

    def at_client(self) -> Message:
        datagram = self._arrived("client", BOOTREPLY, 4)
        check_equal(datagram.destination, YIADDR, "to the client")
        check_equal(datagram.destination_port, 68, "the client's port")
        check_equal(datagram.ether_destination, self.lab.at.client.mac, "the client's MAC address")
        return Message.parse(datagram.payload)

    def _arrived(self, link: str, op: int, version: int) -> Datagram:
        datagram = whole_datagram(self.lab.captures[link], self.xid, op, version)
        check(datagram.checksum in ("good", "unfinished"), f"checksum on {link}")
        return datagram


def in_fragments(frame: Packet) -> list[Packet]:
    """The frame, or what an IPv4 host makes of it, in any order."""
    if len(frame[IP]) <= ETHERNET_MTU:
        return [frame]
    ether = Ether(src=frame.src, dst=frame.dst)
    parts = [ether / part for part in fragment(frame[IP], ETHERNET_MTU - 28)]
    random.Random(SEED).shuffle(parts)
    return parts


def filled(message: Message, size: int) -> Message:
    """With options up to that many octets, and no padding that option 82 could take."""
    left = size - len(message.build(minimum=0))
    options = []
    while left:
        part = min(left, 257)
        part -= 2 if 0 < left - part < 2 else 0
        options.append((224, bytes(part - 2)))
        left -= part
    return replace(message, options=(*message.options, *options))


def bodies(message: Message) -> tuple[tuple[int, bytes], ...]:
    return message.without(RELAY_AGENT_INFORMATION).options


def long_exchange(lab: Lab, request_size: int, reply_size: int) -> None:
    exchange = Exchange(lab)
    sent = filled(exchange.discover(), request_size)
    with both_controllers(lab):
        exchange.send_request(sent.build(minimum=0))
        crossed = exchange.on_ipv6(BOOTREQUEST)
        check_equal(len(crossed.payload), request_size, "octets over IPv6")
        request = exchange.at_server()
        check_equal(bodies(request), sent.options, "options at the server")
        agent = request.option(RELAY_AGENT_INFORMATION)
        check_equal(agent, cra6addr(plan.CRA_V6), "option 82")

        offer = filled(answer(request, "offer", YIADDR), reply_size)
        exchange.send_reply(offer.build(minimum=0))
        check_equal(len(exchange.on_ipv6(BOOTREPLY).payload), reply_size, "octets over IPv6")
        received = exchange.at_client()
        check_equal(received.options, bodies(offer), "options at the client")
    check_no_icmp_errors(lab)


def narrow(lab: Lab) -> None:
    """The way over IPv6 has a smaller MTU than the links of client and server (E-33)."""
    for namespace, device in ((lab.at.cra, "eth0"), (lab.at.tra, "eth0")):
        namespace.ip("link", "set", "dev", device, "mtu", str(MINIMUM_MTU))
    lab.attach_cra()
    lab.attach_tra()
    long_exchange(lab, 1400, 1400)


def no_room(lab: Lab) -> None:
    """Only with option 82 in it is the request too big for the server's link (E-18)."""
    lab.at.tra.ip("link", "set", "dev", "eth1", "mtu", "1400")
    lab.attach_tra()
    long_exchange(lab, 1400 - 28 - 7, 300)


MANY = tuple((224, bytes((number,))) for number in range(65))


def many_options(lab: Lab) -> None:
    """More than the kernel walks, with and without option 82 behind them (D-13)."""
    exchange = Exchange(lab)
    sent = exchange.discover(*MANY)
    with both_controllers(lab):
        before = lab.counters()
        exchange.send_request(sent.build())
        request = exchange.at_server()
        check_equal(bodies(request), sent.options, "options at the server")
        offer = answer(request, "offer", YIADDR)
        offer = replace(offer, options=(*MANY, *offer.options))
        exchange.send_reply(offer.build())
        check_equal(exchange.at_client().options, bodies(offer), "options at the client")
        lab.expect_moved(before, punted_and_relayed("many_options", "discover", "offer", lab))


def punted_and_relayed(reason: str, request: str, reply: str, lab: Lab) -> Counters:
    requests = ("cra.eth1" if not lab.at.is_hcra else "cra.eth0", "tra.eth0")
    replies = (f"tra.{lab.at.relay.device}", "cra.eth0")
    expected: Counters = {}
    for places, kind in ((requests, request), (replies, reply)):
        for place in places:
            for name in (f"{place}.punted.{reason}", f"{place}.relayed.{kind}.slow"):
                expected[name] = expected.get(name, 0) + 1
    return expected


@dataclass(frozen=True)
class Split:
    """Option 82 of a reply, in pieces (RFC 3396)."""

    name: str
    pieces: tuple[int, ...]  # octets in each but the last


SPLITS = (Split("in-two", (9,)), Split("in-octets", (1,) * 17), Split("in-between", (0, 5)))


def split(lab: Lab, how: Split) -> None:
    exchange = Exchange(lab)
    with both_controllers(lab):
        exchange.send_request(exchange.discover().build())
        request = exchange.at_server()
        offer = answer(request, "offer", YIADDR)
        value = offer.option(RELAY_AGENT_INFORMATION) or b""
        options = interleaved(bodies(offer), pieces_of(value, how.pieces))
        before = lab.counters()
        exchange.send_reply(replace(offer, options=tuple(options)).build())
        check_equal(exchange.at_client().options, bodies(offer), "options at the client")
        side = f"tra.{lab.at.relay.device}"
        lab.expect_moved(before, {
            f"{side}.punted.split_opt82": 1,
            f"{side}.relayed.offer.slow": 1,
            f"cra.eth0.relayed.offer.{lab.tier}": 1,
        })


def pieces_of(value: bytes, sizes: tuple[int, ...]) -> list[tuple[int, bytes]]:
    pieces, at = [], 0
    for size in (*sizes, len(value)):
        pieces.append((RELAY_AGENT_INFORMATION, value[at : at + size]))
        at += size
    return pieces


def interleaved(
    options: tuple[tuple[int, bytes], ...], pieces: list[tuple[int, bytes]]
) -> list[tuple[int, bytes]]:
    """A piece, an option, and so on; what is left over at the end."""
    mixed: list[tuple[int, bytes]] = []
    for index in range(max(len(options), len(pieces))):
        mixed += [*pieces[index : index + 1], *options[index : index + 1]]
    return mixed


@dataclass(frozen=True)
class Header:
    name: str
    made: Packet


HEADERS = (
    Header("hop-by-hop", IPv6ExtHdrHopByHop()),
    Header("destination-options", IPv6ExtHdrDestOpt()),
    Header("routing", IPv6ExtHdrRouting(type=2, segleft=0, addresses=["2001:db8::9"])),
    Header("atomic-fragment", IPv6ExtHdrFragment(id=7)),
    Header("two", IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()),
)


def behind_header(lab: Lab, header: Header) -> None:
    """A CRA's request and a TRA's reply with extension headers before UDP (E-30)."""
    exchange = Exchange(lab)
    with both_controllers(lab):
        plain = craft.to_tra(replace(exchange.discover(), hops=1).build())
        before = lab.counters()
        send_behind(lab, "tra", plain, header)
        request = exchange.at_server()
        lab.expect_moved(before, {
            "tra.eth0.passed.to_controller": 1, "tra.eth0.relayed.discover.slow": 1,
        })
        offer = answer(request, "offer", YIADDR).without(RELAY_AGENT_INFORMATION)
        before = lab.counters()
        send_behind(lab, "cra", craft.to_cra(offer.build()), header)
        check_equal(exchange.at_client().options, offer.options, "options at the client")
        lab.expect_moved(before, {
            "cra.eth0.passed.to_controller": 1, "cra.eth0.relayed.offer.slow": 1,
        })
    check_no_icmp_errors(lab)


def send_behind(lab: Lab, link: str, frame: Packet, header: Header) -> None:
    ip = frame[IPv6]
    udp = UDP(bytes(frame[UDP]))
    udp.chksum = UDP(bytes(IPv6(bytes(ip))[UDP])).chksum
    ether = Ether(src=frame.src, dst=frame.dst)
    with Port(lab.at.ends[link]) as port:
        port.send(ether / IPv6(src=ip.src, dst=ip.dst) / header.made.copy() / udp)


def ipv6_fragments(lab: Lab) -> None:
    """A CRA's request in IPv6 fragments, in any order."""
    exchange = Exchange(lab)
    sent = filled(replace(exchange.discover(), hops=1), HUGE)
    frame = craft.to_tra(sent.build(minimum=0))
    ip = frame[IPv6]
    bare = IPv6(src=ip.src, dst=ip.dst) / IPv6ExtHdrFragment(id=46) / frame[UDP]
    parts = fragment6(bare, MINIMUM_MTU)
    random.Random(SEED).shuffle(parts)
    with both_controllers(lab):
        with Port(lab.at.ends["tra"]) as port:
            for part in parts:
                port.send(Ether(src=frame.src, dst=frame.dst) / part)
        check_equal(bodies(exchange.at_server()), sent.options, "options at the server")
    check_no_icmp_errors(lab)


def nobody_is_told(lab: Lab) -> None:
    """What is not relayed is answered by nobody, also where only the stack sees it (E-46)."""
    exchange = Exchange(lab)
    strange = replace(exchange.discover(), op=7)
    with both_controllers(lab):
        before = lab.counters()
        send_behind(lab, "tra", craft.to_tra(strange.build()), HEADERS[1])
        lab.expect_moved(before, {
            "tra.eth0.passed.to_controller": 1, "tra.eth0.dropped.op_unknown": 1,
        })
    check_no_icmp_errors(lab)


@contextmanager
def stopped(running: Controller) -> Iterator[None]:
    """The controller does nothing, and its last heartbeat is fresh."""
    running.daemon.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        running.daemon.signal(signal.SIGCONT)


def room_for_others(lab: Lab) -> None:
    """A link that floods the ring leaves room in it for another one."""
    exchange = Exchange(lab)
    frame = craft.client_frame(exchange.discover(*MANY).build())
    offer = replace(_offer(exchange), options=(*MANY, *_offer(exchange).options))
    with controller(lab) as running:
        before = lab.counters()
        with stopped(running), Port(lab.at.client) as port:
            for _ in range(PUNT_SHARE + 50):
                port.send(frame)
            lab.expect_moved(before, {
                "cra.eth1.punted.many_options": PUNT_SHARE, "cra.eth1.dropped.punt_full": 50,
            })
            with Port(lab.at.ends["cra"]) as router:
                router.send(craft.to_cra(offer.build()))
        check_equal(exchange.at_client().options, offer.options, "options at the client")
        lab.expect_moved(before, {
            "cra.eth1.punted.many_options": PUNT_SHARE,
            "cra.eth1.dropped.punt_full": 50,
            "cra.eth1.relayed.discover.slow": PUNT_SHARE,
            "tra.eth0.dropped.no_controller": PUNT_SHARE,
            "cra.eth0.punted.many_options": 1,
            "cra.eth0.relayed.offer.slow": 1,
        })


def _offer(exchange: Exchange) -> Message:
    return answer(exchange.discover(), "offer", YIADDR)


def too_late(lab: Lab) -> None:
    """What lay in the ring while nobody took it is not sent any more, and has its name."""
    frame = craft.client_frame(Exchange(lab).discover(*MANY).build())
    with controller(lab) as running, Port(lab.at.client) as port:
        before = lab.counters()
        with stopped(running):
            port.send(frame)
            lab.expect_moved(before, {"cra.eth1.punted.many_options": 1})

            def is_given_up() -> bool:
                port.send(frame)
                return "cra.eth1.dropped.no_controller" in moved(before, lab.counters())

            wait_until("the kernel to miss the heartbeat", is_given_up, 10, 0.5)
        wait_until("a name for what came too late", lambda: "cra.eth1.dropped.punt_stale" in
                   moved(before, lab.counters()))
        found = moved(before, lab.counters())
        relayed = found.get("cra.eth1.relayed.discover.slow", 0)
        stale = found["cra.eth1.dropped.punt_stale"]
        check_equal(relayed + stale, found["cra.eth1.punted.many_options"], "fates")


def port_is_free(lab: Lab) -> None:
    """A DHCP server on every address can start beside the controller, and goes on being served."""
    with controller(lab, product=lab.tra):
        with lab.at.tra.entered():
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("0.0.0.0", 67))
        server.close()


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp)
        whole_line = LabSpec(xdp=xdp, cra="hcra", far="tsv")
        case(f"slow.long.lcra-tra.{xdp}", spec, ("E-33", "E-29", "E-18"))(
            lambda lab: long_exchange(lab, HUGE, HUGE)
        )
        case(f"slow.full.lcra-tra.{xdp}", spec, ("E-33",))(
            lambda lab: long_exchange(lab, 1452, 1452)
        )
        case(f"slow.long.hcra-tsv.{xdp}", whole_line, ("E-33", "E-29"))(
            lambda lab: long_exchange(lab, 1452, HUGE)
        )
        case(f"slow.narrow.{xdp}", spec, ("E-33", "D-14"), own_lab=True)(narrow)
        case(f"slow.no-room.{xdp}", spec, ("E-18",), own_lab=True)(no_room)
        for each in (spec, whole_line):
            line = f"{each.cra}-{each.far}.{xdp}"
            case(f"slow.many-options.{line}", each, ("D-13",))(many_options)
        for how in SPLITS:
            case(f"slow.split.{how.name}.{xdp}", spec, ("E-22", "D-6"))(
                lambda lab, how=how: split(lab, how)
            )
        for header in HEADERS:
            case(f"slow.header.{header.name}.{xdp}", spec, ("E-30",))(
                lambda lab, header=header: behind_header(lab, header)
            )
        case(f"slow.ipv6-fragments.{xdp}", spec, ("E-30",))(ipv6_fragments)
        case(f"slow.room-for-others.{xdp}", spec, ("E-46",))(room_for_others)
        case(f"slow.nobody-is-told.{xdp}", spec, ("E-46",))(nobody_is_told)
    case("slow.too-late", LabSpec(), ("D-14",))(too_late)
    case("slow.port-is-free", LabSpec(), ("E-42",))(port_is_free)


register()
