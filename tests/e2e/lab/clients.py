# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Unmodified DHCPv4 clients on the client's device."""

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .netns import End
from .shell import Daemon
from .waiting import wait_until

SCRIPTS = Path(__file__).parent.parent / "clients"
LEASE_TIMEOUT = 20.0


@dataclass(frozen=True)
class Lease:
    """What the client told its script, or wrote down."""

    event: str
    address: str
    mask: str
    router: str
    dns: str
    lease: str
    server: str


class StockClient:
    """A client that stays and keeps its lease until it is stopped."""

    kind = ""

    def __init__(self, end: End, work: Path) -> None:
        self._end = end
        self._work = work / self.kind  # nothing of a lease that an earlier one had
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir()
        self._lease_log = self._work / "leases-seen"
        self._lease_log.touch()
        self._reported = 0
        self.daemon = Daemon(
            self.kind,
            end.namespace.argv(*self._command()),
            work / f"{self.kind}.log",
            env={"LEASE_LOG": str(self._lease_log)},
        )

    def _command(self) -> list[str | Path]:
        raise NotImplementedError

    @property
    def _script(self) -> Path:
        return SCRIPTS / f"{self.kind}-script"

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

        return self._wait(f"{self.kind} to report {' or '.join(events)}", seen, timeout)

    def wait_for_lease(self) -> Lease:
        return self.wait_for("bound")

    def wait_for_renewal(self) -> Lease:
        return self.wait_for("renew")

    def ask_to_renew(self) -> None:
        """Has the lease renewed by unicast, at once or by the timer that the server gave (T1)."""

    def release(self) -> None:
        """Sends RELEASE; the client may end by it."""
        raise NotImplementedError

    def stop(self) -> None:
        self.daemon.stop()
        self._end.namespace.ip("-4", "addr", "flush", "dev", self._end.device)

    def _wait(self, what: str, probe: Callable[[], Lease | None], timeout: float) -> Lease:
        try:
            return wait_until(what, probe, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.daemon.output()}") from None


class Udhcpc(StockClient):
    kind = "udhcpc"

    def _command(self) -> list[str | Path]:
        attempts = ("-t", "5", "-T", "3")
        return [
            *("busybox", "udhcpc", "-f", "-i", self._end.device, *attempts, "-s", self._script)
        ]

    def ask_to_renew(self) -> None:
        self.daemon.signal(signal.SIGUSR1)

    def release(self) -> None:
        self.daemon.signal(signal.SIGUSR2)
        self.wait_for("deconfig", timeout=5)


class Dhclient(StockClient):
    kind = "dhclient"

    def _command(self) -> list[str | Path]:
        return ["dhclient", "-4", "-d", "-v", *self._arguments()]

    def _arguments(self) -> list[str | Path]:
        """What it needs to find its script and its own traces."""
        return [
            *("-sf", self._script, "-e", f"LEASE_LOG={self._lease_log}", "-cf", "/dev/null"),
            *("-lf", self._work / "leases", "-pf", self._work / "pid", self._end.device),
        ]

    def release(self) -> None:
        self._end.namespace.run("dhclient", "-4", "-r", *self._arguments())


class Dhcpcd(StockClient):
    """It sets the address itself, and a default route, as the router option has it."""

    kind = "dhcpcd"

    def _command(self) -> list[str | Path]:
        configuration = self._work / "dhcpcd.conf"
        configuration.write_text(
            (SCRIPTS / "dhcpcd.conf").read_text() + f"env LEASE_LOG={self._lease_log}\n"
        )
        state = self._work / "state"
        state.mkdir()
        run = ("unshare", "--mount", SCRIPTS / "dhcpcd-run", state)
        return [*run, "-4", "-B", "-f", configuration, "-c", self._script, self._end.device]

    def ask_to_renew(self) -> None:
        self._tell("--renew")

    def release(self) -> None:
        self._tell("--release")
        self.daemon.wait(5)

    def _tell(self, *words: str) -> None:
        """Its control socket is in a /run of its own."""
        inside = ("nsenter", f"--mount=/proc/{self.daemon.process.pid}/ns/mnt")
        self._end.namespace.run(*inside, "dhcpcd", "-4", *words, self._end.device)


class Networkd(StockClient):
    """It runs no script: it logs what it is told, and writes its lease to a file."""

    kind = "networkd"

    def _command(self) -> list[str | Path]:
        network = self._work / "lab.network"
        text = (SCRIPTS / "networkd.network").read_text()
        network.write_text(text.replace("Name=c0", f"Name={self._end.device}"))
        self._state = self._work / "netif"
        for directory in ("", "leases", "links", "lldp"):
            (self._state / directory).mkdir()
            shutil.chown(self._state / directory, "systemd-network", "systemd-network")
        run = ("unshare", "--mount", "--uts", SCRIPTS / "networkd-run")
        return [*run, self._state, network]

    def leases(self) -> list[Lease]:
        """Its present lease, once for each acknowledgement of it."""
        acknowledged = self.daemon.output().count(f"{self._end.device}: DHCPv4 client: ACK")
        written = [path for path in (self._state / "leases").iterdir() if path.name.isdigit()]
        if not written:
            return []
        return [_read_lease(written[0], "bound" if n == 0 else "renew") for n in range(acknowledged)]

    def release(self) -> None:
        self.daemon.stop()


CLIENTS = {client.kind: client for client in (Udhcpc, Dhclient, Dhcpcd, Networkd)}
KINDS = tuple(CLIENTS)


def _words(line: str) -> list[str]:
    """Splits `a=b c=d`; a value that holds blanks keeps them."""
    words: list[str] = []
    for word in line.split(" "):
        if "=" in word:
            words.append(word)
        elif words:
            words[-1] += f" {word}"
    return words


def _read_lease(path: Path, event: str) -> Lease:
    """The lease file of networkd."""
    lines = path.read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    names = ("ADDRESS", "NETMASK", "ROUTER", "DNS", "LIFETIME", "SERVER_ADDRESS")
    return Lease(event, *(values.get(name, "") for name in names))
