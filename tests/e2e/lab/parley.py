# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A test that plays the client, or both ends: one request through the relays, one reply back."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from . import craft
from .clients import StockClient
from .lab import Lab
from .message import BOOTREQUEST, Message
from .scripted import Port, ScriptedClient, answer, arrived
from .waiting import wait_until
from .wire import udp_datagrams

YIADDR = "198.51.100.201"


class Parley:
    def __init__(self, lab: Lab, client: ScriptedClient, server_port: Port) -> None:
        self._lab = lab
        self._server_port = server_port
        self.client = client

    def ask(self) -> Message:
        """Sends a new DISCOVER: what arrives at the server."""
        self.client.new_exchange()
        self.client.send(self.client.message("discover"))
        capture = self._lab.captures["server"]
        return arrived(capture, BOOTREQUEST, self.client.xid, "discover")[1]

    def answer(self, request: Message, echo: bool = True) -> None:
        """Sends the server's OFFER."""
        at = self._lab.at
        offer = answer(request, "offer", YIADDR, echo)
        frame = craft.from_server(offer.build())
        frame.src, frame.dst = at.server.mac, at.relay.mac
        self._server_port.send(frame)

    def hear(self) -> Message:
        """The OFFER as it arrives at the client."""
        return self.client.reply("offer")[1]

    def there_and_back(self) -> Message:
        self.answer(self.ask())
        return self.hear()


@contextmanager
def scripted_client(lab: Lab) -> Iterator[ScriptedClient]:
    """On the client's device, with its MAC address."""
    with Port(lab.at.client) as port:
        yield ScriptedClient(port, lab.captures["client"], lab.at.client.mac)


def renew(lab: Lab, client: StockClient, link: str) -> None:
    """Has the client renew, and the server answer only then: udhcpc sends before it listens."""
    lab.captures[link].clear()
    lab.server.signal(signal.SIGSTOP)
    try:
        client.ask_to_renew()
        frames = lab.captures[link].frames
        wait_until(f"the renewal on link {link}", lambda: udp_datagrams(frames(), 67))
    finally:
        lab.server.signal(signal.SIGCONT)


@contextmanager
def parley(lab: Lab) -> Iterator[Parley]:
    with scripted_client(lab) as client, Port(lab.at.server) as server_port:
        yield Parley(lab, client, server_port)
