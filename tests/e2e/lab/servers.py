# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Unmodified DHCPv4 servers, each with the smallest configuration that serves the lab."""

from pathlib import Path

from .netns import Namespace
from .shell import Daemon

CONFIGURATIONS = Path(__file__).parent.parent / "servers"
KINDS = ("kea-raw", "kea-udp", "dhcpd", "dnsmasq")


def start(kind: str, namespace: Namespace, work: Path) -> Daemon:
    """Starts the server and waits until it says that it serves."""
    if kind.startswith("kea"):
        return _start_kea(kind, namespace, work)
    if kind == "dhcpd":
        return _start_dhcpd(namespace, work)
    if kind == "dnsmasq":
        return _start_dnsmasq(namespace, work)
    raise ValueError(f"no server {kind!r}")


def _start_kea(kind: str, namespace: Namespace, work: Path) -> Daemon:
    daemon = Daemon(
        kind,
        namespace.argv("kea-dhcp4", "-c", CONFIGURATIONS / f"{kind}.json"),
        work / "server.log",
        env={"KEA_PIDFILE_DIR": str(work), "KEA_LOCKFILE_DIR": str(work)},
    )
    daemon.wait_for_line("DHCP4_STARTED")
    return daemon


def _start_dhcpd(namespace: Namespace, work: Path) -> Daemon:
    leases = work / "dhcpd.leases"
    leases.touch()
    daemon = Daemon(
        "dhcpd",
        namespace.argv(
            *("dhcpd", "-4", "-f", "-d", "-user", "root", "-group", "root"),
            *("-cf", CONFIGURATIONS / "dhcpd.conf", "-lf", leases),
            *("-pf", work / "dhcpd.pid", "s0"),
        ),
        work / "server.log",
    )
    daemon.wait_for_line("Server starting service")
    return daemon


def _start_dnsmasq(namespace: Namespace, work: Path) -> Daemon:
    daemon = Daemon(
        "dnsmasq",
        namespace.argv(
            *("dnsmasq", "--keep-in-foreground", "--log-facility=-", "--user=root"),
            f"--conf-file={CONFIGURATIONS / 'dnsmasq.conf'}",
            f"--dhcp-leasefile={work / 'dnsmasq.leases'}",
            f"--pid-file={work / 'dnsmasq.pid'}",
        ),
        work / "server.log",
    )
    daemon.wait_for_line("DHCP, IP range")
    daemon.wait_for_line("sockets bound exclusively to interface")
    return daemon
