# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A DHCP client and a DHCP server that do what a test says, message by message."""

import random
import socket
from dataclasses import replace

from scapy.packet import Packet

from . import craft, plan
from .capture import Capture
from .message import (
    BOOTREPLY,
    LEASE_TIME,
    MESSAGE_TYPE,
    RELAY_AGENT_INFORMATION,
    REQUESTED_ADDRESS,
    SERVER_ID,
    TYPE_NUMBERS,
    Message,
)
from .netns import End
from .wire import Datagram, udp_datagrams
from .waiting import wait_until

REPLY_TIMEOUT = 6.0


class Port:
    """A device from which a test sends frames as they are."""

    def __init__(self, end: End) -> None:
        with end.namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self._socket.bind((end.device, 0))

    def send(self, frame: Packet | bytes) -> None:
        self._socket.send(bytes(frame))

    def __enter__(self) -> "Port":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def arrived(
    capture: Capture, op: int, xid: int, *kinds: str, version: int | None = None
) -> tuple[Datagram, Message]:
    """Waits for a DHCP message of an exchange, captured since the capture was cleared.

    With `version`, one over that version of IP only.
    """
    start = bytes((op,)), xid.to_bytes(4, "big")

    def seen() -> tuple[Datagram, Message] | None:
        for datagram in udp_datagrams(capture.frames(), 67):
            if version and datagram.version != version:
                continue
            if (datagram.payload[:1], datagram.payload[4:8]) == start:
                message = Message.parse(datagram.payload)
                if message.type in kinds:
                    return datagram, message
        return None

    return wait_until(f"{' or '.join(kinds)} on link {capture.name}", seen, REPLY_TIMEOUT)


class ScriptedClient:
    """Speaks DHCP on the client link as the state that the test puts it into would."""

    def __init__(self, port: Port, capture: Capture, mac: str = plan.CLIENT_MAC) -> None:
        self._port = port
        self._capture = capture
        self._mac = mac
        self.chaddr = bytes.fromhex(mac.replace(":", ""))
        self.xid = random.getrandbits(32)

    def message(self, kind: str, *options: tuple[int, bytes], **fields: object) -> Message:
        """A new exchange's message; option 53 comes first."""
        kind_option = (MESSAGE_TYPE, bytes((TYPE_NUMBERS[kind],)))
        base = Message(xid=self.xid, chaddr=self.chaddr, options=(kind_option, *options))
        return replace(base, **fields)

    def new_exchange(self) -> None:
        self.xid = random.getrandbits(32)

    def send(self, message: Message, source: str = "0.0.0.0") -> None:
        frame = craft.client_frame(message.build(), source=source, ether_source=self._mac)
        self._port.send(frame)

    def reply(self, *kinds: str) -> tuple[Datagram, Message]:
        """The answer to this exchange, as it came in on the link."""
        return arrived(self._capture, BOOTREPLY, self.xid, *kinds)

    def lease(self) -> Message:
        """Discover to ack: the acknowledgement."""
        self.new_exchange()
        self.send(self.message("discover"))
        _, offer = self.reply("offer")
        self.send(self.request_of(offer))
        return self.reply("ack")[1]

    def request_of(self, offer: Message) -> Message:
        """REQUEST in state SELECTING."""
        return self.message(
            "request",
            (REQUESTED_ADDRESS, socket.inet_aton(offer.yiaddr)),
            (SERVER_ID, offer.option(SERVER_ID) or b""),
        )


def answer(request: Message, kind: str, yiaddr: str, echo: bool = True, flags: int = 0) -> Message:
    """A server's reply to a relayed request; with `echo` it returns option 82 (RFC 3046)."""
    options = [
        (MESSAGE_TYPE, bytes((TYPE_NUMBERS[kind],))),
        (SERVER_ID, socket.inet_aton(plan.SERVER_V4)),
        (LEASE_TIME, (600).to_bytes(4, "big")),
    ]
    agent = request.option(RELAY_AGENT_INFORMATION)
    if echo and agent is not None:
        options.append((RELAY_AGENT_INFORMATION, agent))
    return Message(
        op=BOOTREPLY,
        xid=request.xid,
        flags=flags or request.flags,
        yiaddr=yiaddr,
        giaddr=request.giaddr,
        chaddr=request.chaddr,
        options=tuple(options),
    )
