# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Many clients at once: a generator that takes each from DISCOVER to ACK at a steady rate."""

import heapq
import select
import socket
import struct
import time
from dataclasses import dataclass, field

from . import plan
from .capture import ETH_P_ALL, RECEIVE_BUFFER, SO_RCVBUFFORCE
from .message import MESSAGE_TYPE, REQUESTED_ADDRESS, SERVER_ID, TYPE_NUMBERS, Message
from .netns import End
from .wire import UDP, internet_sum

FIRST_XID = 0x46000000
RETRY_AFTER = 2.0
TRIES = 4
ETHERNET = bytes.fromhex(f"{plan.BROADCAST_MAC}{plan.CLIENT_MAC}".replace(":", "")) + b"\x08\0"
CLIENT_ADDRESSES = bytes(4) + b"\xff" * 4


@dataclass
class Client:
    number: int
    request: bytes | None = None  # the frame of its REQUEST, once it has an offer
    address: str = ""
    tries: int = 0  # of the present message


@dataclass
class Result:
    clients: int
    seconds: float = 0.0
    sending_seconds: float = 0.0
    discovers: int = 0
    requests: int = 0
    retries: int = 0
    naks: int = 0
    leases: dict[int, str] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        return self.discovers + self.requests

    @property
    def offered_rate(self) -> float:
        """New clients per second, as they were really sent."""
        return self.clients / self.sending_seconds


class LoadGenerator:
    """Clients 0..N-1, xid and chaddr numbered; a client that hears nothing tries again."""

    def __init__(self, end: End, clients: int, rate: float) -> None:
        self._clients = [Client(number) for number in range(clients)]
        self._rate = rate
        self._retries: list[tuple[float, int, bool]] = []  # when, client, waits for an ACK
        self.result = Result(clients)
        with end.namespace.entered():
            self._socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL)
            )
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
            self._socket.bind((end.device, ETH_P_ALL))

    def close(self) -> None:
        self._socket.close()

    def run(self, timeout: float) -> Result:
        """Until every client has its lease or has given up."""
        began = time.monotonic()
        started = 0
        while len(self.result.leases) < len(self._clients) and time.monotonic() - began < timeout:
            now = time.monotonic()
            due = min(len(self._clients), int((now - began) * self._rate) + 1)
            for client in self._clients[started:due]:
                self._send(client)
            if started < due == len(self._clients):
                self.result.sending_seconds = time.monotonic() - began
            started = due
            if not self._retry(now) and started == len(self._clients) and not self._retries:
                break
            select.select([self._socket], [], [], 1 / self._rate)
            self._receive()
        self.result.seconds = time.monotonic() - began
        return self.result

    def _send(self, client: Client) -> None:
        if client.request is None:
            self.result.discovers += 1
            self._socket.send(_frame(_message(client.number, "discover")))
        else:
            self.result.requests += 1
            self._socket.send(client.request)
        client.tries += 1
        expiry = (time.monotonic() + RETRY_AFTER, client.number, client.request is not None)
        heapq.heappush(self._retries, expiry)

    def _retry(self, now: float) -> bool:
        """Sends again what was not answered in time; says if any client still waits."""
        while self._retries and self._retries[0][0] <= now:
            _, number, for_ack = heapq.heappop(self._retries)
            client = self._clients[number]
            waits = number not in self.result.leases and for_ack == (client.request is not None)
            if waits and client.tries < TRIES:
                self.result.retries += 1
                self._send(client)
        return bool(self._retries)

    def _receive(self) -> None:
        while True:
            try:
                frame = self._socket.recv(2048)
            except BlockingIOError:
                return
            if frame[23:24] == bytes((UDP,)) and frame[34:38] == b"\0\x43\0\x44":
                self._take(Message.parse(frame[42:]))

    def _take(self, reply: Message) -> None:
        client = self._clients[reply.xid - FIRST_XID]
        if reply.type == "offer" and client.request is None:
            client.request = _frame(_message(client.number, "request", reply))
            client.tries = 0
            self._send(client)
        elif reply.type == "ack":
            self.result.leases[client.number] = reply.yiaddr
        elif reply.type == "nak":
            self.result.naks += 1


def _message(number: int, kind: str, offer: Message | None = None) -> Message:
    options = [(MESSAGE_TYPE, bytes((TYPE_NUMBERS[kind],)))]
    if offer:
        options.append((REQUESTED_ADDRESS, socket.inet_aton(offer.yiaddr)))
        options.append((SERVER_ID, offer.option(SERVER_ID) or b""))
    chaddr = b"\x02\x46" + number.to_bytes(4, "big")
    return Message(xid=FIRST_XID + number, chaddr=chaddr, options=tuple(options))


def _frame(message: Message) -> bytes:
    payload = message.build()
    length = 8 + len(payload)
    udp = struct.pack("!HHH", 68, 67, length)
    pseudo = CLIENT_ADDRESSES + struct.pack("!II", length, UDP)
    checksum = ~internet_sum(pseudo + udp + b"\0\0" + payload) & 0xFFFF or 0xFFFF
    ip = struct.pack("!BBHHHBB", 0x45, 0, 20 + length, 0, 0, 64, UDP)
    header_sum = ~internet_sum(ip + b"\0\0" + CLIENT_ADDRESSES) & 0xFFFF
    ip += struct.pack("!H", header_sum) + CLIENT_ADDRESSES
    return ETHERNET + ip + udp + struct.pack("!H", checksum) + payload
