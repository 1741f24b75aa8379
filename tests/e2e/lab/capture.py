# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Captures by packet sockets.

The kernel says with each frame whether it went out or came in and whether its checksum is still
to be finished (veth carries such frames between sockets), which a pcap file would not tell.
"""

import errno
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .netns import End

ETH_P_ALL = 0x0003
ARPHRD_NONE = 0xFFFE
ETHERTYPE_IPV4, ETHERTYPE_IPV6 = b"\x08\0", b"\x86\xdd"
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_STATISTICS = 6
PACKET_OUTGOING = 4
TP_STATUS_CSUMNOTREADY = 1 << 3
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
RECEIVE_BUFFER = 64 << 20


@dataclass(frozen=True)
class Frame:
    data: bytes
    time: float
    outgoing: bool
    unfinished: bool  # the checksum holds the pseudo-header's sum only

    def __str__(self) -> str:
        return f"{'out' if self.outgoing else 'in'} {self.data.hex()}"


class Capture:
    """All frames that cross one device, from the moment it is made; if asked, of IPv4 only.

    Where a device's packets have no Ethernet header, they are given an empty one.
    """

    def __init__(self, end: End, only_ipv4: bool = False) -> None:
        self.name = f"{end.namespace.role}-{end.device}"
        self.history: list[Frame] = []
        self._only_ipv4 = only_ipv4
        with end.namespace.entered():
            self._socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(ETH_P_ALL)
            )
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            self._socket.bind((end.device, ETH_P_ALL))

    def close(self) -> None:
        self._socket.close()

    @property
    def is_gone(self) -> bool:
        """The device was deleted."""
        return not self._socket.getsockname()[0]

    def clear(self) -> None:
        """Forgets what was captured so far."""
        self._drain()
        self.history.clear()

    def frames(self) -> list[Frame]:
        """Everything since the last clear()."""
        self._drain()
        return list(self.history)

    def _drain(self) -> None:
        while True:
            try:
                data, ancillary, _, address = self._socket.recvmsg(65535, 256)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENETDOWN:
                    raise
                continue  # said once, when the device goes away
            if address[3] == ARPHRD_NONE:
                data = bytes(12) + (ETHERTYPE_IPV6 if data[0] >> 4 == 6 else ETHERTYPE_IPV4) + data
            if self._only_ipv4 and data[12:14] != ETHERTYPE_IPV4:
                continue
            status, seconds = _ancillary(ancillary)
            self.history.append(
                Frame(
                    data,
                    seconds,
                    address[2] == PACKET_OUTGOING,
                    bool(status & TP_STATUS_CSUMNOTREADY),
                )
            )
        lost = struct.unpack("=II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        if lost:
            raise AssertionError(f"the capture on {self.name} lost {lost} frames")


def _ancillary(messages: Iterable[tuple[int, int, bytes]]) -> tuple[int, float]:
    """Status of the frame and its time, from the control messages."""
    status, seconds = 0, 0.0
    for level, kind, data in messages:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status = struct.unpack_from("=I", data)[0]
        elif level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            whole, nanoseconds = struct.unpack_from("@ll", data)
            seconds = whole + nanoseconds / 1e9
    return status, seconds


def write_pcap(path: Path, frames: Iterable[Frame]) -> None:
    with path.open("wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            whole = int(frame.time)
            nanoseconds = int((frame.time - whole) * 1e9)
            size = len(frame.data)
            file.write(struct.pack("=IIII", whole, nanoseconds, size, size) + frame.data)
