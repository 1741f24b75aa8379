# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TRA, from the server: IPv4 becomes IPv6 to the CRA that CRA6ADDR names."""

import bootp
import frames
import world
from case import Path
from tra_request import cra6addr

PATH = Path("tra-reply", "tra", on="v4", to="v6")

OPTION82 = bootp.option(82, cra6addr())


def received(payload, *, macs=(world.SERVER_MAC, world.V4_DEV_MAC),
             ips=(world.SERVER, world.GIADDR), ports=(67, 67), **rest):
    """The frame as it comes from the server."""
    return frames.udp4(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload, address=world.CRA_ADDRESS):
    """The frame as the TRA sends it."""
    return frames.emitted6(payload, macs=(world.V6_DEV_MAC, world.CRA_ROUTER_MAC),
                           ips=(world.TRA_ADDRESS, address))


def with_last(message, option82=OPTION82):
    """Option 82 as the last option before End, where RFC 3046 wants it."""
    return message.but(options=message.options + option82)


def stripped_last(message, option82=OPTION82):
    """What the CRA gets of with_last(): End over the code, zeros over the rest and the old End."""
    zeros = bootp.PAD * (len(option82) - 1 + len(message.end))
    return message.but(end=bootp.END, tail=zeros + message.tail)


def relays_last(name, ids, about, message, kind="offer", option82=OPTION82,
                address=world.CRA_ADDRESS, frame=None, **rest):
    """Option 82 comes last. `message` is what remains."""
    PATH.relay(name, ids, about, received(with_last(message, option82), **(frame or {})),
               expected(stripped_last(message, option82), address), kind, **rest)


def relays_inside(name, ids, about, before, message, kind="offer", option82=OPTION82,
                  address=world.CRA_ADDRESS, **rest):
    """Options of `message` follow option 82, `before` precedes it."""
    pads = bootp.PAD * len(option82)
    PATH.relay(name, ids, about,
               received(message.but(options=before + option82 + message.options)),
               expected(message.but(options=before + pads + message.options), address),
               kind, **rest)


def drops(name, ids, about, message, reason, frame=None, **rest):
    PATH.drop(name, ids, about, received(message, **(frame or {})), reason, **rest)


REMAINS = bootp.reply().padded(280)  # an OFFER without option 82, with pads
OFFER = with_last(REMAINS)


def answer(option82, behind=b""):
    """An OFFER with this for option 82; `behind` follows it."""
    return bootp.reply().but(options=bootp.reply().options + option82 + behind).padded(600)


def places():
    """R-TRA-12, E-16: option 82 goes without a change of length."""
    ids = "R-TRA-12 E-16"
    offer = bootp.message_type(2)
    rest = bootp.SERVER_ID + bootp.LEASE_OPTIONS
    relays_inside("opt82-first", ids, "option 82 is the first option", b"", bootp.reply().padded(300))
    relays_inside("opt82-second", ids, "option 82 behind option 53", offer, bootp.Message(
        op=2, yiaddr=bootp.YIADDR, giaddr=world.GIADDR, options=rest).padded(300))
    relays_inside("opt82-second-odd", ids, "option 82 at an odd offset", bootp.PAD + offer, bootp.Message(
        op=2, yiaddr=bootp.YIADDR, giaddr=world.GIADDR, options=rest).padded(300))
    relays_inside("opt82-before-last", ids, "one option of two octets follows", offer + rest, bootp.Message(
        op=2, yiaddr=bootp.YIADDR, giaddr=world.GIADDR, options=bootp.option(80)).padded(300))
    relays_inside("opt82-first-no-end", ids, "option 82 first, End is missing", b"",
                  bootp.reply().but(end=b""))
    relays_inside("opt82-pads-around", ids, "option 82 between pads", offer + bootp.PAD * 3, bootp.Message(
        op=2, yiaddr=bootp.YIADDR, giaddr=world.GIADDR, options=bootp.PAD * 5 + rest).padded(300))
    relays_last("opt82-last-pads-before", ids, "pads before option 82 stay",
                bootp.reply().but(options=offer + rest + bootp.PAD * 7).padded(300))
    relays_last("opt82-last-odd", ids, "option 82 last, at an odd offset",
                bootp.reply(options=bootp.SERVER_ID + bootp.option(12, b"h") + bootp.LEASE_OPTIONS).padded(300))
    relays_last("opt82-last-even", ids, "option 82 last, at an even offset",
                bootp.reply(options=bootp.SERVER_ID + bootp.option(12, b"hh") + bootp.LEASE_OPTIONS).padded(300))
    relays_last("opt82-last-no-end", ids, "the message ends with option 82, End is missing",
                bootp.reply().but(end=b""))
    relays_last("opt82-last-no-end-pads", ids, "option 82, then pads only",
                bootp.reply().but(end=b"", tail=bootp.PAD * 30))
    relays_last("opt82-last-no-pads", ids, "the message ends with End", bootp.reply())
    relays_last("opt82-last-tail-not-zero", ids, "octets behind End stay as they were",
                bootp.reply().but(tail=bytes(range(1, 50))))
    relays_last("opt82-only", ids, "option 82 is the only option", bootp.Message(
        op=2, giaddr=world.GIADDR).padded(300), "bootp")
    pads = bootp.PAD * 9
    PATH.relay("opt82-last-pads-behind", ids, "pads between option 82 and End: no octet moves, not even End",
               received(bootp.reply().but(options=bootp.reply().options + OPTION82 + pads).padded(320)),
               expected(bootp.reply().but(options=bootp.reply().options + bootp.PAD * len(OPTION82) + pads)
                        .padded(320)), "offer")


def sub_options():
    """R-TRA-13, R-SUB-4, E-22: CRA6ADDR among other sub-options, as servers reorder them."""
    circuit, remote = bootp.option(1, b"port-7"), bootp.option(2, b"\2\0\0\0\x05\1")
    mine = cra6addr()
    ids = "R-TRA-13 R-SUB-4 R-TRA-12"
    table = (("first", mine + circuit + remote), ("middle", circuit + mine + remote), ("last", circuit + remote + mine),
             ("after-empty", bootp.option(19) + mine), ("before-empty", mine + bootp.option(19)),
             ("after-code-0", bootp.option(0, b"x") + mine), ("after-code-255", bootp.option(255, b"x") + mine),
             ("full-255", bootp.option(1, b"x" * 235) + mine), ("code-82-inside", bootp.option(82, b"x") + mine),
             ("after-lookalike", bootp.option(1, cra6addr("2001:db8:bad::1")) + mine))
    for name, content in table:
        option82 = bootp.option(82, content)
        relays_last(f"cra6addr-{name}", ids, f"CRA6ADDR {name} in option 82, which comes last",
                    bootp.reply(), option82=option82)
        relays_inside(f"cra6addr-{name}-inside", ids, f"CRA6ADDR {name} in option 82, options follow",
                      b"", bootp.reply(), option82=option82)
    relays_last("code-46", "R-SUB-6", "--cra6addr 46", REMAINS, option82=bootp.option(82, cra6addr(code=46)),
                set={"cra6addr_code": 46})
    relays_last("code-46-254-ignored", "R-SUB-6", "--cra6addr 46: code 254 is another sub-option", REMAINS,
                option82=bootp.option(82, cra6addr("2001:db8:bad::1") + cra6addr(code=46)), set={"cra6addr_code": 46})
    relays_last("code-1", "R-SUB-6", "--cra6addr circuit-id", REMAINS, option82=bootp.option(82, cra6addr(code=1)),
                set={"cra6addr_code": 1})
    relays_inside("code-1-inside", "R-SUB-6", "--cra6addr circuit-id, options follow", b"", bootp.reply(),
                  option82=bootp.option(82, remote + cra6addr(code=1)), set={"cra6addr_code": 1})
    drops("code-1-another", "R-SUB-6 R-SUB-5", "--cra6addr circuit-id: a circuit-id that is no address",
          answer(bootp.option(82, circuit)), "bad_cra6addr", set={"cra6addr_code": 1})
    drops("code-254-wanted-46", "R-SUB-6 R-TRA-11", "CRA6ADDR under another code", OFFER, "no_cra6addr",
          set={"cra6addr_code": 46})


def many_sub_options():
    """32 sub-options are walked, CRA6ADDR with them; what more are is for the slow path (as D-13 has it for options)."""
    ids = "R-TRA-13 R-SUB-4 R-TRA-15"
    for count in (31, 32):
        others = bootp.option(19) * (count - 1)
        for place, content in (("first", cra6addr() + others), ("last", others + cra6addr()),
                               ("middle", others[:30] + cra6addr() + others[30:])):
            option82 = bootp.option(82, content)
            relays_last(f"sub-options-{count}-{place}", ids, f"{count} sub-options, CRA6ADDR {place}", bootp.reply(),
                        option82=option82)
            relays_inside(f"sub-options-{count}-{place}-inside", ids, f"{count} sub-options, CRA6ADDR {place}, options follow",
                          b"", bootp.reply(), option82=option82)
        drops(f"sub-options-{count}-none", "R-TRA-11", f"{count} sub-options, none of them CRA6ADDR",
              answer(bootp.option(82, others + bootp.option(19))), "no_cra6addr")
    for count in (33, 64, 100):
        others = bootp.option(19) * (count - 1)
        for place, content in (("first", cra6addr() + others), ("last", others + cra6addr()), ("none", others + bootp.option(19))):
            PATH.punt(f"sub-options-{count}-{place}", "D-13 R-TRA-15", f"{count} sub-options, CRA6ADDR {place}",
                      received(answer(bootp.option(82, content))), "many_options")
    lengths = bootp.option(19, b"x") * 30
    relays_last("sub-options-32-longer", ids, "32 sub-options with values", bootp.reply(),
                option82=bootp.option(82, lengths + cra6addr() + bootp.option(19)))


def absent():
    ids = "R-TRA-11 E-24"
    outside = bootp.option(world.CRA6ADDR_CODE, cra6addr()[2:])
    drops("no-opt82", ids, "the server does not echo option 82", bootp.reply().padded(), "no_cra6addr")
    drops("opt82-empty", ids, "option 82 is empty", answer(bootp.option(82)), "no_cra6addr")
    drops("opt82-circuit-id", ids, "option 82 with circuit-id alone", answer(bootp.option(82, bootp.option(1, b"port"))),
          "no_cra6addr")
    drops("cra6addr-outside", ids, "CRA6ADDR as an option of its own", answer(outside), "no_cra6addr")
    drops("cra6addr-inside-circuit-id", ids, "CRA6ADDR inside another sub-option",
          answer(bootp.option(82, bootp.option(1, cra6addr()))), "no_cra6addr")
    drops("opt82-behind-end", ids, "option 82 behind End", bootp.reply().but(tail=OPTION82).padded(), "no_cra6addr")
    drops("opt82-in-file", "R-TRA-11 E-17", "option 82 in an overloaded file",
          bootp.reply(options=bootp.option(52, b"\1"), file=OPTION82 + bootp.END).padded(), "no_cra6addr")
    drops("opt82-inside-value", ids, "option 82 inside another option's value",
          answer(bootp.option(43, OPTION82)), "no_cra6addr")
    drops("no-cookie", "R-TRA-11 E-21", "BOOTP without cookie",
          bootp.Message(op=2, giaddr=world.GIADDR).without_cookie(), "no_cra6addr")
    drops("no-cookie-opt82", "R-TRA-11 E-21", "option 82 behind a cookie with one bit wrong",
          OFFER.but(cookie=b"\x63\x82\x53\x62"), "no_cra6addr")


def malformed():
    """R-SUB-5, E-23, CVE-2018-0173: CRA6ADDR and option 82 that are not what they should be."""
    address = cra6addr()[2:]
    for length in (0, 1, 4, 15, 17, 18, 32):
        content = (address * 3)[:length]
        drops(f"cra6addr-length-{length}", "R-SUB-5", f"CRA6ADDR of {length} octets",
              answer(bootp.option(82, bootp.option(world.CRA6ADDR_CODE, content))), "bad_cra6addr")
    circuit = bootp.option(1, b"port")
    cut = (("one-octet-missing", cra6addr()[:-1]), ("address-missing", cra6addr()[:2]),
           ("claims-255", bytes([world.CRA6ADDR_CODE, 255]) + address))
    for name, content in cut:
        drops(f"cra6addr-cut-{name}", "R-SUB-5", "CRA6ADDR claims more octets than option 82 has",
              answer(bootp.option(82, content)), "bad_cra6addr")
        drops(f"cra6addr-cut-{name}-after-circuit-id", "R-SUB-5", "the same behind circuit-id",
              answer(bootp.option(82, circuit + content)), "bad_cra6addr")
    drops("cra6addr-cut-at-message-end", "R-SUB-5", "the octets that it claims are there, but behind option 82",
          answer(bootp.option(82, cra6addr()[:10]), cra6addr()[10:] + bytes(9)), "bad_cra6addr")
    for name, content in (("circuit-id-long", cra6addr() + b"\x01\x20port"), ("length-missing", cra6addr() + b"\x01"),
                          ("circuit-id-long-alone", b"\x01\x20port"), ("circuit-id-long-first", b"\x01\xff" + cra6addr())):
        drops(f"sub-option-cut-{name}", "D-5 R-SUB-5", "another sub-option claims more than option 82 has",
              answer(bootp.option(82, content)), "bad_options")
    other = cra6addr("2001:db8:a::2")
    drops("cra6addr-twice", "E-23", "two CRA6ADDR in one option 82", answer(bootp.option(82, cra6addr() + other)), "bad_cra6addr")
    drops("cra6addr-twice-same", "E-23", "the same CRA6ADDR twice in one option 82",
          answer(bootp.option(82, cra6addr() + circuit + cra6addr())), "bad_cra6addr")
    drops("cra6addr-fused", "E-23", "two CRA6ADDR fused into one of 32 octets, as Kea does it",
          answer(bootp.option(82, bootp.option(world.CRA6ADDR_CODE, address * 2))), "bad_cra6addr")
    drops("opt82-twice", "E-23 D-6", "two option 82, each with a complete CRA6ADDR",
          answer(OPTION82 + bootp.option(82, other)), "bad_cra6addr")
    drops("opt82-twice-apart", "E-23 D-6", "the same, and not next to each other",
          answer(OPTION82 + bootp.CLIENT_ID + OPTION82), "bad_cra6addr")

    for name, cut82 in (("no-length", b"\x52"), ("value-missing", b"\x52\x12"), ("one-missing", OPTION82[:-1]),
                        ("claims-255", b"\x52\xff" + OPTION82[2:])):
        drops(f"opt82-cut-{name}", "D-5", "option 82 runs past the end of the message",
              bootp.reply().but(options=bootp.reply().options + cut82, end=b""), "bad_options")


def split():
    """E-22, D-6: option 82 in two pieces."""
    circuit, mine = bootp.option(1, b"port-7"), cra6addr()
    table = (("inside-address", mine[:9], mine[9:]), ("behind-code", mine[:1], mine[1:]),
             ("before-last-octet", mine[:-1], mine[-1:]), ("inside-circuit-id", circuit[:4], circuit[4:] + mine),
             ("at-sub-option", circuit, mine), ("at-sub-option-reversed", mine, circuit),
             ("second-empty", mine, b""), ("first-empty", b"", mine))
    for name, first, second in table:
        for between, suffix in ((b"", ""), (bootp.CLIENT_ID, "-apart")):
            PATH.punt(f"split-{name}{suffix}", "E-22 D-6", f"option 82 in two pieces: {name}",
                      received(answer(bootp.option(82, first) + between + bootp.option(82, second))), "split_opt82")


def refused():
    """E-48, R-SEC-2: nobody makes a reflector of us."""
    for address in ("fe80::1", "febf:ffff::1", "ff02::1", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                    "::", "::1", "::ffff:192.0.2.1", world.TRA_ADDRESS):
        drops(f"refused-{address}", "E-48 R-SEC-2 R-CRA-11", "no address of a CRA",
              with_last(REMAINS, bootp.option(82, cra6addr(address))), "cra6addr_refused")
    for address in ("2001:db8:a:1234:5678:9abc:def0:1234", "2000::1", "2a00:1:2:3::4", "2001:db8:ff::68",
                    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"):
        relays_last(f"to-{address}", "R-TRA-13 R-SUB-4 E-48 D-3", f"CRA6ADDR is {address}", REMAINS,
                    option82=bootp.option(82, cra6addr(address)), address=address)
    change = {"cra_prefixes": {"2001:db8:a::/48": None}}
    for address in ("2001:db8:a::1", "2001:db8:a:ffff:ffff:ffff:ffff:ffff"):
        relays_last(f"allowed-{address}", "R-SEC-2 E-48", "inside the prefix", REMAINS,
                    option82=bootp.option(82, cra6addr(address)), address=address, set=change)
    for address in ("2001:db8:b::1", "2001:db8:9:ffff:ffff:ffff:ffff:ffff", "fd00::1"):
        drops(f"not-allowed-{address}", "R-SEC-2 E-48", "outside the prefix",
              with_last(REMAINS, bootp.option(82, cra6addr(address))), "cra_not_allowed", set=change)
    drops("refused-before-prefix", "R-SEC-2 E-48", "the kind of address is looked at before the prefix",
          with_last(REMAINS, bootp.option(82, cra6addr("fe80::1"))), "cra6addr_refused", set=change)


def peers():
    stranger = {"ips": ("198.51.100.3", world.GIADDR)}
    drops("unknown-peer", "R-SEC-2 E-49", "not from the server", OFFER, "unknown_peer", frame=stranger)
    drops("unknown-peer-client", "R-SEC-2 E-49", "from a client's address", OFFER, "unknown_peer",
          frame={"ips": (bootp.YIADDR, world.GIADDR)})
    drops("unknown-peer-no-upstream", "R-SEC-2", "nobody may send, where no server is configured", OFFER,
          "unknown_peer", set={"upstreams": []})
    drops("unknown-peer-no-opt82", "R-SEC-2 R-TRA-11", "the peer is looked at before the options",
          bootp.reply().padded(), "unknown_peer", frame=stranger)
    relays_last("any-source", "E-49 D-1", "--accept-any-source", REMAINS, frame=stranger,
                set={"accept_any_source": True})
    for port in (1, 68, 547, 40000, 65535):
        relays_last(f"from-port-{port}", "E-35 R-TRA-14", f"from port {port}: 67 to 67 leaves", REMAINS,
                    frame={"ports": (port, 67)})
    drops("no-source", "R-CRA-5", "no IPv6 address to send from", OFFER, "no_source", set={"no_source": True})
    drops("no-source-refused", "E-48", "CRA6ADDR is looked at before our own source",
          with_last(REMAINS, bootp.option(82, cra6addr("fe80::1"))), "cra6addr_refused", set={"no_source": True})


def ops():
    for op in (0, 1, 3, 5, 255):
        PATH.leave(f"op-{op}", "R-TRA-3 E-36 D-7", f"op {op} from the server's side is no reply",
                   received(OFFER.but(op=op)), "op_not_reply")
    PATH.leave("renewal", "R-TRA-3 D-7", "a client's unicast to a server on this host",
               received(bootp.request(bootp.REQUEST, ciaddr=bootp.CIADDR), ips=(bootp.CIADDR, world.GIADDR),
                        ports=(68, 67)), "op_not_reply")
    drops("op-4", "D-7 R-TRA-3", "RELAYREPLY, encapsulation is off", OFFER.but(op=4), "op4_unsupported")
    drops("op-4-giaddr", "D-7", "op is looked at before giaddr", OFFER.but(op=4, giaddr="203.0.113.9"), "op4_unsupported")
    for giaddr in (world.ZERO_IP, world.SERVER, "203.0.113.9", "198.51.100.0"):
        PATH.leave(f"giaddr-{giaddr}", "D-7", "a reply for another relay", received(OFFER.but(giaddr=giaddr)),
                   "other_giaddr")
    PATH.leave("giaddr-unknown-peer", "D-7", "giaddr is looked at before the peer",
               received(OFFER.but(giaddr="203.0.113.9"), ips=("198.51.100.3", world.GIADDR)), "other_giaddr")


def contents():
    for value in (0, 1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 200, 255):
        relays_last(f"type-{value}", "E-37 R-TRA-12", f"op 2 with message type {value}: relayed by op alone",
                    bootp.reply(value).padded(300), bootp.type_name(value))
    relays_last("type-missing", "E-21 E-37", "no option 53",
                bootp.Message(op=2, giaddr=world.GIADDR, options=bootp.SERVER_ID).padded(300), "bootp")
    relays_inside("type-behind-opt82", "E-37 R-TRA-12", "option 53 behind option 82", b"",
                  bootp.reply(5).padded(300), "ack")
    for value in (0, 1, 16, 17, 255):
        relays_last(f"hops-{value}", "E-1 R-TRA-12", "hops of a reply neither counts nor changes",
                    bootp.reply(hops=value).padded(300))
    for htype, hlen in ((1, 0), (1, 17), (32, 0)):
        relays_last(f"htype-{htype}-hlen-{hlen}", "R-TRA-12", "hardware type and length are the CRA's business",
                    bootp.reply(htype=htype, hlen=hlen).padded(300))
    relays_last("every-field", "R-TRA-12 D-7", "every field of BOOTP has a value",
                bootp.reply(hops=3, xid=0xFFFFFFFF, secs=0xABCD, flags=0xFFFF, ciaddr="192.0.2.1", siaddr="192.0.2.3",
                            chaddr=bytes(range(16)), sname=b"s" * 64, file=b"f" * 128).but(tail=bytes(range(1, 60))))
    relays_last("client-id-255", "R-MULTI-6 R-TRA-12", "option 61 of 255 octets",
                bootp.reply(options=bootp.option(61, b"\xff" + b"i" * 254)).padded(548))
    relays_last("authentication", "E-39 R-TRA-12", "option 90 stays as it is",
                bootp.reply(options=bootp.option(90, b"\1\1\0" + bytes(range(24)))).padded(340))


def addressed():
    relays_last("broadcast-frame", "D-16", "our IPv4 address in a broadcast frame", REMAINS,
                frame={"macs": (world.SERVER_MAC, world.BROADCAST_MAC)})
    ignored = (
        ("to-port-68", "R-TRA-3", {"ports": (67, 68)}),
        ("to-port-1067", "R-TRA-3", {"ports": (67, 1067)}),
        ("to-other-address", "R-TRA-3", {"ips": (world.SERVER, "198.51.100.9")}),
        ("to-broadcast", "R-TRA-3", {"ips": (world.SERVER, world.BROADCAST_IP),
                                     "macs": (world.SERVER_MAC, world.BROADCAST_MAC)}),
        ("frame-to-other-station", "D-16", {"macs": (world.SERVER_MAC, "02:00:00:00:03:99")}),
    )
    for name, ids, frame in ignored:
        PATH.ignore(name, ids, "not ours: untouched, not counted", received(OFFER, **frame))


def add_cases():
    for subject in (places, sub_options, many_sub_options, absent, malformed, split, refused, peers, ops, contents, addressed):
        subject()
