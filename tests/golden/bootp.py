# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""BOOTP and DHCP messages, in parts, so that a case can say which octet it changes."""

import dataclasses

from scapy.layers.dhcp import BOOTP

import world

COOKIE = bytes.fromhex("63825363")
END = b"\xff"
PAD = b"\x00"
FIXED = 236  # octets before the option field (RFC 951 and the cookie's place)
BROADCAST_FLAG = 0x8000

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
TYPE_NAMES = ("discover", "offer", "request", "decline", "ack", "nak", "release", "inform")


def option(code, value=b""):
    """One option or sub-option: code, length, value."""
    return bytes([code, len(value)]) + value


def message_type(value):
    return option(53, bytes([value]))


def type_name(value):
    """The name in counters.def of option 53's value."""
    return TYPE_NAMES[value - 1] if 1 <= value <= 8 else "other"


def filler(size):
    """Well-formed options of `size` octets altogether (0, or 2 and more)."""
    made = b""
    while size - len(made) > 257:
        made += option(224, b"f" * 200)
    rest = size - len(made)
    return made + (option(225, b"g" * (rest - 2)) if rest else b"")


def small_options(count, code=224):
    """`count` options of three octets."""
    return option(code, b"s") * count


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


@dataclasses.dataclass(frozen=True)
class Message:
    """cookie, options, end and tail follow the fixed part in this order, as they stand."""

    op: int = 1
    htype: int = 1
    hlen: int = 6
    hops: int = 0
    xid: int = 0x3903F326
    secs: int = 0
    flags: int = 0
    ciaddr: str = world.ZERO_IP
    yiaddr: str = world.ZERO_IP
    siaddr: str = world.ZERO_IP
    giaddr: str = world.ZERO_IP
    chaddr: bytes = mac(world.CLIENT_MAC)
    sname: bytes = b""
    file: bytes = b""
    cookie: bytes = COOKIE
    options: bytes = b""
    end: bytes = END  # b"": End is missing
    tail: bytes = b""  # what follows End; without End: the pads that follow the last option

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def __bytes__(self):
        fixed = bytes(BOOTP(
            op=self.op, htype=self.htype, hlen=self.hlen, hops=self.hops, xid=self.xid,
            secs=self.secs, flags=self.flags, ciaddr=self.ciaddr, yiaddr=self.yiaddr,
            siaddr=self.siaddr, giaddr=self.giaddr, chaddr=self.chaddr, sname=self.sname,
            file=self.file))
        assert len(fixed) == FIXED
        return fixed + self.cookie + self.options + self.end + self.tail

    def __len__(self):
        return len(bytes(self))

    def padded(self, length=300):
        """With zeros behind End, up to `length` octets in all."""
        missing = length - len(self)
        assert missing >= 0, f"{len(self)} octets already"
        return self.but(tail=self.tail + PAD * missing)

    def filled(self, length):
        """With options before End, so that End is the last of `length` octets."""
        return self.but(options=self.options + filler(length - len(self)))

    def bare(self, length):
        """Without options: `length` octets, 236 and more; the cookie as far as it fits."""
        cookie = COOKIE[:length - FIXED]
        return self.but(cookie=cookie, options=b"", end=b"", tail=PAD * (length - FIXED - len(cookie)))

    def without_cookie(self, length=300):
        return self.but(cookie=b"", options=b"", end=b"", tail=PAD * (length - FIXED))


def relayed(message):
    """What both relays do on the way to the server: one hop more (E-1)."""
    return message.but(hops=message.hops + 1)


CLIENT_ID = option(61, b"\x01" + mac(world.CLIENT_MAC))
REQUEST_LIST = option(55, bytes([1, 3, 6, 12, 15, 28, 42, 121]))
CLIENT_OPTIONS = CLIENT_ID + option(12, b"host-1") + option(57, b"\x05\xdc") + REQUEST_LIST
SERVER_ID = option(54, bytes([198, 51, 100, 2]))
LEASE_OPTIONS = (
    option(51, bytes.fromhex("00000e10")) + option(1, bytes([255, 255, 255, 192]))
    + option(3, bytes([192, 0, 2, 65])) + option(6, bytes([198, 51, 100, 53])))

YIADDR = "192.0.2.100"
CIADDR = "192.0.2.101"


def request(value=DISCOVER, options=CLIENT_OPTIONS, **fields):
    """A client's message, as clients send it: padded to 300 octets."""
    return Message(options=message_type(value) + options, **fields).padded()


def reply(value=OFFER, options=SERVER_ID + LEASE_OPTIONS, **fields):
    """A server's message for the client, not yet padded."""
    fields = {"op": 2, "yiaddr": YIADDR, "giaddr": world.GIADDR, **fields}
    return Message(options=message_type(value) + options, **fields)
