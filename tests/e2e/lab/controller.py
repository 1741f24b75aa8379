# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""`dhcp46 run`, beside the CRA if nothing else is said."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .lab import Lab
from .product import Dhcp46
from .shell import Daemon
from .waiting import wait_until


class Controller:
    def __init__(self, lab: Lab, product: Dhcp46, *arguments: str) -> None:
        self._product = product
        role = product.namespace.role
        self._address = lab.work / f"notify-{role}"
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(self._address))
        self._address.chmod(0o666)  # it may be run as another user
        self._told: list[str] = []
        self.daemon = Daemon(
            "controller",
            product.argv("run", *arguments),
            lab.work / f"controller-{role}.log",
            env={"NOTIFY_SOCKET": str(self._address)},
        )

    def said(self, message: str) -> int:
        return self.daemon.output().count(f"id={message} ")

    def wait_for(self, message: str) -> None:
        self.daemon.wait_for_line(f"id={message} ")

    def report(self) -> dict[str, Any]:
        """What `status` says of it."""
        return self._product.json("status")["controller"]

    def reload(self, message: str = "reloaded") -> None:
        """Has the file read again, and waits until it says what became of that."""
        before = self.said(message)
        self.daemon.signal(signal.SIGHUP)
        wait_until(f"another id={message}", lambda: self.said(message) > before)
        self.notifications()  # a manager reads what it is told

    def notifications(self) -> list[str]:
        """What the service manager has been told so far."""
        self._notified.setblocking(False)
        while True:
            try:
                self._told.append(self._notified.recv(4096).decode())
            except BlockingIOError:
                return self._told

    def close(self) -> None:
        self.daemon.stop()
        self._notified.close()
        self._address.unlink()


@contextmanager
def controller(
    lab: Lab, *arguments: str, product: Dhcp46 | None = None, says: str = "id=started "
) -> Iterator[Controller]:
    running = Controller(lab, product or lab.cra, *arguments)
    try:
        running.daemon.wait_for_line(says)
        yield running
    finally:
        running.close()
