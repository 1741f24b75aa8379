# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A whole lab: the line of namespaces, dhcp46 attached at both ends, a server, and captures."""

import shutil
import socket
import tempfile
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import bpffs, plan, servers, service, topology
from .capture import Capture, write_pcap
from .clients import CLIENTS, StockClient
from .counters import Counters, flatten, moved
from .netns import End
from .product import Dhcp46
from .waiting import WaitTimeout, wait_until
from .workspace import Workspace

CRA_NAME = "access"
TRA_NAME = "core"
LINES = (("lcra", "tra"), ("hcra", "tra"), ("lcra", "tsv"), ("hcra", "tsv"))  # of CRA and far end


@dataclass(frozen=True)
class LabSpec:
    """What a test needs. Tests with equal needs run one after the other in one lab."""

    xdp: str = "native"
    cra: str = "lcra"  # or hcra
    far: str = "tra"  # or tsv
    server: str | None = None  # None: the test plays the server
    short_leases: bool = False  # clients renew after three seconds
    client_ipv4: bool = False  # on the CRA's client device (R-CRA-22); lcra only
    cra_ipv6: bool = True
    attached: bool = True
    captured: bool = True


class Lab:
    def __init__(self, spec: LabSpec, workspace: Workspace) -> None:
        self.spec = spec
        self.workspace = workspace
        self._cleanup = ExitStack()
        self.captures: dict[str, Capture] = {}
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._cleanup.close()

    def _build(self) -> None:
        self.work = Path(tempfile.mkdtemp(prefix="lab-", dir=self.workspace.directory))
        self._cleanup.callback(shutil.rmtree, self.work, ignore_errors=True)
        spec = self.spec
        self.at = topology.build(
            self._cleanup, spec.cra, spec.far, spec.client_ipv4, spec.cra_ipv6
        )
        self.cra = self._product(self.at.cra)
        self.tra = self._product(self.at.tra)
        if self.spec.xdp == "native":
            topology.let_peers_pass(self.at, self.workspace.pass_program)
        service.provide(self.at)
        if self.spec.captured:
            self._capture()
        if self.spec.attached:
            self.attach_cra()
            self.attach_tra()
        # Where the test plays the server, its host must not answer that nobody is there.
        self.server_port = self.at.server.namespace.udp_socket(socket.AF_INET)
        self._cleanup.callback(self.server_port.close)
        if self.spec.server:
            self.start_server(self.spec.server)
        if self.spec.cra_ipv6:
            topology.warm_neighbours(self.at)

    def _product(self, namespace: topology.Namespace) -> Dhcp46:
        root = bpffs.mount(self._cleanup, self.work / f"bpffs-{namespace.role}")
        return Dhcp46(self.workspace.binary, namespace, root)

    def _capture(self) -> None:
        for name, end in self.at.ends.items():
            if end is not self.at.server or not self.at.is_tsv:  # else attach makes the device
                self.capture(name, end)

    def capture(self, name: str, end: End) -> None:
        """From now on the link of that name is the one that has this end."""
        # What an HCRA's client sends never leaves as IPv4; what leaves instead is not its own.
        capture = Capture(end, only_ipv4=name == "client" and self.at.is_hcra)
        if name in self.captures:
            capture.history = self.captures[name].frames()
            self.captures[name].close()
        self.captures[name] = capture
        self._cleanup.callback(capture.close)

    def cra_arguments(self, upstreams: Sequence[str] = (plan.TRA_V6,)) -> tuple[str, ...]:
        devices = ("--client-dev", "eth1", "--uplink-dev", "eth0")
        if self.at.is_hcra:
            devices = ("--dev", "eth0")
        each = _repeated("--upstream", upstreams)
        return ("attach", self.spec.cra, CRA_NAME, *devices, *each, "--xdp", self.spec.xdp)

    def tra_arguments(self, servers: Sequence[str] = (plan.SERVER_V4,)) -> tuple[str, ...]:
        devices = ("--v6-dev", "eth0", "--v4-dev", "eth1")
        if self.at.is_tsv:
            devices = ("--dev", "eth0", "--giaddr", plan.TRA_V4)
        return (
            *("attach", self.spec.far, TRA_NAME, *devices, *_repeated("--server", servers)),
            *("--cra-prefix", plan.CRA_PREFIX, "--xdp", self.spec.xdp),
        )

    def attach_cra(self, *more: str) -> None:
        self.cra.run(*self.cra_arguments(), *more)

    def attach_tra(self, *more: str) -> None:
        self.tra.run(*self.tra_arguments(), *more)
        if self.at.is_tsv and self.spec.captured and not self._sees_server():
            self.capture("server", self.at.server)

    def _sees_server(self) -> bool:
        """The device that an earlier attach made is still there, and captured."""
        return "server" in self.captures and not self.captures["server"].is_gone

    def start_server(self, kind: str) -> None:
        self.server_port.close()
        configuration = servers.configuration(
            kind, self.spec.far, self.work, self.spec.short_leases
        )
        self.server = servers.start(kind, configuration, self.at.server.namespace, self.work)
        self._cleanup.callback(self.server.stop)

    def start_client(self, kind: str) -> StockClient:
        """A stock client; the caller stops it."""
        return CLIENTS[kind](self.at.client, self.work)

    @property
    def tier(self) -> str:
        """The tier that relays once neighbours are known."""
        return "xdp" if self.spec.xdp == "native" else "tc"

    def clear_captures(self) -> None:
        for capture in self.captures.values():
            capture.clear()

    def counters(self) -> Counters:
        """All counters of both relays."""
        counters: Counters = {}
        for role, product in (("cra", self.cra), ("tra", self.tra)):
            counters.update(flatten(role, product.json("stats")))
        return counters

    def expect_moved(
        self,
        before: Counters,
        expected: Counters,
        timeout: float = 3.0,
        either_tier: Collection[str] = (),
    ) -> None:
        """Exactly these counters moved, by exactly so much.

        `either_tier`: for these TC may count what is expected of XDP.
        """

        def found() -> Counters:
            after = moved(before, self.counters())
            for name in either_tier:
                if f"{name}.tc" in after:
                    count = after.pop(f"{name}.tc")
                    after[f"{name}.xdp"] = after.get(f"{name}.xdp", 0) + count
            return after

        try:
            wait_until("counters", lambda: found() == expected, timeout, 0.05)
        except WaitTimeout:
            raise AssertionError(f"counters moved: {found()}\nexpected: {expected}") from None

    def save_evidence(self, directory: Path) -> None:
        """Writes down all that may explain a failure."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, capture in self.captures.items():
            write_pcap(directory / f"{name}.pcap", capture.frames())
        for log in [*self.work.glob("*.log"), *self.work.glob("*seen")]:
            shutil.copy(log, directory)
        for namespace in self.at.namespaces:
            state = [
                str(namespace.ip("-d", *what, check=False))
                for what in (("addr",), ("route", "show"), ("-6", "route", "show"), ("neigh",))
            ]
            (directory / f"{namespace.role}.ip.txt").write_text("\n".join(state))
        for product in (self.cra, self.tra):
            texts = [str(product.run(word, check=False)) for word in ("status", "stats")]
            (directory / f"{product.namespace.role}.dhcp46.txt").write_text("\n".join(texts))


def _repeated(option: str, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (option, value))
