# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A steady stream of numbered requests, to see whether a change in between loses any."""

import threading

from . import craft
from .lab import Lab
from .message import MESSAGE_TYPE, Message
from .scripted import Port
from .waiting import wait_until
from .wire import Datagram, udp_datagrams

FIRST_XID = 0x57000000
PAUSE = 0.002


class Stream:
    """Sends DISCOVERs from the client link as long as the `with` block lasts."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send_all)
        self.sent = 0

    def __enter__(self) -> "Stream":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _send_all(self) -> None:
        with Port(self._lab.at.client) as port:
            while not self._stop.wait(PAUSE):
                message = Message(
                    xid=FIRST_XID + self.sent,
                    chaddr=b"\x02\x57" + self.sent.to_bytes(4, "big"),
                    options=((MESSAGE_TYPE, b"\x01"),),
                )
                port.send(bytes(craft.client_frame(message.build())))
                self.sent += 1

    def wait_for_some(self, count: int = 50) -> None:
        target = self.sent + count
        wait_until(f"{count} more requests to be sent", lambda: self.sent >= target)

    def arrived(self, link: str, destination: str | None = None) -> list[Datagram]:
        """After the stream has ended: every request arrived on the link, once and in order.

        With a destination, only what was sent there is looked at.
        """

        def found() -> list[Datagram]:
            return self.seen(link, destination)

        wait_until(f"{self.sent} requests on link {link}", lambda: len(found()) >= self.sent, 5)
        datagrams = found()
        numbers = [number_of(datagram) for datagram in datagrams]
        if numbers != list(range(self.sent)):
            raise AssertionError(f"of {self.sent} requests, link {link} saw {numbers}")
        return datagrams

    def seen(self, link: str, destination: str | None = None) -> list[Datagram]:
        """The requests that crossed the link so far."""
        return [
            datagram
            for datagram in udp_datagrams(self._lab.captures[link].frames(), 67)
            if datagram.payload[4:5] == b"\x57"
            and (destination is None or datagram.destination == destination)
        ]


def number_of(datagram: Datagram) -> int:
    return int.from_bytes(datagram.payload[4:8], "big") - FIRST_XID
