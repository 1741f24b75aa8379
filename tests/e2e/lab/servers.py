# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Unmodified DHCPv4 servers, each with the smallest configuration that serves the lab."""

from pathlib import Path

from . import plan
from .netns import Namespace
from .shell import Daemon

CONFIGURATIONS = Path(__file__).parent.parent / "servers"
KINDS = ("kea-raw", "kea-udp", "dhcpd", "dnsmasq")

# What makes clients renew after three seconds: text, and with what it is replaced.
KEA_SHORT = '"valid-lifetime": 600,', '"valid-lifetime": 600, "renew-timer": 3,'
SHORT_LEASES = {
    "kea-raw": KEA_SHORT,
    "kea-udp": KEA_SHORT,
    "dhcpd": ("authoritative;", "authoritative;\noption dhcp-renewal-time 3;"),
    "dnsmasq": ("dhcp-authoritative", "dhcp-authoritative\ndhcp-option=option:T1,3"),
}


def configuration(kind: str, far: str, work: Path, short_leases: bool = False) -> Path:
    """The server's configuration file, for it behind a TRA or at a TSV."""
    name = f"{kind}.json" if kind.startswith("kea") else f"{kind}.conf"
    path = CONFIGURATIONS / far / name
    if not short_leases:
        return path
    short = work / name
    short.write_text(path.read_text().replace(*SHORT_LEASES[kind]))
    return short


def identifier(kind: str, far: str) -> str:
    """The server identifier that the configuration makes it send: where renewals go (R-TSV-6)."""
    return plan.NATIVE_V4 if (kind, far) == ("kea-raw", "tsv") else plan.SERVER_V4


def start(kind: str, configuration: Path, namespace: Namespace, work: Path) -> Daemon:
    """Starts the server and waits until it says that it serves."""
    if kind.startswith("kea"):
        return _start_kea(configuration, namespace, work)
    if kind == "dhcpd":
        return _start_dhcpd(configuration, namespace, work)
    if kind == "dnsmasq":
        return _start_dnsmasq(configuration, namespace, work)
    raise ValueError(f"no server {kind!r}")


def _start_kea(configuration: Path, namespace: Namespace, work: Path) -> Daemon:
    daemon = Daemon(
        "kea-dhcp4",
        namespace.argv("kea-dhcp4", "-c", configuration),
        work / "server.log",
        env={"KEA_PIDFILE_DIR": str(work), "KEA_LOCKFILE_DIR": str(work)},
    )
    daemon.wait_for_line("DHCP4_STARTED")
    return daemon


def _start_dhcpd(configuration: Path, namespace: Namespace, work: Path) -> Daemon:
    """It listens on every device that has an address of one of its subnets."""
    leases = work / "dhcpd.leases"
    leases.touch()
    daemon = Daemon(
        "dhcpd",
        namespace.argv(
            *("dhcpd", "-4", "-f", "-d", "-user", "root", "-group", "root"),
            *("-cf", configuration, "-lf", leases, "-pf", work / "dhcpd.pid"),
        ),
        work / "server.log",
    )
    daemon.wait_for_line("Server starting service")
    return daemon


def _start_dnsmasq(configuration: Path, namespace: Namespace, work: Path) -> Daemon:
    daemon = Daemon(
        "dnsmasq",
        namespace.argv(
            *("dnsmasq", "--keep-in-foreground", "--log-facility=-", "--user=root"),
            f"--conf-file={configuration}",
            f"--dhcp-leasefile={work / 'dnsmasq.leases'}",
            f"--pid-file={work / 'dnsmasq.pid'}",
        ),
        work / "server.log",
    )
    daemon.wait_for_line("DHCP, IP range")  # its sockets are open by then
    return daemon
