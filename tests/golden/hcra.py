# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""HCRA: the requests of this host's own client, on their way out, and the replies to it (R-CRA-1, R-CRA-18, E-43)."""

from types import SimpleNamespace

import bootp
import checksums
import frames
import headers
import normal
import tra_reply
import world
from bootp import Message
from case import HOST, Path

REQUEST = Path("hcra-request", "hcra", on="link", to="link", counted="cra-request", hook="egress")
REPLY = Path("hcra-reply", "hcra", on="link", to=HOST, counted="cra-reply")
OTHERS = Path("hcra-others", "hcra", on="link", to=None, counted="cra-request")
OWN = bootp.mac(world.LINK_MAC)
FOREIGN = bootp.mac(world.NEIGHBOUR_MAC)
WITH_IPV4 = {"link_ipv4": f"{world.LINK_IPV4}/26"}
FLAG = bootp.BROADCAST_FLAG
NONE = world.ZERO_IP


# ---- what the client sends

def sent(payload, *, macs=(world.LINK_MAC, world.BROADCAST_MAC), ips=(NONE, world.BROADCAST_IP), ports=(68, 67), **rest):
    return frames.udp4(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected_request(payload, to=world.TRA_ADDRESS, port=world.UPSTREAM_PORT):
    return frames.emitted6(payload, macs=(world.LINK_MAC, world.ROUTER_MAC), ips=(world.CRA_ADDRESS, to), dport=port)


def ask(value=bootp.DISCOVER, **fields):
    return bootp.request(value, **{"chaddr": OWN, **fields})


def relays(name, ids, about, message, kind="discover", frame=None, **rest):
    REQUEST.relay(name, ids, about, sent(message, **(frame or {})), expected_request(bootp.relayed(message)), kind, **rest)


def requests():
    ids = "R-CRA-1 R-CRA-8 E-43"
    for name, message, kind in (("discover", ask(), "discover"), ("request", ask(bootp.REQUEST), "request"),
                                ("decline", ask(bootp.DECLINE), "decline"), ("release", ask(bootp.RELEASE), "release"),
                                ("inform", ask(bootp.INFORM, ciaddr=bootp.CIADDR), "inform")):
        relays(f"lease-{name}", ids + " R-CRA-9 R-CRA-23", f"the client's own {name}", message, kind)
    for flags in (FLAG, 0x7FFF):
        relays(f"flags-{flags:04x}", ids, "flags stay", ask(flags=flags))
    for value in (0, 9, 10, 200, 255):
        relays(f"type-{value}", ids + " E-37", "relayed by op alone", ask(value), bootp.type_name(value))
    relays("no-cookie", "R-CRA-8 E-21", "BOOTP", Message(chaddr=OWN).without_cookie(), "bootp")
    relays("rebind", ids, "a broadcast from the leased address", ask(bootp.REQUEST, ciaddr=bootp.CIADDR), "request",
           frame={"ips": (bootp.CIADDR, world.BROADCAST_IP)})
    relays("rebind-ipv4", ids, "the same, and the device has the address", ask(bootp.REQUEST, ciaddr=world.LINK_IPV4), "request",
           frame={"ips": (world.LINK_IPV4, world.BROADCAST_IP)}, set=WITH_IPV4)
    for port in (67, 1068, 65535):
        relays(f"from-port-{port}", "R-CRA-9", f"from port {port}: 67 to 67 leaves", ask(), frame={"ports": (port, 67)})
    relays("unicast-frame", "E-43", "broadcast in a frame to some station", ask(), frame={"macs": (world.LINK_MAC, world.ROUTER_MAC)})
    # Nobody but this host sends here: a client of ours may say of itself what it likes.
    for name, chaddr in (("foreign", FOREIGN), ("zero", bytes(6)), ("multicast", b"\1\0\x5e\0\0\1")):
        relays(f"chaddr-{name}", "R-CRA-8", f"chaddr: {name}", ask(chaddr=chaddr))
    for htype, hlen in ((1, 0), (32, 0), (1, 255)):
        relays(f"htype-{htype}-hlen-{hlen}", "R-CRA-8", "hardware type and length do not matter upwards", ask(htype=htype, hlen=hlen))
    relays("client-id-255", "R-CRA-8 R-MULTI-6", "option 61 of 255 octets",
           Message(chaddr=OWN, options=bootp.message_type(1) + bootp.option(61, b"\xff" + b"i" * 254)).padded(548))
    for number in range(3):
        relays(f"client-id-{number}", "R-MULTI-4 R-MULTI-5", "one of several clients on one MAC address",
               Message(chaddr=OWN, options=bootp.message_type(1) + bootp.option(61, bytes([255, 0, 0, 0, number]) + b"duid")).padded())
    for length in (236, 240):
        relays(f"length-{length}", "E-20 D-4", f"{length} octets", Message(chaddr=OWN).bare(length), "bootp")
    for length in (301, 548, 1451, 1452):
        relays(f"length-{length}", "E-20 E-33", f"{length} octets", Message(chaddr=OWN, options=bootp.message_type(1)).padded(length))
    for length in (1453, 1472):
        REQUEST.punt(f"length-{length}", "E-33 D-14", f"{length} octets: IPv6 would exceed the MTU of 1500",
                     sent(Message(chaddr=OWN, options=bootp.message_type(1)).padded(length)), "too_big")
    REQUEST.punt("length-300-mtu-1300", "E-33 D-14", "IPv6 would exceed the MTU of the device", sent(
        Message(chaddr=OWN, options=bootp.message_type(1)).padded(1253)), "too_big", set={"link_mtu": 1300})
    for hops in (0, 16):
        relays(f"hops-{hops}", "E-1", f"{hops + 1} leaves", ask(hops=hops))
    relays("giaddr-other", "E-2", "giaddr stays", ask(giaddr="203.0.113.9"))


def refused():
    def drops(name, ids, about, message, reason, **rest):
        REQUEST.drop(name, ids, about, sent(message), reason, **rest)

    drops("hops-17", "E-1", "too many hops", ask(hops=17), "hops")
    drops("opt82", "E-14", "option 82 from a client", Message(chaddr=OWN, options=bootp.message_type(1) + bootp.option(82, b"\1\1x")).padded(),
          "opt82_from_client")
    drops("no-source", "R-CRA-5", "no IPv6 address yet", ask(), "no_source", set={"no_source": True})
    drops("no-upstream", "R-CRA-4", "no TSV or TRA", ask(), "no_upstream", set={"upstreams": []})
    drops("giaddr-own", "E-5", "giaddr is the device's own address", ask(giaddr=world.LINK_IPV4), "own_giaddr", set=WITH_IPV4)
    REQUEST.drop("length-235", "E-20", "shorter than BOOTP", sent(bytes(ask())[:235]), "too_short")
    REQUEST.punt("options-65", "D-13", "65 options", sent(Message(chaddr=OWN, options=bootp.message_type(1) + bootp.small_options(64))),
                 "many_options")
    for op in (0, 2, 3, 255):
        REQUEST.leave(f"op-{op}", "E-36", "this host has a server or relay as well, and it answers", sent(ask(op=op)), "op_not_request")


def left_alone():
    """Everything else that leaves this host."""
    unicast = {"macs": (world.LINK_MAC, world.ROUTER_MAC), "ips": (bootp.CIADDR, world.SERVER)}
    for name, ids, frame, change in (
            ("renewal", "E-10 R-TSV-2", unicast, None),
            ("to-own-ipv4", "E-10", {"ips": (bootp.CIADDR, world.LINK_IPV4)}, WITH_IPV4),
            ("to-directed-broadcast", "E-10", {"ips": (world.LINK_IPV4, "192.0.2.127")}, WITH_IPV4),
            ("to-zero", "E-10", {"ips": (NONE, NONE)}, None),
            ("to-multicast-group", "E-10", {"macs": (world.LINK_MAC, "01:00:5e:00:00:0c"), "ips": (bootp.CIADDR, "224.0.0.12")}, None),
            ("to-port-68", "R-CRA-2", {"ports": (67, 68)}, None), ("to-port-1067", "R-CRA-2", {"ports": (68, 1067)}, None)):
        REQUEST.ignore(name, ids, "not ours: leaves as it is", sent(ask(), **frame), set=change)
    v6 = frames.udp6(ask(), macs=(world.LINK_MAC, world.ROUTER_MAC), ips=(world.CRA_ADDRESS, world.TRA_ADDRESS), ports=(67, 67))
    REQUEST.ignore("over-ipv6", "R-CRA-11", "a request that is relayed already", v6)
    REQUEST.ignore("reply-over-ipv6", "R-CRA-3", "a reply to our address, but on its way out", frames.udp6(
        answer(), macs=(world.LINK_MAC, world.ROUTER_MAC), ips=(world.TRA_ADDRESS, world.CRA_ADDRESS), ports=(67, 67)))
    for name, tags in (("c-7", [(headers.C_TAG, 7)]), ("s-c", [(headers.S_TAG, 7), (headers.C_TAG, 8)])):
        REQUEST.ignore(f"vlan-{name}", "E-31", "on its way to another link", headers.tagged(sent(ask()), *tags))


def copies():
    for count, ports in ((2, {}), (8, {}), (3, {0: 6767, 2: 1})):
        numbers = range(count)
        pairs = [(world.TRA_ADDRESSES[n], ports.get(n, world.UPSTREAM_PORT)) for n in numbers]
        name = f"copies-{count}" + ("-ports" if ports else "")
        for what, message in (("", ask()), ("-odd", ask().padded(301))):
            REQUEST.relay(name + what, "R-CRA-10 R-CRA-4 E-38", f"{count} upstreams", sent(message),
                          [expected_request(bootp.relayed(message), *pair) for pair in pairs], "discover",
                          set={"upstreams": world.upstreams(*pairs)})


# ---- what comes back

def received(payload, *, macs=(world.ROUTER_MAC, world.LINK_MAC), ips=(world.TRA_ADDRESS, world.CRA_ADDRESS), ports=(67, 67), **rest):
    return frames.udp6(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected_reply(payload, *, mac=world.LINK_MAC, dst=bootp.YIADDR, src=world.SERVER):
    return frames.emitted4(payload, macs=(world.LINK_MAC, mac), ips=(src, dst), dport=68)


BROADCAST = {"mac": world.BROADCAST_MAC, "dst": world.BROADCAST_IP, "src": NONE}


def answer(value=bootp.OFFER, options=bootp.SERVER_ID + bootp.LEASE_OPTIONS, **fields):
    return bootp.reply(value, options, **{"chaddr": OWN, **fields}).padded()


def returns(name, ids, about, message, kind="offer", to=None, frame=None, **rest):
    REPLY.relay(name, ids, about, received(message, **(frame or {})), expected_reply(message, **(to or {})), kind, **rest)


def refuses(name, ids, about, message, reason, frame=None, **rest):
    REPLY.drop(name, ids, about, received(message, **(frame or {})), reason, **rest)


def replies():
    ids = "R-CRA-1 R-CRA-13 R-CRA-18"
    for value, kind in ((bootp.OFFER, "offer"), (bootp.ACK, "ack")):
        returns(f"lease-{kind}", ids + " E-7 E-12", f"{kind} to the client here, unicast", answer(value), kind)
        returns(f"lease-{kind}-broadcast", ids + " E-7 E-12", f"{kind}, broadcast flag", answer(value, flags=FLAG), kind, BROADCAST)
    for name, flags, yiaddr, ciaddr, to in (
            ("yiaddr", 0, bootp.YIADDR, NONE, {"dst": bootp.YIADDR}), ("both", 0, bootp.YIADDR, bootp.CIADDR, {"dst": bootp.YIADDR}),
            ("ciaddr", 0, NONE, bootp.CIADDR, {"dst": bootp.CIADDR}), ("neither", 0, NONE, NONE, BROADCAST),
            ("flag-yiaddr", FLAG, bootp.YIADDR, NONE, BROADCAST), ("flag-both", FLAG, bootp.YIADDR, bootp.CIADDR, BROADCAST),
            ("flag-ciaddr", FLAG, NONE, bootp.CIADDR, BROADCAST), ("flag-neither", FLAG, NONE, NONE, BROADCAST),
            ("other-flags", 0x7FFF, bootp.YIADDR, NONE, {"dst": bootp.YIADDR})):
        returns(f"to-{name}", ids + " E-7 E-9", f"ACK: {name}", answer(bootp.ACK, flags=flags, yiaddr=yiaddr, ciaddr=ciaddr), "ack", to)
    for name, fields in (("plain", {}), ("flag", {"flags": FLAG}), ("ciaddr", {"ciaddr": bootp.CIADDR}), ("yiaddr", {"yiaddr": bootp.YIADDR})):
        returns(f"nak-{name}", ids + " E-8 D-8", "a NAK is broadcast always", answer(bootp.NAK, bootp.SERVER_ID, **{"yiaddr": NONE, **fields}),
                "nak", BROADCAST)
    for htype, hlen in ((1, 0), (1, 5), (1, 16), (6, 6), (32, 0)):
        returns(f"htype-{htype}-hlen-{hlen}", ids + " E-13 D-8", "no Ethernet address in chaddr says whose it is: broadcast in here",
                answer(htype=htype, hlen=hlen, chaddr=FOREIGN), to=BROADCAST)
    for number in range(3):
        message = answer(bootp.ACK, bootp.SERVER_ID + bootp.option(61, bytes([255, 0, 0, 0, number]) + b"duid"))
        returns(f"client-id-{number}", "R-MULTI-4 R-MULTI-5 R-MULTI-8", "one of several clients on one MAC address", message, "ack")
    returns("no-cookie", "R-CRA-13 D-22", "BOOTP", Message(op=2, yiaddr=bootp.YIADDR, chaddr=OWN).without_cookie(), "bootp",
            {"src": world.DUMMY_SOURCE})
    returns("broadcast-frame", "D-16", "our IPv6 address in a broadcast frame", answer(), frame={"macs": (world.ROUTER_MAC, world.BROADCAST_MAC)})
    returns("from-port-40000", "E-35", "from any port", answer(), frame={"ports": (40000, 67)})
    returns("giaddr", "E-3", "giaddr does not matter", answer(giaddr="203.0.113.77"))
    returns("any-source", "D-1", "--accept-any-source", answer(), frame={"ips": ("2001:db8:bad::1", world.CRA_ADDRESS)},
            set={"accept_any_source": True})
    for length in (548, 1452):
        returns(f"length-{length}", "E-33", f"{length} octets", bootp.reply(options=bootp.SERVER_ID, chaddr=OWN).padded(length))


def sources():
    """E-12, D-9: given, else by the reply. Never the device's own: to this host that is a martian."""
    flagged = answer(flags=FLAG)
    given = {"client_source": world.CLIENT_SOURCE}
    for name, change, source, broadcast_source in (
            ("client-source", given, world.CLIENT_SOURCE, world.CLIENT_SOURCE),
            ("client-source-ipv4", {**given, **WITH_IPV4}, world.CLIENT_SOURCE, world.CLIENT_SOURCE),
            ("option54", {}, world.SERVER, NONE), ("option54-ipv4", WITH_IPV4, world.SERVER, NONE)):
        returns(f"from-{name}", "E-12 D-9", f"unicast from {source}", answer(), to={"src": source}, set=change)
        returns(f"from-{name}-broadcast", "E-12", f"broadcast from {broadcast_source}", flagged, to={**BROADCAST, "src": broadcast_source},
                set=change)
    for name, option in (("missing", b""), ("0.0.0.0", bootp.option(54, bytes(4))), ("length-3", bootp.option(54, b"\1\2\3"))):
        returns(f"from-option54-{name}", "E-12 D-9", "no usable option 54: from 192.0.0.8", answer(options=option + bootp.LEASE_OPTIONS),
                to={"src": world.DUMMY_SOURCE})
    returns("always-broadcast", "E-7 D-1", "--always-broadcast: to chaddr, which is ours", answer(),
            to={"dst": world.BROADCAST_IP, "src": NONE}, set={"always_broadcast": True})


def foreign():
    """R-CRA-18: for another host's client. It never gets onto the wire, nor up here."""
    ids = "R-CRA-18"
    for name, chaddr in (("neighbour", FOREIGN), ("one-bit", OWN[:5] + bytes([OWN[5] ^ 1])), ("first-octet", b"\x06" + OWN[1:]),
                         ("third-octet", OWN[:3] + b"\1" + OWN[4:])):
        for flags in (0, FLAG):
            refuses(f"foreign-{name}-flags-{flags:04x}", ids, f"chaddr of another host: {name}", answer(chaddr=chaddr, flags=flags), "foreign_chaddr")
        refuses(f"foreign-{name}-nak", ids + " E-8", f"NAK for another host: {name}", answer(bootp.NAK, bootp.SERVER_ID, yiaddr=NONE, chaddr=chaddr),
                "foreign_chaddr")
    for name, chaddr in (("zero", bytes(6)), ("multicast", b"\1\0\x5e\0\0\1")):
        refuses(f"chaddr-{name}", ids + " D-8 E-13", "no station's address, and B is clear", answer(chaddr=chaddr), "bad_chaddr")
        refuses(f"chaddr-{name}-flag", ids, "B is set, and it is not ours", answer(chaddr=chaddr, flags=FLAG), "foreign_chaddr")
    refuses("foreign-opt82", ids + " R-CRA-12", "the options are looked at first", bootp.reply(chaddr=FOREIGN).but(
        options=tra_reply.OPTION82).padded(), "opt82_in_reply")
    refuses("foreign-hlen-17", ids + " D-8", "hlen is looked at first", answer(chaddr=FOREIGN, hlen=17), "bad_hlen")
    refuses("foreign-unknown-peer", ids + " R-SEC-1", "the peer is looked at first", answer(chaddr=FOREIGN), "unknown_peer",
            frame={"ips": ("2001:db8:bad::1", world.CRA_ADDRESS)})
    refuses("foreign-any-source", ids, "--accept-any-source does not change whose client it is", answer(chaddr=FOREIGN), "foreign_chaddr",
            set={"accept_any_source": True})


def refused_replies():
    refuses("unknown-peer", "R-SEC-1", "not from the upstream", answer(), "unknown_peer", frame={"ips": ("2001:db8:bad::1", world.CRA_ADDRESS)})
    refuses("opt82", "R-CRA-12", "option 82 in a reply", answer(options=tra_reply.OPTION82), "opt82_in_reply")
    refuses("op-1", "E-36", "a request", ask(), "op1_unexpected")
    refuses("op-4", "R-CRA-15", "RELAYREPLY, encapsulation is off", answer(op=4), "op4_unsupported")
    refuses("malformed", "D-5", "an option is cut", answer().but(options=b"\x0c\xc8h", end=b"", tail=b""), "bad_options")
    REPLY.punt("options-65", "D-13", "65 options", received(Message(op=2, chaddr=OWN, yiaddr=bootp.YIADDR, options=bootp.small_options(65))),
               "many_options")
    for name, frame in (("to-port-547", {"ports": (67, 547)}), ("to-other-address", {"ips": (world.TRA_ADDRESS, "2001:db8:a::2")}),
                        ("frame-to-other-station", {"macs": (world.ROUTER_MAC, world.NEIGHBOUR_MAC)})):
        REPLY.ignore(name, "R-CRA-3 D-16", "not ours: untouched, not counted", received(answer(), **frame))


def others():
    """R-CRA-18, R-CRA-20: what other hosts on the link send is an LCRA's business."""
    ids = "R-CRA-18 R-CRA-20"
    discover = bootp.request(chaddr=FOREIGN)

    def arrives(payload=discover, **rest):
        return sent(payload, **{"macs": (world.NEIGHBOUR_MAC, world.BROADCAST_MAC), **rest})

    for name, frame in (("discover", arrives()), ("request", arrives(bootp.request(bootp.REQUEST, chaddr=FOREIGN))),
                        ("own-chaddr", arrives(ask())), ("own-mac", arrives(ask(), macs=(world.LINK_MAC, world.BROADCAST_MAC))),
                        ("unicast-frame", arrives(macs=(world.NEIGHBOUR_MAC, world.LINK_MAC))),
                        ("hops-17", arrives(bootp.request(hops=17))), ("opt82", arrives(Message(options=bootp.option(82)).padded())),
                        ("too-short", arrives(bytes(100))), ("op-2", arrives(bootp.request(op=2))),
                        ("65-options", arrives(Message(options=bootp.small_options(65))))):
        OTHERS.leave(name, ids, f"another host's broadcast passes, whatever it is: {name}", frame, "other_host")
    for change in ({"no_source": True}, {"upstreams": []}):
        OTHERS.leave("-".join(change), ids, "whether or not we could serve it", arrives(), "other_host", set=change)
    for name, frame in (("to-port-68", arrives(ports=(67, 68))), ("to-own-ipv4", arrives(ips=(bootp.CIADDR, world.LINK_IPV4))),
                        ("frame-to-other-station", arrives(macs=(world.NEIGHBOUR_MAC, world.ROUTER_MAC))),
                        ("to-server", arrives(ips=(bootp.CIADDR, world.SERVER), macs=(world.NEIGHBOUR_MAC, world.LINK_MAC)))):
        OTHERS.ignore(name, "R-CRA-18 E-10", "not a broadcast of DHCP to us", frame, set=WITH_IPV4)


# ---- sums and headers

def sums():
    upwards, downwards = SimpleNamespace(PATH=REQUEST, received=sent), SimpleNamespace(PATH=REPLY, received=received)
    for name, message in (("even", ask(hops=1)), ("odd", ask().padded(301))):
        yield checksums.Shape(f"hcra-{name}", upwards, message, sent, lambda m: expected_request(bootp.relayed(m)), "discover", version=4)
    for name, message, to in (("unicast", answer(), {}), ("broadcast", answer(flags=FLAG), BROADCAST), ("odd", answer().padded(301), {})):
        yield checksums.Shape(f"hcra-reply-{name}", downwards, message, received, lambda m, to=to: expected_reply(m, **to), "offer", version=6)


def checksum_cases():
    for shape in sums():
        checksums.none_sent(shape)
        checksums.looks_partial(shape)
        checksums.wrong(shape)
        checksums.zero_sums(shape)
        if shape.path is REPLY:
            checksums.partial(shape)
            continue
        # A client with a UDP socket leaves the sum to the device, and at egress TC knows it.
        frame = frames.with_checksum(sent(shape.message), frames.pseudo_sum(sent(shape.message)))
        REQUEST.relay(f"checksum-partial-{shape.name}", "E-25 E-43", "the sum is left to the device: a full checksum leaves", frame,
                      shape.expect(shape.message), "discover", partial=True)


def header_cases():
    usual = ask()
    path = normal.Normal(SimpleNamespace(PATH=REQUEST, received=sent), 4, usual, expected_request(bootp.relayed(usual)), "discover")
    headers.udp_lengths(path)
    headers.ipv4_lengths(path)
    headers.ipv4_header(path)
    headers.ipv4_fragments(path)


def add_cases():
    for subject in (requests, refused, left_alone, copies, replies, sources, foreign, refused_replies, others, checksum_cases, header_cases):
        subject()
