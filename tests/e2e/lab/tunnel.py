# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A link of two devices without Ethernet header: tun, as PPP and tunnels are in the field."""

import contextlib
import fcntl
import os
import select
import struct
import threading

from .netns import End

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
PACKET_SIZE = 65535


class Tunnel:
    """Makes both devices and carries packets between them until it is closed."""

    def __init__(self, one: End, other: End) -> None:
        self._descriptors = (_open(one), _open(other))
        self._stop_reading, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def close(self) -> None:
        os.write(self._stop, b"x")
        self._thread.join()
        for descriptor in (*self._descriptors, self._stop, self._stop_reading):
            os.close(descriptor)

    def _carry(self) -> None:
        one, other = self._descriptors
        peers = {one: other, other: one}
        while True:
            ready = select.select([*peers, self._stop_reading], [], [])[0]
            if self._stop_reading in ready:
                return
            for descriptor in ready:
                with contextlib.suppress(OSError):  # the other end is down
                    os.write(peers[descriptor], os.read(descriptor, PACKET_SIZE))


def _open(end: End) -> int:
    with end.namespace.entered():
        descriptor = os.open("/dev/net/tun", os.O_RDWR)
        request = struct.pack("16sH", end.device.encode(), IFF_TUN | IFF_NO_PI)
        fcntl.ioctl(descriptor, TUNSETIFF, request)
    end.namespace.ip("link", "set", end.device, "up")
    return descriptor
