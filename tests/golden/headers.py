# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Ethernet, IPv4, IPv6 and UDP headers that are malformed, tagged, fragmented, or of others."""

import struct

from scapy.layers.inet import IP, UDP, IPOption_NOP, IPOption_RR, IPOption_Router_Alert
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrRouting, PadN)
from scapy.layers.l2 import Ether
from scapy.packet import Raw

import frames
import normal
import world

ETHERNET = 14
MIN_TC = {4: ETHERNET + 20, 6: ETHERNET + 40}  # a TC test run wants the IP header whole


def changed(frame, layer, **fields):
    """The frame with these header fields; lengths and checksums that are not named follow suit."""
    frame = frame.copy()
    for name, value in fields.items():
        setattr(frame[layer], name, value)
    return frame


def octets(frame, offset, new):
    frame = bytes(frame)
    return frame[:offset] + new + frame[offset + len(new):]


# ---- UDP

def udp_lengths(path):
    frame = path.received()
    in_ip = 8 + len(path.message)
    for length in (0, 1, 7, in_ip + 1, in_ip + 256, 0x8000 | in_ip, 65535):
        path.path.drop(f"udp-length-{length}", "D-21", f"UDP length {length}, and {in_ip} octets in IP",
                       changed(frame, UDP, len=length, chksum=0x1234), "bad_udp_len")
    path.path.drop("udp-length-8", "D-15 E-20", "UDP length 8: no payload", changed(frame, UDP, len=8, chksum=0x1234),
                   "too_short")
    path.path.drop("udp-length-1-in-trailer", "D-15", "UDP reaches into the frame's trailer",
                   changed(path.received(trailer=b"trailer"), UDP, len=in_ip + 7, chksum=0x1234), "bad_udp_len")


# ---- IPv4

def ipv4_lengths(path):
    ids = "E-28 D-21"
    frame = path.received()
    whole = len(bytes(frame)) - ETHERNET
    for length in (0, 19, 20, 27, whole + 1, 0x8000 | whole, 65535):
        path.path.drop(f"ip-length-{length}", ids, f"IPv4 length {length} in a frame that holds {whole}",
                       changed(frame, IP, len=length), "bad_ip_len")
    for length in (28, whole - 1):
        path.path.drop(f"ip-length-{length}", ids, f"IPv4 length {length}: UDP's is larger", changed(frame, IP, len=length),
                       "bad_udp_len")
    for keep in (ETHERNET + 28, 100, len(bytes(frame)) - 1):
        path.path.drop(f"frame-cut-{keep}", ids, f"the frame is cut at {keep} octets", bytes(frame)[:keep], "bad_ip_len")
    for keep in (14, 15, ETHERNET + 19, ETHERNET + 20, ETHERNET + 22):
        tiers = ["core", "xdp"] if keep < MIN_TC[4] else None
        path.path.ignore(f"frame-cut-{keep}", ids, "the frame ends before UDP's ports", bytes(frame)[:keep], tiers=tiers)


def ipv4_header(path):
    frame = path.received()
    good = int.from_bytes(bytes(frame)[ETHERNET + 10:ETHERNET + 12], "big")
    for name, value in (("low-bit", good ^ 1), ("high-bit", good ^ 0x8000), ("zero", 0), ("ffff", 0xFFFF),
                        ("swapped", good % 256 * 256 + good // 256)):
        path.path.drop(f"ip-checksum-{name}", "E-27 D-2", f"the header checksum is wrong: {name}",
                       changed(frame, IP, chksum=value), "bad_ip_csum")
    path.path.drop("ip-checksum-options", "E-27 E-28 D-2", "a header checksum that leaves out the IPv4 options",
                   changed(changed(frame, IP, options=[IPOption_Router_Alert()]), IP, chksum=good), "bad_ip_csum")
    for name, options in (("6", [IPOption_Router_Alert()]), ("6-nop", [IPOption_NOP()] * 4),
                          ("8", [IPOption_RR(routers=[world.ZERO_IP] * 2)]), ("15", [IPOption_NOP()] * 40)):
        path.relays(f"ihl-{name}", "E-28", f"IHL {name}: the options are not carried over",
                    changed(frame, IP, options=options))
    for ihl in (0, 1, 4):
        path.path.ignore(f"ihl-{ihl}", "E-28", f"IHL {ihl} is no IPv4 header", changed(frame, IP, ihl=ihl))
    path.path.ignore("ihl-15-into-payload", "E-28", "IHL 15 points into the payload, where no ports are",
                     changed(path.received(path.message.but(chaddr=b"", ciaddr=world.ZERO_IP, yiaddr=world.ZERO_IP)),
                             IP, ihl=15))
    long = changed(frame, IP, options=[IPOption_NOP()] * 40)
    path.path.drop("ihl-15-length-60", "E-28", "IPv4 length ends with the IPv4 options", changed(long, IP, len=60), "bad_ip_len")
    path.path.drop("ihl-15-length-67", "E-28", "IPv4 length ends within the UDP header", changed(long, IP, len=67), "bad_ip_len")
    path.path.ignore("ihl-15-frame-cut", "E-28", "the frame ends within the IPv4 options", bytes(long)[:ETHERNET + 40])
    for version in (0, 5, 6):
        path.path.ignore(f"ip-version-{version}", "D-21", f"version {version} under EtherType 0x0800",
                         changed(frame, IP, version=version))
    for name, fields in (("ttl-0", {"ttl": 0}), ("ttl-1", {"ttl": 1}), ("ttl-255", {"ttl": 255}), ("tos-ff", {"tos": 0xFF}),
                         ("id-ffff", {"id": 0xFFFF}), ("dont-fragment", {"flags": "DF"})):
        path.relays(f"ip-{name}", "E-41" if name != "dont-fragment" else "E-41 E-29", "nothing of the old IPv4 header is carried over",
                    changed(frame, IP, **fields))
    for protocol in (1, 6, 50, 51, 132, 136):
        path.path.ignore(f"ip-protocol-{protocol}", "E-40 D-21", f"IP protocol {protocol} is not UDP", changed(frame, IP, proto=protocol))


def ipv4_fragments(path):
    ids = "E-29"
    payload = bytes(frames.udp4(path.message, macs=(world.CLIENT_MAC, world.BROADCAST_MAC), ips=path.addresses(),
                                ports=(67, 67))[UDP])
    middle = 160
    parts = (("first", "MF", 0, payload[:middle]), ("first-df", "MF+DF", 0, payload[:middle]),
             ("middle", "MF", middle // 8, payload[middle:2 * middle - 80]), ("last", 0, middle // 8, payload[middle:]),
             ("last-possible", 0, 8189, payload[:3]), ("first-whole", "MF", 0, payload))
    ether = path.received()[Ether]
    for name, flags, offset, part in parts:
        header = IP(src=path.addresses()[0], dst=path.addresses()[1], proto=17, id=7, flags=flags, frag=offset)
        frame = Ether(src=ether.src, dst=ether.dst) / header / Raw(part)
        path.path.leave(f"fragment-{name}", ids, "an IPv4 fragment: the stack reassembles", frame, "ipv4_fragment")
        path.path.ignore(f"fragment-{name}-to-others", ids, "an IPv4 fragment that is not for us",
                         changed(frame, IP, dst="203.0.113.1"))
        path.path.ignore(f"fragment-{name}-tcp", ids, "an IPv4 fragment of TCP", changed(frame, IP, proto=6))


# ---- IPv6

def ipv6_lengths(path):
    ids = "D-21"
    frame = path.received()
    whole = len(bytes(frame)) - ETHERNET - 40
    for length in (0, 7, whole + 1, 0x8000 | whole, 65535):
        path.path.drop(f"ip-length-{length}", ids, f"IPv6 payload length {length} in a frame that holds {whole}",
                       changed(frame, IPv6, plen=length), "bad_ip_len")
    for length in (8, whole - 1):
        path.path.drop(f"ip-length-{length}", ids, f"IPv6 payload length {length}: UDP's is larger",
                       changed(frame, IPv6, plen=length), "bad_udp_len")
    for keep in (ETHERNET + 48, 100, len(bytes(frame)) - 1):
        path.path.drop(f"frame-cut-{keep}", ids, f"the frame is cut at {keep} octets", bytes(frame)[:keep], "bad_ip_len")
    for keep in (14, 15, ETHERNET + 39, ETHERNET + 40, ETHERNET + 42):
        tiers = ["core", "xdp"] if keep < MIN_TC[6] else None
        path.path.ignore(f"frame-cut-{keep}", ids, "the frame ends before UDP's ports", bytes(frame)[:keep], tiers=tiers)


def ipv6_header(path):
    frame = path.received()
    for name, fields in (("hop-limit-0", {"hlim": 0}), ("hop-limit-1", {"hlim": 1}), ("hop-limit-255", {"hlim": 255}),
                         ("class-ff", {"tc": 0xFF}), ("flow-label", {"fl": 0xFFFFF}), ("class-and-label", {"tc": 0xB8, "fl": 0x12345})):
        path.relays(f"ip-{name}", "E-41", "nothing of the old IPv6 header is carried over", changed(frame, IPv6, **fields))
    for version in (0, 4, 7):
        path.path.ignore(f"ip-version-{version}", "D-21", f"version {version} under EtherType 0x86dd",
                         changed(frame, IPv6, version=version))
    for protocol in (6, 50, 51, 58, 59, 132, 136):
        path.path.ignore(f"ip-next-header-{protocol}", "E-30 E-40 D-21", f"next header {protocol} is not UDP",
                         changed(frame, IPv6, nh=protocol))


def ipv6_extensions(path):
    ids = "E-30 D-17"
    chains = (
        ("hop-by-hop", lambda: IPv6ExtHdrHopByHop()),
        ("destination", lambda: IPv6ExtHdrDestOpt()),
        ("destination-24", lambda: IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(18))])),
        ("routing", lambda: IPv6ExtHdrRouting(type=0, segleft=0, addresses=[])),
        ("routing-one-address", lambda: IPv6ExtHdrRouting(type=0, segleft=0, addresses=["2001:db8::7"])),
        ("hop-by-hop-destination", lambda: IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()),
        ("all-three", lambda: IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(type=0, segleft=0, addresses=[]) / IPv6ExtHdrDestOpt()),
    )
    others = path.addresses()[0], "2001:db8:0:1::99"
    for name, make in chains:
        path.path.drop(f"extension-{name}", ids, f"{name} before UDP 67 to us", path.received(between=make()),
                       "ipv6_ext_header", xdp="pass")
        path.path.ignore(f"extension-{name}-port-547", ids, f"{name} before UDP 547",
                         path.received(between=make(), ports=(67, 547)))
        path.path.ignore(f"extension-{name}-to-others", ids, f"{name} before UDP 67 to another address",
                         path.received(between=make(), ips=others))
    for name, more in (("atomic", 0), ("first", 1)):
        header = IPv6ExtHdrFragment(offset=0, m=more, id=7)
        path.path.drop(f"fragment-{name}", ids, "a fragment that shows UDP 67 to us", path.received(between=header),
                       "ipv6_fragment", xdp="pass")
        path.path.ignore(f"fragment-{name}-port-547", ids, "a fragment that shows UDP 547",
                         path.received(between=header, ports=(67, 547)))
        path.path.ignore(f"fragment-{name}-to-others", ids, "a fragment to another address",
                         path.received(between=header, ips=others))
    for name, more in (("middle", 1), ("last", 0)):
        path.path.ignore(f"fragment-{name}", ids, "a later fragment shows no ports",
                         path.received(between=IPv6ExtHdrFragment(offset=20, m=more, id=7)))
    whole = bytes(path.received(between=IPv6ExtHdrDestOpt()))
    path.path.ignore("extension-cut", ids, "the frame ends within the extension header", whole[:ETHERNET + 44])
    path.path.ignore("extension-then-nothing", ids, "the frame ends behind the extension header", whole[:ETHERNET + 48])
    path.path.ignore("extension-then-esp", ids + " E-40", "ESP behind an extension header", octets(whole, ETHERNET + 40, b"\x32"))
    path.path.ignore("extension-then-none", ids, "no next header behind an extension header", octets(whole, ETHERNET + 40, b"\x3b"))
    path.path.ignore("extension-claims-2048", ids, "the extension header reaches past the frame", octets(whole, ETHERNET + 41, b"\xff"))
    authenticated = bytes(path.received(between=IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(8))])))
    path.path.ignore("authentication-header", ids + " E-40", "AH before UDP 67 to us", octets(authenticated, ETHERNET + 6, b"\x33"))


# ---- Ethernet

def tagged(frame, *tags):
    """The frame with these (EtherType, VLAN id) tags, outermost first."""
    frame = bytes(frame)
    return frame[:12] + b"".join(struct.pack("!HH", kind, vid) for kind, vid in tags) + frame[12:]


C_TAG, S_TAG = 0x8100, 0x88A8


def vlans(path):
    ids = "E-31"
    for name, tags in (("priority", [(C_TAG, 0)]), ("c-7", [(C_TAG, 7)]), ("c-4094-pcp-7", [(C_TAG, 0xEFFE)]), ("s-7", [(S_TAG, 7)]),
                       ("s-c", [(S_TAG, 7), (C_TAG, 8)]), ("c-c", [(C_TAG, 7), (C_TAG, 8)]), ("s-s", [(S_TAG, 7), (S_TAG, 8)])):
        path.path.leave(f"vlan-{name}", ids, "tagged, seen on the parent device", tagged(path.received(), *tags), "vlan_tagged")
    for name, tags in (("three", [(S_TAG, 7), (C_TAG, 8), (C_TAG, 9)]), ("9100", [(0x9100, 7)]), ("9100-c", [(0x9100, 7), (C_TAG, 7)])):
        path.path.ignore(f"vlan-{name}", ids, "three tags, or a tag that is none", tagged(path.received(), *tags))
    path.path.ignore("vlan-other-port", ids + " D-21", "tagged, and not for port 67", tagged(path.received(ports=(67, 53)), (C_TAG, 7)))
    path.path.ignore("vlan-cut", ids, "the frame ends within the tag", tagged(path.received(), (C_TAG, 7))[:16],
                     tiers=["core", "xdp"])


def ethertypes(path):
    wrong = 0x86DD if path.version == 4 else 0x0800
    for kind in (0x0806, 0x0801, 0x05DC, 0x8863, wrong):
        path.path.ignore(f"ethertype-{kind:04x}", "D-21", f"EtherType {kind:#06x}",
                         octets(path.received(), 12, struct.pack("!H", kind)))


def add_cases():
    for path in normal.all_paths():
        udp_lengths(path)
        for subject in ((ipv4_lengths, ipv4_header, ipv4_fragments) if path.version == 4 else
                        (ipv6_lengths, ipv6_header, ipv6_extensions)):
            subject(path)
        vlans(path)
        ethertypes(path)
