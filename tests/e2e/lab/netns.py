# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Network namespaces and the veth pairs between them."""

import ctypes
import itertools
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .shell import Result, run
from .waiting import wait_until

CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_serial = itertools.count(1)


def _enter(fd: int) -> None:
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")


class Namespace:
    """A network namespace of our own; its name holds our pid, so that it is nobody else's."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.name = f"d46-{os.getpid()}-{next(_serial)}-{role}"
        self.path = Path("/run/netns", self.name)
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def delete(self) -> None:
        run("ip", "netns", "del", self.name, check=False)

    def argv(self, *command: str | Path) -> list[str]:
        """The command line that runs `command` in here. (`ip netns exec` would hide bpffs.)"""
        return ["nsenter", f"--net={self.path}", *(str(word) for word in command)]

    def run(self, *command: str | Path, check: bool = True, timeout: float = 30.0) -> Result:
        return run(*self.argv(*command), check=check, timeout=timeout)

    def ip(self, *arguments: str, check: bool = True) -> Result:
        return run("ip", "-n", self.name, *arguments, check=check)

    def ip_json(self, *arguments: str) -> list[dict[str, Any]]:
        return json.loads(self.ip("-json", *arguments).stdout or "[]")

    def ip_batch(self, *lines: str) -> None:
        run("ip", "-n", self.name, "-batch", "-", stdin="\n".join(lines) + "\n")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The calling thread is in the namespace: sockets opened here belong to it."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(there)
            try:
                yield
            finally:
                _enter(home)
        finally:
            os.close(there)
            os.close(home)

    def udp_socket(self, family: socket.AddressFamily, port: int = 67) -> socket.socket:
        """Somebody who listens on the port, so that the stack does not say that nobody does."""
        with self.entered():
            listener = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            listener.bind(("", port))
        return listener

    def set_sysctl(self, name: str, value: int) -> None:
        with self.entered():
            Path("/proc/sys", *name.split(".")).write_text(f"{value}\n")

    def mac(self, device: str) -> str:
        return self.ip_json("link", "show", "dev", device)[0]["address"]

    def settle(self) -> None:
        """Waits until every device runs and every IPv6 address has passed duplicate detection."""
        wait_until(f"the devices of {self.name} to come up", self._devices_run)
        wait_until(f"duplicate address detection in {self.name}", self._no_tentative_address)

    def _devices_run(self) -> bool:
        return all(
            link["operstate"] == "UP"
            for link in self.ip_json("link", "show")
            if "UP" in link["flags"] and "LOOPBACK" not in link["flags"]
        )

    def _no_tentative_address(self) -> bool:
        return not any(self.ip_json("-6", "addr", "show", "tentative"))


def received(listener: socket.socket) -> bytes:
    """The next message at a UDP socket; nothing if there is none."""
    try:
        return listener.recv(2048)
    except BlockingIOError:
        return b""


@dataclass(frozen=True)
class End:
    """One end of a link: a device in a namespace."""

    namespace: Namespace
    device: str

    @property
    def mac(self) -> str:
        return self.namespace.mac(self.device)


def connect(one: End, mac: str, other: End, other_mac: str) -> None:
    """Makes the veth pair one — other."""
    run(
        *("ip", "link", "add", one.device, "netns", one.namespace.name, "address", mac),
        *("type", "veth", "peer", "name", other.device),
        *("netns", other.namespace.name, "address", other_mac),
    )
