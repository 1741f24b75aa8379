# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""A whole lab: the line of namespaces, dhcp46 attached at both ends, a server, and captures."""

import shutil
import socket
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import bpffs, plan, servers, service, topology
from .capture import Capture, write_pcap
from .clients import StockClient
from .counters import Counters, flatten, moved
from .product import Dhcp46
from .waiting import WaitTimeout, wait_until
from .workspace import Workspace

CRA_NAME = "access"
TRA_NAME = "core"


@dataclass(frozen=True)
class LabSpec:
    """What a test needs. Tests with equal needs run one after the other in one lab."""

    xdp: str = "native"
    server: str | None = None  # None: the test plays the server
    client_ipv4: bool = False  # on the CRA's client device (R-CRA-22)
    cra_ipv6: bool = True
    attached: bool = True
    captured: bool = True


class Lab:
    def __init__(self, spec: LabSpec, workspace: Workspace) -> None:
        self.spec = spec
        self.workspace = workspace
        self._cleanup = ExitStack()
        self.captures: dict[str, Capture] = {}
        self._port_holder: socket.socket | None = None
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
        self.at = topology.build(self._cleanup, self.spec.client_ipv4, self.spec.cra_ipv6)
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
        if self.spec.server:
            self.start_server(self.spec.server)
        else:
            self._hold_server_port()
        if self.spec.cra_ipv6:
            topology.warm_neighbours(self.at)

    def _product(self, namespace: topology.Namespace) -> Dhcp46:
        root = bpffs.mount(self._cleanup, self.work / f"bpffs-{namespace.role}")
        return Dhcp46(self.workspace.binary, namespace, root)

    def _capture(self) -> None:
        """On the far ends, which see what the devices under test really sent and got."""
        for name, namespace, device in (
            ("client", self.at.client, "c0"),
            ("cra", self.at.router, "r0"),
            ("tra", self.at.router, "r1"),
            ("server", self.at.server, "s0"),
            ("service", self.at.server, "s1"),
        ):
            self.captures[name] = Capture(namespace, device)
            self._cleanup.callback(self.captures[name].close)

    def cra_arguments(self) -> tuple[str, ...]:
        return (
            *("attach", "lcra", CRA_NAME, "--client-dev", "eth1", "--uplink-dev", "eth0"),
            *("--upstream", plan.TRA_V6, "--xdp", self.spec.xdp),
        )

    def tra_arguments(self) -> tuple[str, ...]:
        return (
            *("attach", "tra", TRA_NAME, "--v6-dev", "eth0", "--v4-dev", "eth1"),
            *("--server", plan.SERVER_V4, "--cra-prefix", plan.CRA_PREFIX),
            *("--xdp", self.spec.xdp),
        )

    def attach_cra(self, *more: str) -> None:
        self.cra.run(*self.cra_arguments(), *more)

    def attach_tra(self, *more: str) -> None:
        self.tra.run(*self.tra_arguments(), *more)

    def start_server(self, kind: str) -> None:
        if self._port_holder:
            self._port_holder.close()
        self.server = servers.start(kind, self.at.server, self.work)
        self._cleanup.callback(self.server.stop)

    def start_client(self, kind: str, short: bool = False) -> StockClient:
        """A stock client; the caller stops it."""
        return StockClient(kind, self.at.client, self.work, short)

    def _hold_server_port(self) -> None:
        """Where the test plays the server, its host must not answer that nobody is there."""
        with self.at.server.entered():
            self._port_holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._cleanup.callback(self._port_holder.close)
            self._port_holder.bind(("", 67))

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

    def expect_moved(self, before: Counters, expected: Counters, timeout: float = 3.0) -> None:
        """Exactly these counters moved, by exactly so much."""
        try:
            wait_until(
                "counters", lambda: moved(before, self.counters()) == expected, timeout, 0.05
            )
        except WaitTimeout:
            found = moved(before, self.counters())
            raise AssertionError(f"counters moved: {found}\nexpected: {expected}") from None

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
