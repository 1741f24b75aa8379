# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""LCRA, from the client: an IPv4 broadcast becomes IPv6 unicast to the TSV or TRA."""

import bootp
import frames
import world
from case import Path

PATH = Path("cra-request", "lcra", on="client", to="uplink")
OUT = Path("cra-egress", "lcra", on="client", to=None, counted="cra-request", hook="egress")


def received(payload, *, macs=(world.CLIENT_MAC, world.BROADCAST_MAC),
             ips=(world.ZERO_IP, world.BROADCAST_IP), ports=(68, 67), **rest):
    """The frame as a client sends it."""
    return frames.udp4(payload, macs=macs, ips=ips, ports=ports, **rest)


def expected(payload, to=world.TRA_ADDRESS, port=world.UPSTREAM_PORT):
    """The frame as the LCRA sends it."""
    return frames.emitted6(payload, macs=(world.UPLINK_DEV_MAC, world.ROUTER_MAC),
                           ips=(world.CRA_ADDRESS, to), dport=port)


def relays(name, ids, about, message, kind="discover", frame=None, **rest):
    """`frame` says where received() differs from the usual."""
    PATH.relay(name, ids, about, received(message, **(frame or {})),
               expected(bootp.relayed(message)), kind, **rest)


def drops(name, ids, about, message, reason, frame=None, **rest):
    PATH.drop(name, ids, about, received(message, **(frame or {})), reason, **rest)


WITH_IPV4 = {"client_ipv4": world.CRA_IPV4_NET}


def types():
    for value in (*range(0, 12), 13, 17, 18, 200, 255):
        relays(f"type-{value}", "R-CRA-8 E-37", f"op 1 with message type {value}: relayed by op alone",
               bootp.request(value), bootp.type_name(value))
    relays("type-missing", "R-CRA-8 E-21", "cookie and options, but no option 53",
           bootp.Message(options=bootp.CLIENT_OPTIONS).padded(), "bootp")
    relays("type-last", "R-CRA-8", "option 53 behind all others",
           bootp.Message(options=bootp.CLIENT_OPTIONS + bootp.message_type(3)).padded(), "request")
    relays("no-cookie", "R-CRA-8 E-21", "BOOTP with 64 octets of vendor area and no cookie",
           bootp.Message().without_cookie(), "bootp")
    relays("no-cookie-52", "R-CRA-8 E-21", "no cookie, so the 0x52 in the vendor area is no option 82",
           bootp.Message(cookie=bytes(4), options=bootp.option(82, b"none")).padded(), "bootp")


def ops():
    for op in (0, 2, 3, 4, 5, 255):
        PATH.leave(f"op-{op}", "R-CRA-8 E-36 D-21", f"op {op} from a client is not a request",
                   received(bootp.request(op=op)), "op_not_request")
    PATH.leave("op-2-hops", "E-36", "op is looked at before hops",
               received(bootp.request(op=2, hops=17)), "op_not_request")
    PATH.leave("op-2-opt82", "E-36", "op is looked at before the options",
               received(bootp.reply().but(options=bootp.option(82, b"\1\1x"))), "op_not_request")


def hops():
    for limit, values in ((16, (0, 4, 15, 16, 17, 255)), (4, (0, 4, 5, 16, 17)), (1, (0, 1, 2))):
        change = {} if limit == 16 else {"hops_limit": limit}
        for value in values:
            name, message = f"hops-{value}-limit-{limit}", bootp.request(hops=value)
            if value <= limit:
                relays(name, "E-1 D-1", f"hops {value}, limit {limit}: {value + 1} leaves", message, set=change)
            else:
                drops(name, "E-1 D-1", f"hops {value} exceeds the limit {limit}", message, "hops", set=change)


def giaddr():
    for value in ("192.0.2.66", "203.0.113.9", "255.255.255.255"):
        relays(f"giaddr-{value}", "E-2", "another relay's giaddr stays", bootp.request(giaddr=value))
    relays("giaddr-not-ours", "E-2 E-5", "without an IPv4 address of our own no giaddr is ours",
           bootp.request(giaddr=world.CRA_IPV4))
    relays("giaddr-neighbour", "E-2 E-5 R-CRA-22", "giaddr one above our own",
           bootp.request(giaddr="192.0.2.66"), set=WITH_IPV4)
    drops("giaddr-own", "E-5 R-CRA-22", "giaddr is our own address: a loop or a forgery",
          bootp.request(giaddr=world.CRA_IPV4), "own_giaddr", set=WITH_IPV4)
    drops("giaddr-own-hops", "E-1 E-5", "hops is looked at before giaddr",
          bootp.request(giaddr=world.CRA_IPV4, hops=17), "hops", set=WITH_IPV4)
    drops("giaddr-own-opt82", "E-5 E-14", "giaddr is looked at before the options",
          bootp.Message(giaddr=world.CRA_IPV4, options=bootp.option(82)).padded(), "own_giaddr",
          set=WITH_IPV4)


def addressed():
    """Which frames are ours: Ethernet destination, IPv4 destination, ports (E-10, E-11, D-16)."""
    own = world.CLIENT_DEV_MAC
    discover = bootp.request()
    relays("lease-discover-ipv4", "R-CRA-22", "the usual DISCOVER, and the LCRA has an IPv4 address",
           discover, set=WITH_IPV4)
    relays("unicast-frame", "D-16", "IPv4 broadcast in a frame to our own MAC address", discover,
           frame={"macs": (world.CLIENT_MAC, own)})
    relays("to-own-ipv4", "E-11 R-CRA-22", "unicast to our own IPv4 address",
           bootp.request(bootp.REQUEST, ciaddr=bootp.CIADDR), "request", set=WITH_IPV4,
           frame={"macs": (world.CLIENT_MAC, own), "ips": (bootp.CIADDR, world.CRA_IPV4)})
    relays("to-own-ipv4-broadcast-frame", "E-11 D-16", "our own IPv4 address in a broadcast frame",
           discover, set=WITH_IPV4, frame={"ips": (bootp.CIADDR, world.CRA_IPV4)})
    relays("to-directed-broadcast", "E-10 R-CRA-22", "the subnet's broadcast address",
           discover, set=WITH_IPV4, frame={"ips": (bootp.CIADDR, world.CRA_IPV4_BROADCAST)})
    for port in (67, 1, 1068, 65535):
        relays(f"from-port-{port}", "R-CRA-9", f"from port {port}: 67 to 67 leaves", discover,
               frame={"ports": (port, 67)})
    relays("from-address", "R-CRA-8", "the client has an address already (REBIND)",
           bootp.request(bootp.REQUEST, ciaddr=bootp.CIADDR), "request",
           frame={"ips": (bootp.CIADDR, world.BROADCAST_IP)})

    ignored = (
        ("to-port-68", "R-CRA-2", {"ports": (68, 68)}, None),
        ("to-port-1067", "R-CRA-2", {"ports": (68, 1067)}, None),
        ("to-port-66", "R-CRA-2", {"ports": (67, 66)}, None),
        ("to-port-17152", "R-CRA-2", {"ports": (68, 0x4300)}, None),
        ("own-reply-seen-again", "E-36 R-CRA-2", {"ports": (67, 68)}, None),
        ("renewal-in-transit", "E-10", {"macs": (world.CLIENT_MAC, own),
                                        "ips": (bootp.CIADDR, world.SERVER)}, None),
        ("renewal-in-transit-ipv4", "E-10", {"macs": (world.CLIENT_MAC, own),
                                             "ips": (bootp.CIADDR, world.SERVER)}, WITH_IPV4),
        ("to-neighbour", "E-10", {"ips": (bootp.CIADDR, "192.0.2.66")}, WITH_IPV4),
        ("to-other-subnets-broadcast", "E-10", {"ips": (bootp.CIADDR, "192.0.2.255")}, WITH_IPV4),
        ("to-subnet-address", "E-10", {"ips": (bootp.CIADDR, "192.0.2.64")}, WITH_IPV4),
        ("to-directed-broadcast-no-ipv4", "E-10", {"ips": (bootp.CIADDR, world.CRA_IPV4_BROADCAST)}, None),
        ("to-multicast-group", "E-10", {"macs": (world.CLIENT_MAC, "01:00:5e:00:00:0c"),
                                        "ips": (bootp.CIADDR, "224.0.0.12")}, None),
        ("frame-to-other-station", "D-16", {"macs": (world.CLIENT_MAC, "02:00:00:00:01:99")}, None),
        ("frame-to-uplinks-mac", "D-16", {"macs": (world.CLIENT_MAC, world.UPLINK_DEV_MAC)}, None),
        ("frame-to-multicast", "D-16", {"macs": (world.CLIENT_MAC, "01:00:5e:7f:ff:ff")}, None),
    )
    for name, ids, frame, change in ignored:
        PATH.ignore(name, ids, "not ours: untouched, not counted", received(discover, **frame), set=change)
    OUT.ignore("own-host", "R-CRA-2 R-CRA-19", "a client on the LCRA's own host: what leaves by the client link is not ours", received(discover))
    OUT.ignore("own-host-ipv4", "R-CRA-2 R-CRA-19", "the same, to the directed broadcast", received(
        discover, ips=(world.CRA_IPV4, world.CRA_IPV4_BROADCAST)), set=WITH_IPV4)
    PATH.ignore("on-uplink", "R-CRA-2 D-21", "a client's broadcast, but not on a client link",
                received(discover), on="uplink")


def option82():
    ids = "E-14"
    mine = bootp.option(82, bootp.option(1, b"port-7"))
    discover = bootp.message_type(1)
    present = (
        ("first", mine + discover + bootp.CLIENT_OPTIONS),
        ("middle", discover + mine + bootp.CLIENT_OPTIONS),
        ("last", discover + bootp.CLIENT_OPTIONS + mine),
        ("empty", discover + bootp.option(82) + bootp.CLIENT_OPTIONS),
        ("twice", discover + mine + mine),
        ("after-pads", discover + bootp.PAD * 30 + mine),
        ("after-63", discover + bootp.small_options(62) + mine),
        ("before-70", discover + mine + bootp.small_options(70)),
        ("before-malformed", discover + mine + bootp.CLIENT_OPTIONS + b"\x0c\xc8h"),
    )
    for name, options in present:
        drops(f"opt82-{name}", ids, f"option 82 from a client: {name}",
              bootp.Message(options=options), "opt82_from_client")
    for name, cut in (("no-length", b"\x52"), ("long", b"\x52\x14\x01\x02ab"), ("value-missing", b"\x52\x01")):
        drops(f"opt82-cut-{name}", "E-14 D-5 D-22", "the code is seen, the option is cut: present",
              bootp.Message(options=discover + bootp.CLIENT_OPTIONS + cut, end=b""), "opt82_from_client")

    relays("opt82-behind-end", "E-14", "what follows End is no option",
           bootp.Message(options=discover, tail=mine).padded())
    relays("opt82-inside-value", "E-14", "option 82 inside another option's value",
           bootp.Message(options=discover + bootp.option(43, mine)).padded())
    for overload in (1, 2, 3):
        relays(f"opt82-overload-{overload}", "E-17", "option 82 in file and sname is not looked for",
               bootp.Message(options=discover + bootp.option(52, bytes([overload])),
                             file=mine + bootp.END, sname=mine + bootp.END).padded())


def readiness():
    discover = bootp.request()
    drops("no-source", "R-CRA-5 D-17", "no IPv6 address yet", discover, "no_source", set={"no_source": True})
    drops("no-upstream", "R-CRA-4", "no TSV or TRA configured", discover, "no_upstream",
          set={"upstreams": []})
    drops("no-source-no-upstream", "R-CRA-5", "the source is looked for first", discover, "no_source",
          set={"no_source": True, "upstreams": []})
    drops("no-source-opt82", "R-CRA-5 E-14", "the options are looked at before the source",
          bootp.Message(options=bootp.option(82)).padded(), "opt82_from_client", set={"no_source": True})


def contents():
    """Nothing but hops changes."""
    relays("every-field", "R-CRA-8 E-7 E-39", "every field of BOOTP has a value, pads have one too",
           bootp.Message(hops=3, xid=0xFFFFFFFF, secs=0xABCD, flags=0xFFFF, ciaddr="192.0.2.1",
                         yiaddr="192.0.2.2", siaddr="192.0.2.3", giaddr="192.0.2.4",
                         chaddr=bytes(range(16)), sname=b"s" * 64, file=b"f" * 128,
                         options=bootp.message_type(1) + bootp.CLIENT_OPTIONS, tail=bytes(range(1, 60))))
    relays("zero-xid", "R-CRA-8", "xid 0", bootp.request(xid=0))
    for chaddr in ("020000000502", "001122334455", "fffffffffffe", "000000000000", "010000000001"):
        relays(f"chaddr-{chaddr}", "R-CRA-19 R-CRA-8", "any client on the link, whatever it says of itself",
               bootp.request(chaddr=bytes.fromhex(chaddr)))
    for source in ("02:00:00:00:05:99", "00:00:00:00:00:00"):
        relays(f"frame-from-{source.replace(':', '')}", "R-CRA-19", "the frame's source is not chaddr",
               bootp.request(), frame={"macs": (source, world.BROADCAST_MAC)})
    for htype, hlen in ((1, 0), (1, 16), (1, 17), (1, 255), (6, 6), (32, 0), (0, 0)):
        relays(f"htype-{htype}-hlen-{hlen}", "R-CRA-8", "hardware type and length do not matter upwards",
               bootp.request(htype=htype, hlen=hlen))
    relays("client-id-255", "R-CRA-8 R-MULTI-6", "option 61 of 255 octets",
           bootp.Message(options=bootp.message_type(1) + bootp.option(61, b"\xff" + b"i" * 254)).padded(548))
    relays("authentication", "E-39", "option 90 and the pads that its MAC covers",
           bootp.Message(options=bootp.message_type(1) + bootp.CLIENT_OPTIONS
                         + bootp.option(90, b"\1\1\0" + bytes(range(24)))).padded(340))


def add_cases():
    types()
    ops()
    hops()
    giaddr()
    addressed()
    option82()
    readiness()
    contents()
