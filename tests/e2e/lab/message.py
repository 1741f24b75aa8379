# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""DHCP messages: reading and writing, octet by octet and independent of the product."""

import socket
import struct
from dataclasses import dataclass, field, replace

BOOTREQUEST, BOOTREPLY = 1, 2
COOKIE = b"\x63\x82\x53\x63"
PAD, END = 0, 255
REQUESTED_ADDRESS, LEASE_TIME, MESSAGE_TYPE, SERVER_ID = 50, 51, 53, 54
SUBNET_MASK, ROUTER, DNS = 1, 3, 6
CLIENT_ID, RELAY_AGENT_INFORMATION = 61, 82
BROADCAST_FLAG = 0x8000

TYPES = {
    1: "discover",
    2: "offer",
    3: "request",
    4: "decline",
    5: "ack",
    6: "nak",
    7: "release",
    8: "inform",
}
TYPE_NUMBERS = {name: number for number, name in TYPES.items()}


@dataclass(frozen=True)
class Message:
    op: int = BOOTREQUEST
    xid: int = 0
    hops: int = 0
    secs: int = 0
    flags: int = 0
    ciaddr: str = "0.0.0.0"
    yiaddr: str = "0.0.0.0"
    siaddr: str = "0.0.0.0"
    giaddr: str = "0.0.0.0"
    chaddr: bytes = b""
    htype: int = 1
    hlen: int = 6
    legacy: bytes = bytes(192)  # sname and file
    options: tuple[tuple[int, bytes], ...] = field(default=())

    @staticmethod
    def parse(data: bytes) -> "Message":
        op, htype, hlen, hops, xid, secs, flags = struct.unpack_from("!BBBBIHH", data)
        addresses = [socket.inet_ntoa(data[at : at + 4]) for at in (12, 16, 20, 24)]
        if data[236:240] != COOKIE:
            raise AssertionError(f"no DHCP cookie in {data.hex()}")
        options = tuple(_walk(data[240:]))
        chaddr = data[28 : 28 + min(hlen, 16)]
        return Message(
            *(op, xid, hops, secs, flags, *addresses),
            *(chaddr, htype, hlen, data[44:236], options),
        )

    def build(self, minimum: int = 300, end: bool = True) -> bytes:
        """The message's octets, padded as BOOTP wants it."""
        return self.head() + options_field(self.options, end).ljust(max(0, minimum - 236), b"\0")

    def head(self) -> bytes:
        """The 236 octets before the cookie."""
        fixed = struct.pack(
            "!BBBBIHH", self.op, self.htype, self.hlen, self.hops, self.xid, self.secs, self.flags
        )
        addresses = (self.ciaddr, self.yiaddr, self.siaddr, self.giaddr)
        packed = b"".join(socket.inet_aton(address) for address in addresses)
        return fixed + packed + self.chaddr.ljust(16, b"\0") + self.legacy

    def option(self, code: int) -> bytes | None:
        """The option's value: the pieces of RFC 3396 joined; None if it is not there."""
        pieces = [value for number, value in self.options if number == code]
        return b"".join(pieces) if pieces else None

    def address_option(self, code: int) -> str | None:
        value = self.option(code)
        return socket.inet_ntoa(value[:4]) if value else None

    def without(self, code: int) -> "Message":
        return replace(self, options=tuple(o for o in self.options if o[0] != code))

    @property
    def type(self) -> str:
        value = self.option(MESSAGE_TYPE)
        return TYPES.get(value[0], str(value[0])) if value else "bootp"


def _walk(data: bytes) -> list[tuple[int, bytes]]:
    options, at = [], 0
    while at < len(data) and data[at] != END:
        if data[at] == PAD:
            at += 1
            continue
        size = data[at + 1]
        if at + 2 + size > len(data):
            raise AssertionError(f"option {data[at]} is cut")
        options.append((data[at], data[at + 2 : at + 2 + size]))
        at += 2 + size
    return options


def options_field(options: tuple[tuple[int, bytes], ...], end: bool = True) -> bytes:
    body = b"".join(bytes((code, len(value))) + value for code, value in options)
    return COOKIE + body + (bytes((END,)) if end else b"")


def cra6addr(address: str, code: int = 254) -> bytes:
    """Option 82's value with nothing but CRA6ADDR."""
    return bytes((code, 16)) + socket.inet_pton(socket.AF_INET6, address)
