# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A test that plays both ends: one request through the relays, one reply back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from . import craft
from .lab import Lab
from .message import BOOTREQUEST, Message
from .scripted import Port, ScriptedClient, answer, arrived

YIADDR = "198.51.100.201"


class Parley:
    def __init__(self, lab: Lab, client_port: Port, server_port: Port) -> None:
        self._lab = lab
        self._server_port = server_port
        self.client = ScriptedClient(client_port, lab.captures["client"])

    def ask(self) -> Message:
        """Sends a new DISCOVER: what arrives at the server."""
        self.client.new_exchange()
        self.client.send(self.client.message("discover"))
        capture = self._lab.captures["server"]
        return arrived(capture, BOOTREQUEST, self.client.xid, "discover")[1]

    def answer(self, request: Message, echo: bool = True) -> None:
        """Sends the server's OFFER."""
        offer = answer(request, "offer", YIADDR, echo)
        self._server_port.send(craft.from_server(offer.build()))

    def hear(self) -> Message:
        """The OFFER as it arrives at the client."""
        return self.client.reply("offer")[1]

    def there_and_back(self) -> Message:
        self.answer(self.ask())
        return self.hear()


@contextmanager
def parley(lab: Lab) -> Iterator[Parley]:
    with ExitStack() as stack:
        client_port = stack.enter_context(Port(lab.at.client, "c0"))
        server_port = stack.enter_context(Port(lab.at.server, "s0"))
        yield Parley(lab, client_port, server_port)
