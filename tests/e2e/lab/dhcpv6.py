# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""DHCPv6 on the CRA's uplink: a Kea server on the router, and stock clients with our hooks.

The client of the CRA's host runs with its distribution's scripts, and has the hooks where
docs/operations.md puts them. The server leases what is the CRA's address anyway.
"""

import ipaddress
import json
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import plan
from .clients import SCRIPTS
from .lab import Lab
from .shell import Daemon
from .waiting import wait_until

HOOKS = Path(__file__).parents[3] / "tools" / "hooks"
OPTION = 65001  # nobody's: the operator's choice
NAME = "dhcp46-upstreams"
RELOADED = "DHCP6_DYNAMIC_RECONFIGURATION_SUCCESS"
DEVICE = "eth0"


class Kea6:
    """Its clients renew each second."""

    def __init__(self, lab: Lab, upstreams: Iterable[str], valid: int = 60) -> None:
        self._file = lab.work / "kea-dhcp6.json"
        self._valid = valid
        self._write(_as_addresses(upstreams))
        self.daemon = Daemon(
            "kea-dhcp6",
            lab.at.router.argv("kea-dhcp6", "-c", self._file),
            lab.work / "kea-dhcp6.log",
            env={"KEA_PIDFILE_DIR": str(lab.work), "KEA_LOCKFILE_DIR": str(lab.work)},
        )
        self.daemon.wait_for_line("DHCP6_STARTED")

    def teach(self, *upstreams: str) -> None:
        """From now on; without any it does not send the option."""
        self._reload(_as_addresses(upstreams))

    def send(self, octets: bytes) -> None:
        """From now on these are the option's value."""
        self._reload({"option-data": [
            {"code": OPTION, "csv-format": False, "data": octets.hex()}
        ]})

    def _reload(self, option: dict[str, Any]) -> None:
        before = self.daemon.output().count(RELOADED)
        self._write(option)
        self.daemon.signal(signal.SIGHUP)
        wait_until("kea-dhcp6 to reload", lambda: self.daemon.output().count(RELOADED) > before)

    def _write(self, option: dict[str, Any]) -> None:
        configuration = {
            "interfaces-config": {"interfaces": ["r0"]},
            "lease-database": {"type": "memfile", "persist": False},
            "server-id": {"type": "LL", "persist": False},
            "renew-timer": 1,
            "rebind-timer": max(2, self._valid // 2),
            "preferred-lifetime": self._valid,
            "valid-lifetime": self._valid,
            "subnet6": [{
                "subnet": plan.CRA_PREFIX,
                "interface": "r0",
                "pools": [{"pool": f"{plan.CRA_V6} - {plan.CRA_V6}"}],
            }],
            "loggers": [{
                "name": "kea-dhcp6",
                "severity": "INFO",
                "output_options": [{"output": "stdout"}],
            }],
            **option,
        }
        self._file.write_text(json.dumps({"Dhcp6": configuration}, indent=2))


def _as_addresses(upstreams: Iterable[str]) -> dict[str, Any]:
    """As docs/operations.md has it."""
    listed = ", ".join(upstreams)
    definition = {"name": NAME, "code": OPTION, "type": "ipv6-address", "array": True}
    return {
        "option-def": [definition],
        "option-data": [{"name": NAME, "data": listed}] if listed else [],
    }


def octets(*addresses: str) -> bytes:
    return b"".join(ipaddress.IPv6Address(address).packed for address in addresses)


class Client6:
    """A stock client with our hook, on the CRA's uplink; it runs until it is stopped."""

    kind = ""
    hook = ""  # its place
    configuration = ""  # its place
    text = ""

    def __init__(self, lab: Lab, instances: Iterable[str]) -> None:
        self._namespace = lab.at.cra
        root = lab.work / f"{self.kind}6"
        shutil.rmtree(root, ignore_errors=True)
        lines = [f"{DEVICE} {instance}\n" for instance in instances]
        files = {
            "usr/libexec/dhcp46/dhcpv6-upstreams": (HOOKS / "dhcpv6-upstreams").read_text(),
            self.hook: (HOOKS / f"{self.kind}-hook").read_text(),
            "etc/dhcp46/dhcpv6-upstreams.conf": "".join(["# DEVICE INSTANCE\n", *lines]),
            self.configuration: self.text,
        }
        for place, text in files.items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(text)
        (root / "usr/libexec/dhcp46/dhcpv6-upstreams").chmod(0o755)
        program = root / "usr/local/sbin/dhcp46"
        program.parent.mkdir(parents=True)
        program.symlink_to(lab.cra.binary)
        run = ("unshare", "--mount", "--uts", SCRIPTS / "dhcpv6-run", root, lab.cra.bpffs)
        self.daemon = Daemon(
            self.kind,
            self._namespace.argv(*run, *self._command()),
            lab.work / f"{self.kind}6.log",
        )

    def stop(self) -> None:
        """Also of a client that has children, which would outlive a SIGKILL."""
        if self.daemon.process.poll() is None:
            self.daemon.signal(signal.SIGTERM)
            self.daemon.wait(15)

    def _command(self) -> list[str]:
        raise NotImplementedError

    def release(self) -> None:
        """Gives the lease back, and ends."""
        raise NotImplementedError

    def end(self) -> None:
        """Takes its configuration away, and ends."""
        raise NotImplementedError

    def _tell(self, *words: str) -> None:
        """Its control socket and files are in its mount namespace."""
        inside = ("nsenter", f"--mount=/proc/{self.daemon.process.pid}/ns/mnt")
        self._namespace.run(*inside, *words)


class Dhclient6(Client6):
    kind = "dhclient"
    hook = "etc/dhcp/dhclient-exit-hooks.d/dhcp46"
    configuration = "etc/dhcp/dhclient.conf"
    text = f"""
option dhcp6.{NAME} code {OPTION} = array of unsigned integer 8;
also request dhcp6.{NAME};
"""

    def _command(self) -> list[str]:
        return ["dhclient", "-6", "-d", "-v", "-pf", "/run/dhclient6.pid", DEVICE]

    def release(self) -> None:
        self._tell("dhclient", "-6", "-r", "-pf", "/run/dhclient6.pid", DEVICE)

    def end(self) -> None:
        self._tell("dhclient", "-6", "-x", "-pf", "/run/dhclient6.pid", DEVICE)


class Dhcpcd6(Client6):
    kind = "dhcpcd"
    hook = "usr/lib/dhcpcd/dhcpcd-hooks/80-dhcp46"
    configuration = "etc/dhcpcd.conf"
    text = f"""
ipv6only
noipv6rs
nodelay
nodev
ia_na 1
define6 {OPTION} array uint8 {NAME.replace("-", "_")}
option dhcp6_{NAME.replace("-", "_")}
"""

    def _command(self) -> list[str]:
        return ["dhcpcd", "-6", "-B", DEVICE]

    def release(self) -> None:
        self.daemon.signal(signal.SIGALRM)  # --release would wait until somebody has reaped it

    def end(self) -> None:
        self.daemon.signal(signal.SIGTERM)


CLIENTS = {client.kind: client for client in (Dhclient6, Dhcpcd6)}
