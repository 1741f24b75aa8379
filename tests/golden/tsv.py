# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TSV: a TRA whose server is at the other end of a link of two (D-11): no neighbour is asked for, and whatever
comes from there is for us (D-22)."""

from types import SimpleNamespace

import bootp
import checksums
import frames
import link_selection
import tra_reply
import tra_request
import world
from bootp import Message
from case import Path

REQUEST = Path("tsv-request", "tsv", on="v6", to="ours", counted="tra-request")
REPLY = Path("tsv-reply", "tsv", on="ours", to="v6", counted="tra-reply")
DISCOVER = bootp.request()
ASKED = Message(options=bootp.message_type(1))
OTHER = "2001:db8:b:1::7"


# ---- to the server

def to_server(payload, port=world.UPSTREAM_PORT):
    return frames.emitted4(payload, macs=(world.OUR_END_MAC, world.SERVER_END_MAC), ips=(world.GIADDR, world.SERVER), dport=port)


def asks(name, ids, about, message, kind="discover", address=world.CRA_ADDRESS, code=world.CRA6ADDR_CODE, link=None, frame=None, **rest):
    incoming = tra_request.received(message, **{"ips": (address, world.TRA_ADDRESS), **(frame or {})})
    REQUEST.relay(name, ids, about, incoming, to_server(tra_request.relayed(message, address, code, link)), kind, **rest)


def drops(name, ids, about, message, reason, frame=None, **rest):
    REQUEST.drop(name, ids, about, tra_request.received(message, **(frame or {})), reason, **rest)


def requests():
    ids = "R-TSV-1 D-11"
    for value in (*range(0, 10), 200):
        asks(f"type-{value}", ids + " R-TRA-4", "op 1, whatever the type", bootp.request(value), bootp.type_name(value))
    for address in (world.CRA_ADDRESS, OTHER, "fd12:3456:789a::1", "2a00:1:2:3::4"):
        asks(f"from-{address}", ids + " R-TSV-3 D-20", "the source travels with the query, in CRA6ADDR", DISCOVER, address=address)
    for port in (68, 547, 40000, 65535):
        asks(f"from-port-{port}", ids + " E-35", "67 to 67 leaves", DISCOVER, frame={"ports": (port, 67)})
    asks("broadcast-frame", ids + " D-16", "our IPv6 address in a broadcast frame", DISCOVER,
         frame={"macs": (world.CRA_ROUTER_MAC, world.BROADCAST_MAC)})
    for limit, hops in ((16, 0), (16, 15), (16, 16), (4, 4), (1, 1)):
        asks(f"hops-{hops}-limit-{limit}", ids + " E-1 D-22", f"{hops + 1} leaves", bootp.request(hops=hops), set={"hops_limit": limit})
    for limit, hops in ((16, 17), (4, 5), (1, 2)):
        drops(f"hops-{hops}-limit-{limit}", ids + " E-1 D-22", "too many hops", bootp.request(hops=hops), "hops", set={"hops_limit": limit})
    asks("giaddr-replaced", ids + " E-4", "giaddr is our end of the link", bootp.request(giaddr="203.0.113.9"), notes=["giaddr_replaced"])
    drops("giaddr-drop", ids + " E-4", "--giaddr-policy drop", bootp.request(giaddr="203.0.113.9"), "giaddr_set", set={"giaddr_policy": "drop"})
    drops("giaddr-own", ids + " E-5", "giaddr is our end's", bootp.request(giaddr=world.GIADDR), "own_giaddr")
    for code in (1, 46):
        asks(f"code-{code}", ids + " R-SUB-6 D-22", f"--cra6addr {code}", DISCOVER, code=code, set={"cra6addr_code": code})
    for port in (6767, 65535):
        REQUEST.relay(f"port-{port}", ids, f"the server listens on {port}", tra_request.received(DISCOVER),
                      to_server(tra_request.relayed(DISCOVER), port), "discover", set={"upstreams": world.upstreams((world.SERVER, port))})
    for name, message in (("room-0", ASKED), ("room-19", ASKED.but(tail=bytes(19))), ("room-20", ASKED.but(tail=bytes(20))),
                          ("no-end", ASKED.but(end=b"", tail=bytes(30))), ("grown-odd", ASKED.filled(401)), ("grown-even", ASKED.filled(400))):
        asks(name, ids + " E-16 E-18 E-19", f"option 82: {name}", message)
        asks(f"link-{name}", ids + " R-TRA-7", f"with link selection: {name}", message, link=link_selection.LINK, set=link_selection.PREFIXES)
    asks("link-prefix", ids + " R-TRA-7", "two prefixes, two subnets", DISCOVER, address=OTHER, link="203.0.113.1",
         set={"cra_prefixes": {"2001:db8:a::/48": link_selection.LINK, "2001:db8:b::/48": "203.0.113.1"}})


def mtu():
    for change, longest in ((None, 1472), ({"ours_mtu": 1400}, 1372)):
        for room in (20, 0):
            fits = longest - (20 - room)
            name = f"mtu-{longest + 28}-room-{room}-length"
            asks(f"{name}-{fits}", "E-18", "just fits", ASKED.filled(fits - room).padded(fits), set=change)
            frame = tra_request.received(ASKED.filled(fits + 1 - room).padded(fits + 1))
            if room:
                REQUEST.punt(f"{name}-{fits + 1}", "E-18 D-14", "one octet too many", frame, "too_big", set=change)
            else:
                REQUEST.drop(f"{name}-{fits + 1}", "E-18", "one octet too many", frame, "no_room", set=change, xdp="pass")


def refused():
    ids = "R-SEC-2 D-11"
    change = {"cra_prefixes": {"2001:db8:a::/48": None}}
    asks("allowed", ids, "inside --cra-prefix", DISCOVER, set=change)
    drops("not-allowed", ids, "outside --cra-prefix", DISCOVER, "cra_not_allowed", frame={"ips": (OTHER, world.TRA_ADDRESS)}, set=change)
    drops("link-local", ids + " E-34", "a link-local source", DISCOVER, "bad_source", frame={"ips": ("fe80::1", world.TRA_ADDRESS)})
    drops("own-source", ids + " E-34", "our own address as source", DISCOVER, "bad_source", frame={"ips": (world.TRA_ADDRESS, world.TRA_ADDRESS)})
    drops("opt82", "E-15 D-11", "option 82 from a CRA", Message(options=bootp.option(82)).padded(), "opt82_present")
    drops("no-cookie", "E-21", "BOOTP", Message().without_cookie(), "no_cookie")
    drops("op-2", "R-TRA-2", "a reply", bootp.request(op=2), "op2_unexpected")
    drops("op-3", "R-TRA-2 R-TSV-9", "RELAYFORWARD, encapsulation is off", bootp.request(op=3), "op3_unsupported")
    drops("no-source", "R-TRA-6", "no address of our end", DISCOVER, "no_source", set={"no_source": True})
    drops("no-upstream", "D-11", "no server", DISCOVER, "no_upstream", set={"upstreams": []})
    REQUEST.punt("options-65", "D-13", "65 options", tra_request.received(Message(options=bootp.message_type(1) + bootp.small_options(64))),
                 "many_options")
    REQUEST.ignore("frame-to-other-station", "D-16", "the IPv6 side does have others on it", tra_request.received(
        DISCOVER, macs=(world.CRA_ROUTER_MAC, "02:00:00:00:03:99")))


# ---- from the server

def from_server(payload, *, macs=(world.SERVER_END_MAC, world.OUR_END_MAC), ips=(world.SERVER, world.GIADDR), ports=(67, 67), **rest):
    return frames.udp4(payload, macs=macs, ips=ips, ports=ports, **rest)


def answers(name, ids, about, message, kind="offer", option82=tra_reply.OPTION82, address=world.CRA_ADDRESS, frame=None, **rest):
    REPLY.relay(name, ids, about, from_server(tra_reply.with_last(message, option82), **(frame or {})),
                tra_reply.expected(tra_reply.stripped_last(message, option82), address), kind, **rest)


def refuses(name, ids, about, message, reason, frame=None, **rest):
    REPLY.drop(name, ids, about, from_server(message, **(frame or {})), reason, **rest)


def replies():
    ids = "R-TSV-1 R-TSV-4 D-11"
    for value in (bootp.OFFER, bootp.ACK, bootp.NAK, 200):
        answers(f"type-{value}", ids, "to where the query came from", bootp.reply(value).padded(280), bootp.type_name(value))
    for name, fields in (("flag", {"flags": bootp.BROADCAST_FLAG}), ("ciaddr", {"yiaddr": world.ZERO_IP, "ciaddr": bootp.CIADDR}),
                         ("nak-flag", {"flags": 0x8000, "yiaddr": world.ZERO_IP}), ("hops", {"hops": 1})):
        answers(name, ids, f"still to where the query came from: {name}", bootp.reply(bootp.ACK, **fields).padded(280), "ack")
    for address in (world.CRA_ADDRESS, OTHER, "fd12:3456:789a::1"):
        answers(f"to-{address}", ids + " R-TSV-3 D-20", "each answer to its own source", tra_reply.REMAINS,
                option82=bootp.option(82, tra_request.cra6addr(address)), address=address)
    answers("to-port-67", "R-TSV-5 D-11", "to port 67, from whichever port the query and the answer came", tra_reply.REMAINS,
            frame={"ports": (40000, 67)})
    for name, option82 in (("behind", tra_request.cra6addr() + tra_request.link_selection(link_selection.LINK)),
                           ("before", tra_request.link_selection(link_selection.LINK) + tra_request.cra6addr())):
        answers(f"link-{name}", ids + " R-TRA-7", "with link selection", tra_reply.REMAINS, option82=bootp.option(82, option82),
                set=link_selection.PREFIXES)
    REPLY.relay("opt82-first", ids, "options follow option 82", from_server(bootp.reply().but(options=tra_reply.OPTION82 + bootp.LEASE_OPTIONS)),
                tra_reply.expected(bootp.reply().but(options=bytes(20) + bootp.LEASE_OPTIONS)), "bootp")
    answers("code-46", ids + " R-SUB-6", "--cra6addr 46", tra_reply.REMAINS, option82=bootp.option(82, tra_request.cra6addr(code=46)),
            set={"cra6addr_code": 46})
    answers("any-source", ids + " E-49", "--accept-any-source", tra_reply.REMAINS, frame={"ips": ("198.51.100.3", world.GIADDR)},
            set={"accept_any_source": True})


def any_station():
    """D-22: D-16 does not concern the server-side link. A server answers a broadcast MAC, or what it believes."""
    for mac in (world.BROADCAST_MAC, world.SERVER_END_MAC, "02:00:00:00:03:99", "01:00:5e:00:00:01", "00:00:00:00:00:00", world.CLIENT_MAC):
        answers(f"frame-to-{mac.replace(':', '')}", "D-22 D-16", "whatever station the frame is for", tra_reply.REMAINS,
                frame={"macs": (world.SERVER_END_MAC, mac)})
    answers("frame-from-us", "D-22", "even if it says it is from our end", tra_reply.REMAINS, frame={"macs": (world.OUR_END_MAC, world.OUR_END_MAC)})


def refused_replies():
    offer = tra_reply.OFFER
    refuses("unknown-peer", "R-SEC-2", "not from the server", offer, "unknown_peer", frame={"ips": ("198.51.100.3", world.GIADDR)})
    refuses("no-opt82", "R-TRA-11 D-20 E-24", "a server that does not echo", bootp.reply().padded(), "no_cra6addr")
    refuses("cra6addr-15", "R-SUB-5", "CRA6ADDR of 15 octets", tra_reply.answer(bootp.option(82, bootp.option(254, bytes(15)))), "bad_cra6addr")
    refuses("refused", "E-48", "CRA6ADDR is our own address", tra_reply.with_last(
        tra_reply.REMAINS, bootp.option(82, tra_request.cra6addr(world.TRA_ADDRESS))), "cra6addr_refused")
    refuses("not-allowed", "E-48 R-SEC-2", "CRA6ADDR outside --cra-prefix", tra_reply.with_last(
        tra_reply.REMAINS, bootp.option(82, tra_request.cra6addr(OTHER))), "cra_not_allowed", set={"cra_prefixes": {"2001:db8:a::/48": None}})
    refuses("no-source", "R-CRA-5", "no service address", offer, "no_source", set={"no_source": True})
    refuses("op-4", "D-7", "RELAYREPLY, encapsulation is off", offer.but(op=4), "op4_unsupported")
    for name, frame in (("op-1", offer.but(op=1)), ("op-0", offer.but(op=0))):
        REPLY.leave(name, "D-7 R-TSV-2", "no reply", from_server(frame), "op_not_reply")
    REPLY.leave("giaddr-other", "D-7", "a reply for another relay", from_server(offer.but(giaddr="203.0.113.9")), "other_giaddr")
    REPLY.punt("split", "D-6", "option 82 in two pieces", from_server(tra_reply.answer(
        bootp.option(82, tra_request.cra6addr()[:9]) + bootp.option(82, tra_request.cra6addr()[9:]))), "split_opt82")
    for name, frame in (("to-broadcast", {"ips": (world.SERVER, world.BROADCAST_IP), "macs": (world.SERVER_END_MAC, world.BROADCAST_MAC)}),
                        ("to-other-address", {"ips": (world.SERVER, "198.51.100.9")}), ("to-port-68", {"ports": (67, 68)})):
        REPLY.ignore(name, "R-TRA-3", "not for giaddr, port 67", from_server(offer, **frame))


def checksum_cases():
    upwards, downwards = SimpleNamespace(PATH=REQUEST, received=tra_request.received), SimpleNamespace(PATH=REPLY, received=from_server)
    shapes = [checksums.Shape(f"tsv-{name}", upwards, message, tra_request.received, lambda m: to_server(tra_request.relayed(m)), "discover", version=6)
              for name, message in (("even", bootp.request()), ("grown-odd", ASKED.filled(401)))]
    shapes += [checksums.Shape("tsv-reply", downwards, tra_reply.REMAINS, lambda m: from_server(tra_reply.with_last(m)),
                               lambda m: tra_reply.expected(tra_reply.stripped_last(m)), "offer", version=4)]
    for shape in shapes:
        checksums.none_sent(shape)
        checksums.partial(shape)
        checksums.looks_partial(shape)
        checksums.wrong(shape)
        checksums.zero_sums(shape)


def add_cases():
    for subject in (requests, mtu, refused, replies, any_station, refused_replies, checksum_cases):
        subject()
