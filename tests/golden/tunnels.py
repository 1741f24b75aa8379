# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Devices without a layer-2 header (tun, PPP): only TC serves them; the same packets, without Ethernet."""

from scapy.layers.inet import IP, IPOption_NOP

import bootp
import cra_reply
import cra_request
import frames
import headers
import link_selection
import tra_reply
import tra_request
import world
from bootp import Message

UPLINK, V6, BOTH = "lcra-tun", "tra-tun", "tra-tun-tun"
IDS = "E-44"
ASKED = Message(options=bootp.message_type(1))


def into_a_tunnel():
    """Out of a device without Ethernet; what comes in has it."""
    cra_request.relays("tun", IDS, "the uplink has no Ethernet", bootp.request(), in_world=UPLINK)
    cra_request.PATH.relay(
        "tun-copies", f"{IDS} R-CRA-10", "the uplink has no Ethernet; two upstreams", cra_request.received(bootp.request()),
        [cra_request.expected(bootp.relayed(bootp.request()), to) for to in world.TRA_ADDRESSES[:2]], "discover",
        set={"upstreams": world.upstreams(*world.TRA_ADDRESSES[:2])}, in_world=UPLINK, xdp="pass")
    tra_reply.relays_last("tun", IDS, "the CRAs' device has no Ethernet", tra_reply.REMAINS, in_world=V6)


def forms(module, message, expect, kind, in_world, name):
    """One packet in every form: checksums, lengths, headers."""
    path = module.PATH
    frame, out = module.received(message), expect(message)

    def relays(what, ids, about, frame, out=out, **rest):
        path.relay(f"{name}-{what}", f"{IDS} {ids}", about, frame, out, kind, in_world=in_world, **rest)

    relays("usual", "R-TRA-1", "the usual message", frame)
    relays("checksum-partial", "E-25", "a checksum that the sender left to its device",
           frames.with_checksum(frame, frames.pseudo_sum(frame)), partial=True)
    relays("checksum-wrong", "E-27 D-2", "a wrong checksum stays as wrong", frames.with_checksum(frame, 0x1234),
           frames.equally_wrong(out, frame, 0x1234))
    tuned = frames.tuned(message, expect, 0xFFFF)
    relays("checksum-ffff-out", "E-26", "the sum of what leaves is zero, sent as 0xffff", module.received(tuned), expect(tuned))
    relays("behind-udp", "D-15", "octets behind the UDP datagram", module.received(message, behind=b"abcde"))
    relays("trailer", "D-15", "octets behind the IP packet", module.received(message, trailer=b"abcde"))

    if IP in frame:
        for words in (1, 10):
            relays(f"ihl-{5 + words}", "E-28", "IPv4 options are not carried over",
                   headers.changed(frame, IP, options=[IPOption_NOP()] * 4 * words))

    def drops(what, ids, about, frame, reason, **rest):
        path.drop(f"{name}-{what}", f"{IDS} {ids}", about, frame, reason, in_world=in_world, **rest)

    drops("too-short", "E-20", "shorter than BOOTP", module.received(bytes(message)[:235]), "too_short")
    drops("malformed", "D-5", "an option is cut", module.received(message.but(options=message.options + b"\x0c\xc8h", end=b"", tail=b"")),
          "bad_options")
    path.ignore(f"{name}-to-port-547", IDS, "another port", module.received(message, ports=(67, 547)), in_world=in_world)
    path.ignore(f"{name}-cut", IDS, "the packet ends before UDP's ports",
                bytes(frame)[:14 + (42 if module in (cra_reply, tra_request) else 22)], in_world=in_world)


def out_of_a_tunnel():
    forms(cra_reply, bootp.reply().padded(), cra_reply.expected, "offer", UPLINK, "tun")
    cra_reply.relays("tun-broadcast", f"{IDS} E-7", "a broadcast to the client", bootp.reply(flags=bootp.BROADCAST_FLAG).padded(),
                     to=cra_reply.BROADCAST, in_world=UPLINK)
    cra_reply.drops("tun-opt82", f"{IDS} R-CRA-12", "option 82 in a reply", tra_reply.OFFER, "opt82_in_reply", in_world=UPLINK)
    cra_reply.drops("tun-unknown-peer", f"{IDS} R-SEC-1", "not from the upstream", bootp.reply().padded(), "unknown_peer",
                    frame={"ips": ("2001:db8:bad::1", world.CRA_ADDRESS)}, in_world=UPLINK)

    def to_server(message):
        return tra_request.expected(tra_request.relayed(message))

    def from_server(message):
        return tra_reply.expected(tra_reply.stripped_last(message))

    forms(tra_request, bootp.request(), to_server, "discover", V6, "tun")
    forms(tra_request, ASKED.filled(401), to_server, "discover", V6, "tun-grown")
    for name, in_world in (("tun", V6), ("tun-tun", BOTH)):
        copies = [tra_request.expected(tra_request.relayed(bootp.request()), server) for server in range(3)]
        tra_request.PATH.relay(f"{name}-copies", f"{IDS} E-38", "three servers", tra_request.received(bootp.request()), copies, "discover",
                               set={"upstreams": world.upstreams(*world.SERVERS[:3])}, in_world=in_world)
        for what, message in (("padded", ASKED.padded(300)), ("grown", ASKED), ("grown-odd", ASKED.filled(401))):
            tra_request.relays(f"{name}-link-{what}", f"{IDS} R-TRA-7", "link selection", message, link=link_selection.LINK,
                               set=link_selection.PREFIXES, in_world=in_world)
            tra_request.relays(f"{name}-{what}", f"{IDS} R-TRA-9", "option 82 in place or in a message that grows", message, in_world=in_world)
    tra_request.drops("tun-bad-source", f"{IDS} E-34", "a link-local source", bootp.request(), "bad_source",
                      frame={"ips": ("fe80::1", world.TRA_ADDRESS)}, in_world=V6)
    tra_request.PATH.punt("tun-options-65", f"{IDS} D-13", "65 options", tra_request.received(
        Message(options=bootp.message_type(1) + bootp.small_options(64))), "many_options", in_world=V6)
    tra_request.drops("tun-no-room", f"{IDS} E-18", "option 82 makes it exceed the MTU", ASKED.filled(1460), "no_room", in_world=V6)

    last = Echo(tra_reply)
    forms(last, tra_reply.REMAINS, from_server, "offer", BOTH, "tun-tun")
    tra_reply.relays_inside("tun-tun-inside", f"{IDS} R-TRA-12", "options follow option 82", b"", bootp.reply(), in_world=BOTH)
    tra_reply.PATH.leave("tun-tun-op-1", f"{IDS} D-7", "a request from the server's side", tra_reply.received(tra_reply.OFFER.but(op=1)),
                         "op_not_reply", in_world=BOTH)
    tra_reply.drops("tun-tun-no-cra6addr", f"{IDS} R-TRA-11", "no option 82", bootp.reply().padded(), "no_cra6addr", in_world=BOTH)


class Echo:
    """tra_reply for a message without option 82, which is added last."""

    def __init__(self, module):
        self.PATH = module.PATH

    def received(self, message, **rest):
        with_82 = tra_reply.with_last(message) if isinstance(message, Message) else message
        return tra_reply.received(with_82, **rest)


def add_cases():
    into_a_tunnel()
    out_of_a_tunnel()
