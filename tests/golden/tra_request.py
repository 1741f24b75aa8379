# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TRA, from a CRA: IPv6 becomes IPv4 to the server, with giaddr and CRA6ADDR."""

import socket

import bootp
import frames
import world
from case import Path

PATH = Path("tra-request", "tra", on="v6", to="v4")
MIN_GROWN = 300  # E-19


def received(payload, *, macs=(world.CRA_ROUTER_MAC, world.V6_DEV_MAC),
             ips=(world.CRA_ADDRESS, world.TRA_ADDRESS), ports=(67, 67), **rest):
    """The frame as it comes from the CRA."""
    return frames.udp6(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload, server=0, port=world.UPSTREAM_PORT):
    """The frame as the TRA sends it to one of its servers."""
    return frames.emitted4(payload, macs=(world.V4_DEV_MAC, world.SERVER_MACS[server]),
                           ips=(world.GIADDR, world.SERVERS[server]), dport=port)


def cra6addr(address=world.CRA_ADDRESS, code=world.CRA6ADDR_CODE):
    """The sub-option: 18 octets (R-SUB-2)."""
    return bootp.option(code, socket.inet_pton(socket.AF_INET6, address))


def link_selection(address):
    """The sub-option of RFC 3527: 05 04 a b c d (R-TRA-7)."""
    return bootp.option(5, socket.inet_aton(address))


def relayed(message, address=world.CRA_ADDRESS, code=world.CRA6ADDR_CODE, link=None):
    """The message as the server gets it: option 82 and End stand where End stood (or behind the
    last option) and overwrite what followed, as far as they reach."""
    option82 = bootp.option(82, cra6addr(address, code) + (link_selection(link) if link else b""))
    grown_by = len(option82) + len(bootp.END) - len(message.end)
    made = bootp.relayed(message).but(
        giaddr=world.GIADDR, options=message.options + option82, end=bootp.END,
        tail=message.tail[grown_by:])
    grows = len(message.tail) < grown_by
    return made.padded(MIN_GROWN) if grows and len(made) < MIN_GROWN else made


def relays(name, ids, about, message, kind="discover", address=world.CRA_ADDRESS,
           code=world.CRA6ADDR_CODE, link=None, frame=None, **rest):
    """`frame` says where received() differs from the usual."""
    incoming = received(message, **{"ips": (address, world.TRA_ADDRESS), **(frame or {})})
    PATH.relay(name, ids, about, incoming, expected(relayed(message, address, code, link)), kind, **rest)


def drops(name, ids, about, message, reason, frame=None, **rest):
    PATH.drop(name, ids, about, received(message, **(frame or {})), reason, **rest)


DISCOVER = bootp.request()
FROM = {name: {"ips": (name, world.TRA_ADDRESS)} for name in (
    "2001:db8:b::1", "2001:db8:9:ffff:ffff:ffff:ffff:ffff", "fd00::1", "fe80::1", "ff02::1")}


def sources():
    """E-34, D-3, R-TRA-5, R-SUB-3: the IPv6 source becomes CRA6ADDR, if it is fit for it."""
    for address in ("2001:db8:a:1234:5678:9abc:def0:1234", "2000::1", "2a00:1:2:3::4", "2002:c000:201::1",
                    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::1", "fd12:3456:789a::1",
                    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"):
        relays(f"from-{address}", "R-TRA-5 R-SUB-2 E-34 D-3", f"CRA6ADDR is {address}", DISCOVER, address=address)
    for address in ("fe80::1", "fe80::a00:27ff:fe4e:66a1", "febf:ffff::1", "ff02::1", "ff05::1:3", "ff0e::1",
                    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::", "::1", "::ffff:192.0.2.1"):
        drops(f"from-{address}", "E-34 R-SEC-2", "no global or unique-local unicast source", DISCOVER,
              "bad_source", frame={"ips": (address, world.TRA_ADDRESS)})
    drops("from-our-own-address", "E-34 E-48", "the answer would be refused: CRA6ADDR would be ours", DISCOVER,
          "bad_source", frame={"ips": (world.TRA_ADDRESS, world.TRA_ADDRESS)})
    drops("from-our-own-address-prefix", "E-34 R-SEC-2", "the kind of source is looked at before the prefix", DISCOVER,
          "bad_source", frame={"ips": (world.TRA_ADDRESS, world.TRA_ADDRESS)},
          set={"cra_prefixes": {"2001:db8:a::/48": None}})
    relays("other-address-in-payload", "R-SUB-3", "only the packet's source counts, not the payload",
           bootp.request(options=bootp.option(125, cra6addr("2001:db8:bad::1"))))
    for port in (1, 68, 547, 40000, 65535):
        relays(f"from-port-{port}", "E-35 R-TRA-14", f"from port {port}: 67 to 67 leaves", DISCOVER,
               frame={"ports": (port, 67)})


def allowed():
    """R-SEC-2: --cra-prefix."""
    ids, change = "R-SEC-2", {"cra_prefixes": {"2001:db8:a::/48": None}}
    for address in ("2001:db8:a::1", "2001:db8:a::", "2001:db8:a:ffff:ffff:ffff:ffff:ffff"):
        relays(f"allowed-{address}", ids, "inside the prefix", DISCOVER, address=address, set=change)
    for address in ("2001:db8:b::1", "2001:db8:9:ffff:ffff:ffff:ffff:ffff", "fd00::1"):
        drops(f"not-allowed-{address}", ids, "outside the prefix", DISCOVER, "cra_not_allowed",
              frame=FROM[address], set=change)
    drops("not-allowed-link-local", ids + " E-34", "the kind of source is looked at before the prefix",
          DISCOVER, "bad_source", frame=FROM["fe80::1"], set={"cra_prefixes": {"::/0": None}})
    drops("not-allowed-op-2", ids + " R-TRA-2", "the prefix is looked at before op", bootp.request(op=2),
          "cra_not_allowed", frame=FROM["fd00::1"], set=change)
    PATH.drop("not-allowed-short", ids, "the prefix is looked at before the length",
              received(bytes(100), **FROM["fd00::1"]), "cra_not_allowed", set=change)


def ops():
    for op, reason in ((0, "op_unknown"), (2, "op2_unexpected"), (3, "op3_unsupported"),
                       (4, "op4_unexpected"), (5, "op_unknown"), (129, "op_unknown"), (255, "op_unknown")):
        drops(f"op-{op}", "R-TRA-2 E-36", f"op {op} on IPv6", bootp.request(op=op), reason)
    drops("op-2-hops", "R-TRA-2 E-1", "op is looked at before hops", bootp.request(op=2, hops=17), "op2_unexpected")


def types():
    for value in (*range(0, 12), 13, 17, 18, 200, 255):
        relays(f"type-{value}", "R-TRA-4 E-37", f"op 1 with message type {value}: relayed by op alone",
               bootp.request(value), bootp.type_name(value))
    relays("type-missing", "E-21 R-TRA-4", "cookie, but no option 53: option 82 is added",
           bootp.Message(options=bootp.CLIENT_OPTIONS).padded(), "bootp")
    relays("type-last", "R-TRA-4", "option 53 behind all others",
           bootp.Message(options=bootp.CLIENT_OPTIONS + bootp.message_type(3)).padded(), "request")


def hops():
    for limit, values in ((16, (0, 4, 15, 16, 17, 255)), (4, (0, 4, 5, 17)), (1, (0, 1, 2))):
        change = {} if limit == 16 else {"hops_limit": limit}
        for value in values:
            name, message = f"hops-{value}-limit-{limit}", bootp.request(hops=value)
            if value <= limit:
                relays(name, "E-1 D-1", f"hops {value}, limit {limit}: {value + 1} leaves", message, set=change)
            else:
                drops(name, "E-1 D-1", f"hops {value} exceeds the limit {limit}", message, "hops", set=change)


def giaddr():
    other = bootp.request(giaddr="203.0.113.9")
    own = bootp.request(giaddr=world.GIADDR)
    for value in ("203.0.113.9", "198.51.100.2", "0.0.0.1", "255.255.255.255"):
        relays(f"giaddr-{value}", "E-4 D-1 R-TRA-6", "another relay's giaddr is replaced, and noted",
               bootp.request(giaddr=value), notes=["giaddr_replaced"])
        drops(f"giaddr-{value}-drop", "E-4 D-1", "--giaddr-policy drop", bootp.request(giaddr=value),
              "giaddr_set", set={"giaddr_policy": "drop"})
    relays("giaddr-zero-drop", "E-4 D-1 R-TRA-6", "--giaddr-policy drop, but giaddr is zero", DISCOVER,
           set={"giaddr_policy": "drop"})
    relays("giaddr-replaced-and-grown", "E-4 E-18", "giaddr replaced in a message that grows",
           other.but(tail=b""), notes=["giaddr_replaced"])
    for policy in ("replace", "drop"):
        drops(f"giaddr-own-{policy}", "E-5", f"giaddr is our own address, policy {policy}", own, "own_giaddr",
              set={"giaddr_policy": policy})
    drops("giaddr-own-hops", "E-1 E-5", "hops is looked at before giaddr",
          bootp.request(giaddr=world.GIADDR, hops=17), "hops")
    drops("giaddr-set-no-cookie", "E-4 E-21", "giaddr is looked at before the cookie",
          bootp.Message(giaddr="203.0.113.9").without_cookie(), "giaddr_set", set={"giaddr_policy": "drop"})
    drops("giaddr-own-opt82", "E-5 E-15", "giaddr is looked at before the options",
          bootp.Message(giaddr=world.GIADDR, options=bootp.option(82)).padded(), "own_giaddr")


def cookie():
    ids = "E-21"
    drops("no-cookie", ids, "BOOTP without cookie: option 82 has no place",
          bootp.Message().without_cookie(), "no_cookie")
    for index in range(4):
        wrong = bytearray(bootp.COOKIE)
        wrong[index] ^= 1
        drops(f"cookie-wrong-octet-{index}", ids, "a cookie with one bit wrong",
              DISCOVER.but(cookie=bytes(wrong)), "no_cookie")
    drops("no-cookie-no-source", "E-21 R-CRA-5", "the cookie is looked at before giaddr of our own",
          bootp.Message().without_cookie(), "no_cookie", set={"no_source": True})


def readiness():
    drops("no-source", "R-TRA-6 R-CRA-5", "no giaddr of our own yet", DISCOVER, "no_source", set={"no_source": True})
    drops("no-upstream", "R-TRA-1", "no server configured", DISCOVER, "no_upstream", set={"upstreams": []})
    drops("no-source-no-upstream", "R-TRA-6", "giaddr is looked for first", DISCOVER, "no_source",
          set={"no_source": True, "upstreams": []})
    drops("no-source-opt82", "E-15", "the options are looked at before giaddr of our own",
          bootp.Message(options=bootp.option(82)).padded(), "opt82_present", set={"no_source": True})


def option82():
    ids = "E-15"
    mine = bootp.option(82, bootp.option(1, b"port-7"))
    discover = bootp.message_type(1)
    present = (
        ("first", mine + discover + bootp.CLIENT_OPTIONS),
        ("middle", discover + mine + bootp.CLIENT_OPTIONS),
        ("last", discover + bootp.CLIENT_OPTIONS + mine),
        ("empty", discover + bootp.option(82) + bootp.CLIENT_OPTIONS),
        ("full", discover + bootp.option(82, bootp.option(1, b"x" * 253))),
        ("with-cra6addr", discover + bootp.option(82, cra6addr())),
        ("twice", discover + mine + mine),
        ("after-63", discover + bootp.small_options(62) + mine),
        ("before-70", discover + mine + bootp.small_options(70)),
        ("before-malformed", discover + mine + b"\x0c\xc8h"),
    )
    for name, options in present:
        drops(f"opt82-{name}", ids, f"option 82 from a CRA: {name}",
              bootp.Message(options=options).padded(600), "opt82_present")
    for name, cut in (("no-length", b"\x52"), ("long", b"\x52\x14\x01\x02ab")):
        drops(f"opt82-cut-{name}", "E-15 D-22", "the code is seen, the option is cut: present",
              bootp.Message(options=discover + bootp.CLIENT_OPTIONS + cut, end=b""), "opt82_present")
    relays("opt82-behind-end", "E-15 E-16", "what follows End is no option",
           bootp.Message(options=discover, tail=mine).padded())
    relays("opt82-inside-value", "E-15", "option 82 inside another option's value",
           bootp.Message(options=discover + bootp.option(43, mine)).padded())
    for overload in (1, 2, 3):
        relays(f"opt82-overload-{overload}", "E-17", "option 82 in file and sname is not looked for",
               bootp.Message(options=discover + bootp.option(52, bytes([overload])),
                             file=mine + bootp.END, sname=mine + bootp.END).padded())
    relays("overload-63-in-file", "E-17", "option 82 goes to the option field, overload or not",
           bootp.Message(options=discover + bootp.option(52, b"\1"), file=bootp.option(12, b"host") + bootp.END).padded())


def room():
    """E-16, E-18, E-19: option 82 at End, with exactly enough octets behind it, one less, one more."""
    discover = bootp.message_type(1)
    for base in (0, 1):
        options = discover + bootp.option(12, b"h" * base)
        for spare in (0, 1, 10, 19, 20, 21, 40):
            relays(f"room-{spare}-at-{240 + len(options)}", "E-16 E-18 E-19 R-TRA-9",
                   f"End at octet {240 + len(options)}, {spare} octets behind it",
                   bootp.Message(options=options, tail=bootp.PAD * spare))
    for spare in (0, 1, 19, 20, 21, 22, 40):
        relays(f"room-{spare}-no-end", "E-16 E-18 E-19", f"End is missing, {spare} pads behind the last option",
               bootp.Message(options=discover + bootp.CLIENT_OPTIONS, end=b"", tail=bootp.PAD * spare))
    for length in (300, 301, 548):
        for spare in (0, 19, 20):
            relays(f"length-{length}-room-{spare}", "E-16 E-19", f"{length} octets, {spare} of them behind End",
                   bootp.Message(options=discover).filled(length - spare).padded(length))
    relays("pads-before-end", "E-16", "pads before End stay before option 82",
           bootp.Message(options=discover + bootp.PAD * 40).padded())
    relays("pads-between", "E-16", "pads between options",
           bootp.Message(options=bootp.PAD + discover + bootp.PAD * 2 + bootp.CLIENT_ID + bootp.PAD * 3).padded())
    relays("pads-before-end-only", "E-16", "pads before End are no room: the message grows",
           bootp.Message(options=discover + bootp.PAD * 55))
    relays("no-options", "E-16 E-21", "nothing but cookie and End", bootp.Message().padded(), "bootp")
    relays("no-options-no-end", "E-16 E-21", "nothing but cookie and pads",
           bootp.Message(end=b"", tail=bootp.PAD * 60), "bootp")
    relays("tail-not-zero", "E-16 E-39", "octets behind End that option 82 does not reach stay as they were",
           bootp.Message(options=discover, tail=bytes(range(1, 101))))
    relays("second-end", "E-16", "a second End behind the first is overwritten",
           bootp.Message(options=discover, tail=bootp.END * 56))
    relays("authentication", "E-39", "option 90 stays as it is",
           bootp.Message(options=discover + bootp.option(90, b"\1\1\0" + bytes(range(24)))).padded(340))
    relays("client-id-255", "R-MULTI-6 E-16", "option 61 of 255 octets",
           bootp.Message(options=discover + bootp.option(61, b"\xff" + b"i" * 254)).padded(548))
    relays("client-id-255-grown", "R-MULTI-6 E-16", "option 61 of 255 octets, and no room behind End",
           bootp.Message(options=discover + bootp.option(61, b"\xff" + b"i" * 254)))
    relays("max-size-option", "E-18", "option 57 of 576 neither limits nor changes",
           bootp.Message(options=discover + bootp.option(57, b"\x02\x40")).filled(576))
    for xid in (0, 0xFFFFFFFF, 0x1234FFFF, 0xFFFF0000):
        relays(f"xid-{xid:08x}", "E-41", "the low half of xid becomes the IPv4 identification", bootp.request(xid=xid))
    relays("every-field", "R-TRA-6 R-TRA-9 E-4", "every field of BOOTP has a value",
           bootp.Message(hops=3, xid=0xFFFFFFFF, secs=0xABCD, flags=0xFFFF, ciaddr="192.0.2.1", yiaddr="192.0.2.2",
                         siaddr="192.0.2.3", giaddr="192.0.2.4", chaddr=bytes(range(16)), sname=b"s" * 64,
                         file=b"f" * 128, options=discover + bootp.CLIENT_OPTIONS, tail=bytes(range(1, 60))),
           notes=["giaddr_replaced"])


def code():
    for value in (46, 1, 153):
        relays(f"code-{value}", "R-SUB-6 R-SUB-2", f"--cra6addr {value}", DISCOVER, code=value,
               set={"cra6addr_code": value})
        relays(f"code-{value}-grown", "R-SUB-6 R-SUB-2 E-18", f"--cra6addr {value}, no room behind End",
               DISCOVER.but(tail=b""), code=value, set={"cra6addr_code": value})


def addressed():
    """Which frames are ours: D-16, D-21."""
    relays("broadcast-frame", "D-16", "our IPv6 address in a broadcast frame", DISCOVER,
           frame={"macs": (world.CRA_ROUTER_MAC, world.BROADCAST_MAC)})
    ignored = (
        ("to-port-547", "R-TRA-2", {"ports": (67, 547)}),
        ("to-port-68", "R-TRA-2", {"ports": (67, 68)}),
        ("to-other-address", "R-TRA-2", {"ips": (world.CRA_ADDRESS, "2001:db8:ff::68")}),
        ("to-all-nodes", "R-CRA-11", {"ips": (world.CRA_ADDRESS, "ff02::1"),
                                      "macs": (world.CRA_ROUTER_MAC, "33:33:00:00:00:01")}),
        ("frame-to-other-station", "D-16", {"macs": (world.CRA_ROUTER_MAC, "02:00:00:00:03:99")}),
        ("frame-to-v4-devices-mac", "D-16", {"macs": (world.CRA_ROUTER_MAC, world.V4_DEV_MAC)}),
    )
    for name, ids, frame in ignored:
        PATH.ignore(name, ids, "not ours: untouched, not counted", received(DISCOVER, **frame))


def add_cases():
    for subject in (sources, allowed, ops, types, hops, giaddr, cookie, readiness, option82, room, code, addressed):
        subject()
