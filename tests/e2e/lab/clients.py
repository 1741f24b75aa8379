# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Unmodified DHCPv4 clients on the client link."""

import signal
from dataclasses import dataclass
from pathlib import Path

from .netns import Namespace
from .shell import Daemon
from .waiting import wait_until

SCRIPTS = Path(__file__).parent.parent / "clients"
KINDS = ("udhcpc", "dhclient")
LEASE_TIMEOUT = 20.0


@dataclass(frozen=True)
class Lease:
    """What the client told its script."""

    event: str
    address: str
    mask: str
    router: str
    dns: str
    lease: str
    server: str


class StockClient:
    """A client that stays and keeps its lease until it is stopped."""

    def __init__(self, kind: str, namespace: Namespace, work: Path, short: bool = False) -> None:
        self._namespace = namespace
        self._work = work
        self._lease_log = work / f"{kind}.leases-seen"
        self._lease_log.write_text("")
        (work / "dhclient.leases").write_text("")  # it would begin with the lease of another test
        self._reported = 0
        self.kind = kind
        self.daemon = Daemon(
            kind,
            namespace.argv(*self._command(short)),
            work / f"{kind}.log",
            env={"LEASE_LOG": str(self._lease_log)},
        )

    def _command(self, short: bool) -> list[str | Path]:
        if self.kind == "udhcpc":
            return ["busybox", "udhcpc", "-i", "c0", "-f", "-t", "5", "-T", "3", "-s", self._script]
        configuration = SCRIPTS / "dhclient-short.conf" if short else "/dev/null"
        return ["dhclient", "-4", "-d", "-v", *self._files, "-cf", configuration, "c0"]

    @property
    def _script(self) -> Path:
        return SCRIPTS / f"{self.kind}-script"

    @property
    def _files(self) -> list[str | Path]:
        """What dhclient needs to find its script and its own traces."""
        return [
            *("-sf", self._script, "-e", f"LEASE_LOG={self._lease_log}"),
            *("-lf", self._work / "dhclient.leases", "-pf", self._work / "dhclient.pid"),
        ]

    def leases(self) -> list[Lease]:
        """What the script was told, first to last; the last line may not be written to its end."""
        lines = self._lease_log.read_text().split("\n")[:-1]
        return [Lease(**dict(word.split("=", 1) for word in _words(line))) for line in lines]

    def wait_for(self, *events: str, timeout: float = LEASE_TIMEOUT) -> Lease:
        """Waits for one of the events, after the one that was reported last."""

        def seen() -> Lease | None:
            for position, lease in enumerate(self.leases()[self._reported :], self._reported + 1):
                if lease.event in events:
                    self._reported = position
                    return lease
            return None

        try:
            return wait_until(f"{self.kind} to report {' or '.join(events)}", seen, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.daemon.output()}") from None

    def wait_for_lease(self) -> Lease:
        return self.wait_for("bound")

    def ask_to_renew(self) -> None:
        """Has the lease renewed by unicast: udhcpc does it now, dhclient (short) by its timer."""
        if self.kind == "udhcpc":
            self.daemon.signal(signal.SIGUSR1)

    def release(self) -> None:
        if self.kind == "udhcpc":
            self.daemon.signal(signal.SIGUSR2)
            self.wait_for("deconfig", timeout=5)
            return
        self._namespace.run("dhclient", "-4", "-r", *self._files, "-cf", "/dev/null", "c0")

    def stop(self) -> None:
        self.daemon.stop()
        self._namespace.ip("-4", "addr", "flush", "dev", "c0")


def _words(line: str) -> list[str]:
    """Splits `a=b c=d`; a value that holds blanks keeps them."""
    words: list[str] = []
    for word in line.split(" "):
        if "=" in word:
            words.append(word)
        elif words:
            words[-1] += f" {word}"
    return words
