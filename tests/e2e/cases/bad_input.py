# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Packets that must go nowhere: one named counter each, nothing sent, no ICMP error."""

from dataclasses import dataclass, replace

from scapy.layers.inet import IP, UDP
from scapy.packet import Packet

from harness.registry import case
from lab import craft, plan
from lab.checks import check_equal, check_no_icmp_errors
from lab.lab import Lab, LabSpec
from lab.message import (
    MESSAGE_TYPE,
    RELAY_AGENT_INFORMATION,
    Message,
    cra6addr,
)
from lab.parley import parley
from lab.scripted import Port
from lab.wire import udp_datagrams

CHADDR = bytes.fromhex(plan.CLIENT_MAC.replace(":", ""))
AGENT = (RELAY_AGENT_INFORMATION, cra6addr(plan.CRA_V6))
STRAY = "2001:db8:bad::1"


def request(**fields: object) -> Message:
    message = Message(xid=0xBAD, chaddr=CHADDR, options=((MESSAGE_TYPE, b"\x01"),))
    return replace(message, **fields)


def relayed_request(**fields: object) -> Message:
    return request(**{"hops": 1, **fields})


def reply(*options: tuple[int, bytes], **fields: object) -> Message:
    """An OFFER as the TRA sends it; with AGENT among the options, as the server does."""
    message = Message(
        op=2,
        xid=0xBAD,
        chaddr=CHADDR,
        yiaddr="198.51.100.200",
        giaddr=plan.TRA_V4,
        options=((MESSAGE_TYPE, b"\x02"), *options),
    )
    return replace(message, **fields)


def malformed(message: Message) -> bytes:
    """The message with one more option, which claims more octets than there are."""
    return message.build(minimum=0, end=False) + b"\x0c\xff"


def without_udp_checksum(frame: Packet) -> Packet:
    frame[UDP].chksum = 0
    return frame


def with_bad_header_checksum(frame: Packet) -> Packet:
    frame[IP].chksum = 0xDEAD
    return frame


def with_udp_length(frame: Packet, length: int) -> Packet:
    frame[UDP].len = length
    return frame


@dataclass(frozen=True)
class Bad:
    name: str
    link: str  # where it is put in
    frame: Packet
    counter: str  # that moves by one
    ids: tuple[str, ...]


def agent(value: bytes) -> tuple[int, bytes]:
    return (RELAY_AGENT_INFORMATION, value)


def for_line(cra: str, far: str) -> list[Bad]:
    """For these roles, on the devices that they have."""
    if (cra, far) == ("lcra", "tra"):
        return [*at_cra_client(), *at_cra_uplink(), *at_tra_ipv6(), *at_tra_server("eth1")]
    return [*at_cra_uplink(), *at_tra_ipv6(), *at_tra_server("core-rly")]


def at_cra_client() -> list[Bad]:
    def bad(name: str, counter: str, frame: Packet, *ids: str) -> Bad:
        return Bad(name, "client", frame, f"cra.eth1.dropped.{counter}", ids)

    good = craft.client_frame(request().build())
    return [
        bad("hops-17", "hops", craft.client_frame(request(hops=17).build()), "E-1"),
        bad("option-82-from-client", "opt82_from_client",
            craft.client_frame(request(options=(*request().options, AGENT)).build()), "E-14"),
        bad("own-giaddr", "own_giaddr", craft.client_frame(request(giaddr=plan.CRA_V4).build()),
            "E-5"),
        bad("too-short", "too_short", craft.client_frame(request().build()[:235]), "E-20", "D-4"),
        bad("ip-header-checksum", "bad_ip_csum", with_bad_header_checksum(good), "E-27", "D-2"),
        bad("udp-length", "bad_udp_len",
            with_udp_length(craft.client_frame(request().build()), 2000), "D-15"),
    ]


def at_cra_uplink() -> list[Bad]:
    def bad(name: str, counter: str, frame: Packet, *ids: str) -> Bad:
        return Bad(name, "cra", frame, f"cra.eth0.dropped.{counter}", ids)

    good = reply().build()
    return [
        bad("spoofed-source", "unknown_peer", craft.to_cra(good, source=STRAY), "R-SEC-1"),
        bad("option-82-in-reply", "opt82_in_reply", craft.to_cra(reply(AGENT).build()), "R-CRA-12"),
        bad("op-1-to-cra", "op1_unexpected", craft.to_cra(request().build()), "E-36"),
        bad("op-3-to-cra", "op3_unexpected", craft.to_cra(reply(op=3).build()), "E-36"),
        bad("op-4-to-cra", "op4_unsupported", craft.to_cra(reply(op=4).build()), "R-CRA-15"),
        bad("op-9-to-cra", "op_unknown", craft.to_cra(reply(op=9).build()), "E-36"),
        bad("no-udp-checksum-to-cra", "zero_csum",
            without_udp_checksum(craft.to_cra(good)), "E-26"),
        bad("malformed-reply", "bad_options", craft.to_cra(malformed(reply())), "D-5"),
        bad("hlen-17", "bad_hlen", craft.to_cra(reply(hlen=17).build()), "D-8"),
        bad("chaddr-multicast", "bad_chaddr",
            craft.to_cra(reply(chaddr=b"\x01\0\0\0\0\1").build()), "D-8", "E-13"),
    ]


def at_tra_ipv6() -> list[Bad]:
    def bad(name: str, counter: str, frame: Packet, *ids: str) -> Bad:
        return Bad(name, "tra", frame, f"tra.eth0.dropped.{counter}", ids)

    good = relayed_request().build()
    with_82 = relayed_request(options=(*request().options, AGENT)).build()
    return [
        bad("op-2-to-tra", "op2_unexpected", craft.to_tra(reply().build()), "R-TRA-2"),
        bad("op-3-to-tra", "op3_unsupported",
            craft.to_tra(relayed_request(op=3).build()), "R-TRA-2"),
        bad("op-4-to-tra", "op4_unexpected", craft.to_tra(reply(op=4).build()), "R-TRA-2"),
        bad("op-0-to-tra", "op_unknown", craft.to_tra(reply(op=0).build()), "R-TRA-2"),
        bad("hops-17-to-tra", "hops", craft.to_tra(relayed_request(hops=17).build()), "E-1"),
        bad("option-82-to-tra", "opt82_present", craft.to_tra(with_82), "E-15"),
        bad("own-giaddr-to-tra", "own_giaddr",
            craft.to_tra(relayed_request(giaddr=plan.TRA_V4).build()), "E-5"),
        bad("cra-not-allowed", "cra_not_allowed", craft.to_tra(good, source=STRAY), "R-SEC-2"),
        bad("link-local-source", "bad_source", craft.to_tra(good, source="fe80::5"), "E-34"),
        bad("no-udp-checksum-to-tra", "zero_csum",
            without_udp_checksum(craft.to_tra(good)), "E-26"),
        bad("no-cookie", "no_cookie", craft.to_tra(good[:236] + bytes(64)), "E-21"),
        bad("malformed-request", "bad_options", craft.to_tra(malformed(relayed_request())), "D-5"),
    ]


def at_tra_server(device: str) -> list[Bad]:
    def bad(
        name: str, counter: str, message: Message, *ids: str, source: str = plan.SERVER_V4
    ) -> Bad:
        frame = craft.from_server(message.build(), source=source)
        return Bad(name, "server", frame, f"tra.{device}.dropped.{counter}", ids)

    cra = cra6addr(plan.CRA_V6)
    short = bytes((plan.CRA6ADDR_CODE, 15)) + cra[2:17]
    return [
        bad("unknown-server", "unknown_peer", reply(AGENT), "R-SEC-2", source="198.51.100.9"),
        bad("no-option-82", "no_cra6addr", reply(), "R-TRA-11"),
        bad("no-cra6addr", "no_cra6addr", reply(agent(b"\x01\x02ab")), "R-TRA-11"),
        bad("cra6addr-of-15", "bad_cra6addr", reply(agent(short)), "R-SUB-5"),
        bad("two-cra6addr", "bad_cra6addr", reply(agent(cra + cra)), "E-23", "D-6"),
        bad("cra6addr-multicast", "cra6addr_refused", reply(agent(cra6addr("ff02::1"))), "E-48"),
        bad("cra6addr-link-local", "cra6addr_refused", reply(agent(cra6addr("fe80::1"))), "E-48"),
        bad("cra6addr-own", "cra6addr_refused", reply(agent(cra6addr(plan.TRA_V6))), "E-48"),
        bad("cra6addr-elsewhere", "cra_not_allowed", reply(agent(cra6addr(STRAY))), "R-SEC-2"),
        bad("op-4-from-server", "op4_unsupported", reply(AGENT, op=4), "D-7"),
    ]


def goes_nowhere(lab: Lab, bad: Bad) -> None:
    """The frame moves its counter and nothing leaves, up to a good exchange that follows it."""
    before = lab.counters()
    frame = bad.frame.copy()
    if bad.link == "server":
        frame.src, frame.dst = lab.at.server.mac, lab.at.relay.mac
    with Port(lab.at.ends[bad.link]) as port:
        port.send(frame)
    lab.expect_moved(before, {bad.counter: 1})
    with parley(lab) as follow_up:  # what the bad frame might have sent came before this
        follow_up.there_and_back()
    for link, capture in lab.captures.items():
        strays = [
            datagram
            for datagram in udp_datagrams(capture.frames(), 67, 68)
            if b"\0\0\x0b\xad" == datagram.payload[4:8]
        ]
        check_equal(len(strays), int(link == bad.link), f"packets of this test on link {link}")
    check_no_icmp_errors(lab)


def register() -> None:
    for xdp in ("native", "off"):
        for spec in (LabSpec(xdp=xdp, client_ipv4=True), LabSpec(xdp=xdp, cra="hcra", far="tsv")):
            for bad in for_line(spec.cra, spec.far):
                name = f"bad-input.{bad.name}.{spec.cra}.{spec.far}.{xdp}"
                case(name, spec, (*bad.ids, "E-46"))(lambda lab, bad=bad: goes_nowhere(lab, bad))


register()
