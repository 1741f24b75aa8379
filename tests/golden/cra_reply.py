# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""LCRA, from the TSV or TRA: IPv6 unicast becomes IPv4 to the client."""

import bootp
import frames
import world
from case import Path

PATH = Path("cra-reply", "lcra", on="uplink", to="client")


def received(payload, *, macs=(world.ROUTER_MAC, world.UPLINK_DEV_MAC),
             ips=(world.TRA_ADDRESS, world.CRA_ADDRESS), ports=(67, 67), **rest):
    """The frame as it comes from the TSV or TRA."""
    return frames.udp6(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload, *, mac=world.CLIENT_MAC, dst=bootp.YIADDR, src="198.51.100.2"):
    """The frame as the LCRA sends it. Without an IPv4 address it takes that of option 54."""
    return frames.emitted4(payload, macs=(world.CLIENT_DEV_MAC, mac), ips=(src, dst), dport=68)


BROADCAST = {"mac": world.BROADCAST_MAC, "dst": world.BROADCAST_IP, "src": world.ZERO_IP}


def relays(name, ids, about, message, kind="offer", to=None, frame=None, **rest):
    """`to` says where expected() differs from the usual, `frame` the same of received()."""
    PATH.relay(name, ids, about, received(message, **(frame or {})),
               expected(message, **(to or {})), kind, **rest)


def drops(name, ids, about, message, reason, frame=None, **rest):
    PATH.drop(name, ids, about, received(message, **(frame or {})), reason, **rest)


WITH_IPV4 = {"client_ipv4": world.CRA_IPV4_NET}
FLAG = bootp.BROADCAST_FLAG
NONE = world.ZERO_IP
YIADDR = bootp.YIADDR
CIADDR = bootp.CIADDR
OFFER = bootp.reply().padded()
ACK = bootp.reply(bootp.ACK).padded()


def destination():
    """E-7, E-8, E-9: broadcast flag, yiaddr, ciaddr."""
    table = (
        # name, flags, yiaddr, ciaddr, where it goes
        ("yiaddr", 0, YIADDR, NONE, {"dst": YIADDR}),
        ("yiaddr-and-ciaddr", 0, YIADDR, CIADDR, {"dst": YIADDR}),
        ("ciaddr", 0, NONE, CIADDR, {"dst": CIADDR}),
        ("neither", 0, NONE, NONE, BROADCAST),
        ("flag-yiaddr", FLAG, YIADDR, NONE, BROADCAST),
        ("flag-yiaddr-and-ciaddr", FLAG, YIADDR, CIADDR, BROADCAST),
        ("flag-ciaddr", FLAG, NONE, CIADDR, BROADCAST),
        ("flag-neither", FLAG, NONE, NONE, BROADCAST),
        ("other-flags", 0x7FFF, YIADDR, NONE, {"dst": YIADDR}),
        ("flag-0080", 0x0080, YIADDR, NONE, {"dst": YIADDR}),
        ("all-flags", 0xFFFF, YIADDR, NONE, BROADCAST),
    )
    for name, flags, yiaddr, ciaddr, to in table:
        relays(f"to-{name}", "E-7 E-9", f"ACK with flags {flags:#06x}, yiaddr {yiaddr}, ciaddr {ciaddr}",
               bootp.reply(bootp.ACK, flags=flags, yiaddr=yiaddr, ciaddr=ciaddr).padded(), "ack", to)
    for bad in ("0.0.0.1", "127.0.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"):
        relays(f"to-yiaddr-{bad}", "E-9", "a yiaddr that is no unicast address counts as absent",
               bootp.reply(bootp.ACK, yiaddr=bad, ciaddr=CIADDR).padded(), "ack", {"dst": CIADDR})
        relays(f"to-ciaddr-{bad}", "E-9", "a ciaddr that is no unicast address counts as absent",
               bootp.reply(bootp.ACK, yiaddr=NONE, ciaddr=bad).padded(), "ack", BROADCAST)
    for good in ("1.0.0.1", "126.255.255.254", "128.0.0.1", "223.255.255.254", "10.0.0.255"):
        relays(f"to-yiaddr-{good}", "E-9", "a unicast address next to those that are none",
               bootp.reply(bootp.ACK, yiaddr=good).padded(), "ack", {"dst": good})


def nak():
    server = bootp.SERVER_ID
    for name, fields in (("plain", {}), ("flag", {"flags": FLAG}), ("yiaddr", {"yiaddr": YIADDR}),
                         ("ciaddr", {"ciaddr": CIADDR}), ("zero-chaddr", {"chaddr": b""}),
                         ("multicast-chaddr", {"chaddr": b"\x01\0\x5e\0\0\1"}),
                         ("hlen-0", {"hlen": 0}), ("htype-6", {"htype": 6})):
        message = bootp.reply(bootp.NAK, server, **{"yiaddr": NONE, **fields}).padded()
        relays(f"nak-{name}", "E-8 D-8 D-22", f"a NAK is broadcast always: {name}", message, "nak", BROADCAST)
    relays("nak-type-last", "E-8", "a NAK whose option 53 is behind all others",
           bootp.Message(op=2, yiaddr=YIADDR, options=server + bootp.option(56, b"no") + bootp.message_type(6)).padded(),
           "nak", BROADCAST)
    relays("nak-type-64th", "E-8 D-13", "a NAK whose option 53 is the 64th option",
           bootp.Message(op=2, yiaddr=YIADDR, options=bootp.small_options(63) + bootp.message_type(6)).padded(548),
           "nak", BROADCAST)
    relays("nak-in-file", "E-17", "option 53 in an overloaded file is not looked for",
           bootp.Message(op=2, yiaddr=YIADDR, file=bootp.message_type(6) + bootp.END,
                         options=server + bootp.option(52, b"\1")).padded(), "bootp")
    drops("nak-hlen-17", "D-8", "hlen is looked at before delivery",
          bootp.reply(bootp.NAK, server, yiaddr=NONE, hlen=17).padded(), "bad_hlen")


def hardware():
    """E-13, D-8: the Ethernet destination."""
    ids = "E-13 D-8"
    for htype, hlen in ((1, 0), (1, 5), (1, 7), (1, 16), (0, 6), (6, 6), (32, 0), (32, 16), (255, 6)):
        relays(f"htype-{htype}-hlen-{hlen}", ids, "no Ethernet address in chaddr: broadcast",
               bootp.reply(htype=htype, hlen=hlen).padded(), to=BROADCAST)
    relays("hlen-0-zero-chaddr", ids, "hlen 0 and no chaddr: broadcast",
           bootp.reply(hlen=0, chaddr=b"").padded(), to=BROADCAST)
    for hlen in (17, 128, 255):
        for flags in (0, FLAG):
            drops(f"hlen-{hlen}-flags-{flags:04x}", ids, "hlen is larger than chaddr",
                  bootp.reply(hlen=hlen, flags=flags).padded(), "bad_hlen")
    drops("hlen-17-htype-6", ids, "whatever the hardware type", bootp.reply(htype=6, hlen=17).padded(), "bad_hlen")
    bad = (("zero", bytes(6)), ("multicast", bytes.fromhex("01005e000001")),
           ("broadcast", b"\xff" * 6), ("group-bit", bytes.fromhex("030000000501")))
    for name, chaddr in bad:
        drops(f"chaddr-{name}", ids, "no station's address, and B is clear",
              bootp.reply(chaddr=chaddr).padded(), "bad_chaddr")
        relays(f"chaddr-{name}-flag", ids, "no station's address, but B is set",
               bootp.reply(chaddr=chaddr, flags=FLAG).padded(), to=BROADCAST)
    drops("chaddr-zero-no-address", ids, "looked at before the absence of yiaddr and ciaddr",
          bootp.reply(chaddr=b"", yiaddr=NONE).padded(), "bad_chaddr")
    drops("chaddr-zero-but-padding", ids, "the octets behind hlen do not count",
          bootp.reply(chaddr=bytes(6) + b"x" * 10).padded(), "bad_chaddr")
    relays("chaddr-with-padding", ids, "the octets behind hlen do not count",
           bootp.reply(chaddr=bootp.mac(world.CLIENT_MAC) + b"x" * 10).padded())
    relays("chaddr-universal", ids, "a vendor's address",
           bootp.reply(chaddr=bytes.fromhex("001122334455")).padded(), to={"mac": "00:11:22:33:44:55"})
    relays("chaddr-one-octet", ids, "only the last octet is not zero",
           bootp.reply(chaddr=bytes(5) + b"\1").padded(), to={"mac": "00:00:00:00:00:01"})


def always_broadcast():
    ids, change = "E-7 D-1", {"always_broadcast": True}
    to_chaddr = {"dst": world.BROADCAST_IP, "src": world.ZERO_IP}
    for name, fields, to in (
            ("yiaddr", {}, to_chaddr),
            ("ciaddr", {"yiaddr": NONE, "ciaddr": CIADDR}, to_chaddr),
            ("flag", {"flags": FLAG}, BROADCAST),
            ("neither", {"yiaddr": NONE}, BROADCAST),
            ("hlen-0", {"hlen": 0}, BROADCAST)):
        relays(f"always-broadcast-{name}", ids, f"--always-broadcast: {name}",
               bootp.reply(bootp.ACK, **fields).padded(), "ack", to, set=change)
    relays("always-broadcast-nak", ids, "--always-broadcast: NAK",
           bootp.reply(bootp.NAK, bootp.SERVER_ID).padded(), "nak", BROADCAST, set=change)
    relays("always-broadcast-ipv4", ids + " E-12", "--always-broadcast from our own IPv4 address",
           OFFER, to={**to_chaddr, "src": world.CRA_IPV4}, set={**change, **WITH_IPV4})
    drops("always-broadcast-chaddr-zero", ids + " E-13", "still no station to send it to",
          bootp.reply(chaddr=b"").padded(), "bad_chaddr", set=change)


def source():
    """E-12, D-9: the IPv4 source."""
    flagged = bootp.reply(flags=FLAG).padded()
    both = {**WITH_IPV4, "client_source": world.CLIENT_SOURCE}
    for name, change, address in (("ipv4", WITH_IPV4, world.CRA_IPV4),
                                  ("client-source", {"client_source": world.CLIENT_SOURCE}, world.CLIENT_SOURCE),
                                  ("ipv4-before-client-source", both, world.CRA_IPV4)):
        relays(f"from-{name}", "E-12 R-CRA-22", f"unicast from {address}", OFFER, to={"src": address}, set=change)
        relays(f"from-{name}-broadcast", "E-12 R-CRA-22", f"broadcast from {address}", flagged,
               to={**BROADCAST, "src": address}, set=change)
    relays("from-zero-broadcast", "E-12", "no address of ours: broadcast from 0.0.0.0", flagged, to=BROADCAST)
    for text in ("10.1.2.3", "1.0.0.1", "223.255.255.254"):
        value = bytes(map(int, text.split(".")))
        relays(f"from-option54-{text}", "E-12 D-9", "no address of ours: unicast from option 54",
               bootp.reply(options=bootp.option(54, value)).padded(), to={"src": text})
    useless = [("missing", b"")] + [
        (name, bootp.option(54, value)) for name, value in (
            ("length-0", b""), ("length-3", bytes([198, 51, 100])), ("length-5", bytes([198, 51, 100, 2, 0])),
            ("length-8", bytes([198, 51, 100, 2] * 2)), ("0.0.0.0", bytes(4)), ("0.1.2.3", bytes([0, 1, 2, 3])),
            ("127.0.0.1", bytes([127, 0, 0, 1])), ("224.0.0.1", bytes([224, 0, 0, 1])),
            ("240.0.0.1", bytes([240, 0, 0, 1])), ("255.255.255.255", b"\xff" * 4))]
    for name, option in useless:
        relays(f"from-option54-{name}", "E-12 D-9", "no usable option 54: unicast from 192.0.0.8",
               bootp.reply(options=option + bootp.LEASE_OPTIONS).padded(), to={"src": world.DUMMY_SOURCE})
    relays("from-option54-last", "E-12 D-9", "option 54 behind all others",
           bootp.reply(options=bootp.LEASE_OPTIONS + bootp.PAD * 3 + bootp.SERVER_ID).padded())
    relays("from-option54-behind-end", "E-12 D-9", "what follows End is no option",
           bootp.reply(options=bootp.LEASE_OPTIONS, ).but(tail=bootp.SERVER_ID).padded(),
           to={"src": world.DUMMY_SOURCE})


def peers():
    """R-SEC-1, E-35: who may send us replies."""
    stranger = {"ips": ("2001:db8:bad::1", world.CRA_ADDRESS)}
    drops("unknown-peer", "R-SEC-1", "not from the upstream", OFFER, "unknown_peer", frame=stranger)
    drops("unknown-peer-last-bit", "R-SEC-1", "one bit beside the upstream", OFFER, "unknown_peer",
          frame={"ips": ("2001:db8:ff::66", world.CRA_ADDRESS)})
    drops("unknown-peer-first-bit", "R-SEC-1", "one bit beside the upstream", OFFER, "unknown_peer",
          frame={"ips": ("a001:db8:ff::67", world.CRA_ADDRESS)})
    drops("unknown-peer-link-local", "R-SEC-1", "from a link-local address", OFFER, "unknown_peer",
          frame={"ips": ("fe80::1", world.CRA_ADDRESS)})
    drops("unknown-peer-no-upstream", "R-SEC-1 R-CRA-4", "nobody may send, where no upstream is configured",
          OFFER, "unknown_peer", set={"upstreams": []})
    relays("any-source", "R-SEC-1 D-1", "--accept-any-source", OFFER, frame=stranger,
           set={"accept_any_source": True})
    drops("unknown-peer-op-1", "R-SEC-1 E-36", "the peer is looked at before op", bootp.request(),
          "unknown_peer", frame=stranger)
    PATH.drop("unknown-peer-short", "R-SEC-1", "the peer is looked at before the length",
              received(bytes(OFFER)[:100], **stranger), "unknown_peer")
    for port in (1, 547, 40000, 65535):
        relays(f"from-port-{port}", "E-35", f"from port {port}", OFFER, frame={"ports": (port, 67)})


def ops():
    for op, reason in ((0, "op_unknown"), (1, "op1_unexpected"), (3, "op3_unexpected"),
                       (4, "op4_unsupported"), (5, "op_unknown"), (130, "op_unknown"), (255, "op_unknown")):
        drops(f"op-{op}", "E-36 R-CRA-15" if op == 4 else "E-36", f"op {op} on IPv6", bootp.reply(op=op).padded(), reason)
    drops("op-4-opt82", "R-CRA-15", "op is looked at before the options",
          bootp.reply(op=4, options=bootp.option(82, b"\1\1x")).padded(), "op4_unsupported")


def option82():
    ids = "R-CRA-12"
    mine = bootp.option(82, bootp.option(1, b"port-7"))
    offer = bootp.message_type(2)
    half = bytes(mine)[2:]
    present = (
        ("first", mine + offer + bootp.LEASE_OPTIONS),
        ("middle", offer + mine + bootp.LEASE_OPTIONS),
        ("last", offer + bootp.LEASE_OPTIONS + mine),
        ("empty", offer + bootp.option(82) + bootp.LEASE_OPTIONS),
        ("split", offer + bootp.option(82, half[:4]) + bootp.LEASE_OPTIONS + bootp.option(82, half[4:])),
        ("after-pads", offer + bootp.PAD * 30 + mine),
        ("after-63", offer + bootp.small_options(62) + mine),
        ("before-70", offer + mine + bootp.small_options(70)),
        ("before-malformed", offer + mine + bootp.LEASE_OPTIONS + b"\x0c\xc8h"),
    )
    for name, options in present:
        drops(f"opt82-{name}", ids, f"option 82 in a reply: {name}",
              bootp.Message(op=2, yiaddr=YIADDR, options=options), "opt82_in_reply")
    drops("opt82-no-end", ids, "option 82 is the last octets of the message",
          bootp.Message(op=2, yiaddr=YIADDR, options=offer + mine, end=b""), "opt82_in_reply")
    for name, cut in (("no-length", b"\x52"), ("long", b"\x52\x14\x01\x02ab"), ("value-missing", b"\x52\x01")):
        drops(f"opt82-cut-{name}", "R-CRA-12 D-5 D-22", "the code is seen, the option is cut: present",
              bootp.Message(op=2, yiaddr=YIADDR, options=offer + bootp.LEASE_OPTIONS + cut, end=b""), "opt82_in_reply")
    drops("opt82-bad-hlen", "R-CRA-12 D-8", "the options are looked at before hlen",
          bootp.reply(hlen=17, options=mine).padded(), "opt82_in_reply")
    relays("opt82-behind-end", ids, "what follows End is no option",
           bootp.reply().but(tail=mine).padded())
    relays("opt82-inside-value", ids, "option 82 inside another option's value",
           bootp.reply(options=bootp.SERVER_ID + bootp.option(43, mine)).padded())
    for overload in (1, 2, 3):
        relays(f"opt82-overload-{overload}", "R-CRA-12 E-17", "option 82 in file and sname is not looked for",
               bootp.reply(options=bootp.SERVER_ID + bootp.option(52, bytes([overload])),
                           file=mine + bootp.END, sname=mine + bootp.END).padded())


def contents():
    """Nothing at all changes."""
    for name, giaddr in (("zero", NONE), ("tra", world.GIADDR), ("other", "203.0.113.77"), ("ours", world.CRA_IPV4)):
        relays(f"giaddr-{name}", "E-3 D-7", f"giaddr {giaddr} does not matter", bootp.reply(giaddr=giaddr).padded(),
               to={"src": world.CRA_IPV4}, set=WITH_IPV4)
    for value in (0, 16, 17, 255):
        relays(f"hops-{value}", "R-CRA-13 E-1", "hops of a reply neither counts nor changes",
               bootp.reply(hops=value).padded())
    for value in (1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 200, 0, 255):
        relays(f"type-{value}", "R-CRA-13 E-37", f"op 2 with message type {value}: relayed by op alone",
               bootp.reply(value).padded(), bootp.type_name(value))
    relays("type-missing", "R-CRA-13 E-21", "cookie, but no option 53",
           bootp.Message(op=2, yiaddr=YIADDR, options=bootp.SERVER_ID).padded(), "bootp")
    relays("no-cookie", "R-CRA-13 E-21 D-22", "BOOTP without cookie: relayed whole",
           bootp.Message(op=2, yiaddr=YIADDR).without_cookie(), "bootp", {"src": world.DUMMY_SOURCE})
    relays("no-cookie-flag", "E-21 D-22", "BOOTP without cookie, broadcast",
           bootp.Message(op=2, yiaddr=YIADDR, flags=FLAG).without_cookie(), "bootp", BROADCAST)
    relays("no-cookie-52", "E-21 D-22", "no cookie, so the 0x52 in the vendor area is no option 82",
           bootp.Message(op=2, yiaddr=YIADDR, cookie=bytes(4), options=bootp.option(82, b"none")).padded(),
           "bootp", {"src": world.DUMMY_SOURCE})
    relays("every-field", "R-CRA-13 E-39", "every field of BOOTP has a value, pads have one too",
           bootp.reply(hops=3, xid=0xFFFFFFFF, secs=0xABCD, flags=0x7FFF, ciaddr="192.0.2.1",
                       siaddr="192.0.2.3", giaddr="192.0.2.4", chaddr=bootp.mac(world.CLIENT_MAC) + bytes(range(10)),
                       sname=b"s" * 64, file=b"f" * 128).but(tail=bytes(range(1, 60))))
    for xid in (0, 1, 0x00010000, 0xFFFF0000, 0x1234FFFF):
        relays(f"xid-{xid:08x}", "E-41", "the low half of xid becomes the IPv4 identification",
               bootp.reply(xid=xid).padded())
    relays("pads-of-a-stripped-opt82", "R-CRA-13 R-TRA-12", "a TRA's Pads where option 82 was",
           bootp.reply(options=bootp.PAD * 20 + bootp.SERVER_ID + bootp.LEASE_OPTIONS).padded())
    relays("client-id-255", "R-CRA-13 R-MULTI-6", "option 61 of 255 octets",
           bootp.reply(options=bootp.SERVER_ID + bootp.option(61, b"\xff" + b"i" * 254)).padded(548))


def addressed():
    """Which frames are ours: R-CRA-3, D-16."""
    relays("broadcast-frame", "D-16", "our IPv6 address in a broadcast frame", OFFER,
           frame={"macs": (world.ROUTER_MAC, world.BROADCAST_MAC)})
    ignored = (
        ("to-port-547", "R-CRA-3", {"ports": (67, 547)}),
        ("to-port-68", "R-CRA-3", {"ports": (67, 68)}),
        ("to-port-17152", "R-CRA-3", {"ports": (67, 0x4300)}),
        ("to-other-address", "R-CRA-3", {"ips": (world.TRA_ADDRESS, "2001:db8:a::2")}),
        ("to-all-nodes", "R-CRA-3 R-CRA-11", {"ips": (world.TRA_ADDRESS, "ff02::1"),
                                              "macs": (world.ROUTER_MAC, "33:33:00:00:00:01")}),
        ("to-all-nodes-unicast-frame", "R-CRA-3 R-CRA-11", {"ips": (world.TRA_ADDRESS, "ff02::1")}),
        ("to-all-dhcp-agents", "R-CRA-3 R-CRA-11", {"ips": (world.TRA_ADDRESS, "ff02::1:2"),
                                                    "macs": (world.ROUTER_MAC, "33:33:00:01:00:02")}),
        ("to-upstreams-address", "R-CRA-3", {"ips": (world.CRA_ADDRESS, world.TRA_ADDRESS)}),
        ("frame-to-other-station", "D-16", {"macs": (world.ROUTER_MAC, "02:00:00:00:01:99")}),
        ("frame-to-multicast", "D-16", {"macs": (world.ROUTER_MAC, "33:33:00:00:00:01")}),
    )
    for name, ids, frame in ignored:
        PATH.ignore(name, ids, "not ours: untouched, not counted", received(OFFER, **frame))


def add_cases():
    destination()
    nak()
    hardware()
    always_broadcast()
    source()
    peers()
    ops()
    option82()
    contents()
    addressed()
