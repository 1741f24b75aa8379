# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The results as text."""

import platform
from pathlib import Path

from .cost import Cost
from .flood import SHARE, Comparison, Flood


def conditions() -> list[str]:
    """What the numbers depend on."""
    return [
        f"machine   {_cpu()}, {_online()} CPUs, Linux {platform.release()}, JIT {_jit()}",
        f"driver    veth, native XDP; mitigations: {_mitigations()}",
        "message   300 octets, 15 options; incremental checksum unless it says unfinished",
    ]


def costs(title: str, rows: list[Cost]) -> list[str]:
    lines = [
        "",
        f"{title}: nanoseconds per packet, by BPF_PROG_TEST_RUN",
        f"  {'':34}{'raw':>8}{'empty':>8}{'lookup':>8}{'net':>8}{'target':>8}",
    ]
    for row in rows:
        lookup = "-" if row.lookup is None else f"{row.lookup:.0f}"
        limit = "" if row.limit is None else f"{row.limit:.0f}"
        lines.append(
            f"  {row.name:34}{row.raw:8.0f}{row.empty:8.0f}{lookup:>8}{row.net:8.0f}{limit:>8}"
            f"  {_mark(row.ok) if row.limit is not None else ''}".rstrip()
        )
    return lines


def floods(comparisons: list[Comparison], dhcrelay: Flood | None) -> list[str]:
    lines = [
        "",
        "Flood by live frames over veth, sender and relay on one CPU (thousands per second)",
        f"  {'':16}{'offered':>11}{'reached':>11}{'relayed':>11}{'lost':>9}{'rate':>8}"
        f"{'share':>8}{'target':>8}",
    ]
    for comparison in comparisons:
        lines.append(
            f"{_flood(comparison.ours)}{comparison.share:8.0%}{SHARE:8.0%}"
            f"  {_mark(comparison.ok)}"
        )
        lines.append(_flood(comparison.bare))
    if dhcrelay:
        lines.append(_flood(dhcrelay))
    else:
        lines.append("  dhcrelay is not installed (package isc-dhcp-relay): no comparison")
    return lines


def _flood(flood: Flood) -> str:
    """Lost is what was offered and did not arrive; with a program under test, what reached it."""
    reached = "-" if flood.reached is None else f"{flood.reached:,}"
    lost = (flood.offered if flood.reached is None else flood.reached) - flood.relayed
    return (
        f"  {flood.name:16}{flood.offered:>11,}{reached:>11}{flood.relayed:>11,}{lost:>9,}"
        f"{flood.rate / 1000:8.0f}"
    )


def _mark(ok: bool) -> str:
    return "ok" if ok else "over"


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _online() -> int:
    return Path("/proc/cpuinfo").read_text().count("processor\t:")


def _jit() -> str:
    value = Path("/proc/sys/net/core/bpf_jit_enable").read_text().strip()
    hardened = Path("/proc/sys/net/core/bpf_jit_harden").read_text().strip()
    return ("off" if value == "0" else "on") + ("" if hardened == "0" else " (hardened)")


def _mitigations() -> str:
    """Of those that make a BPF program slower: indirect calls and returns."""
    directory = Path("/sys/devices/system/cpu/vulnerabilities")
    return "; ".join(
        f"{name} {(directory / name).read_text().strip()}"
        for name in ("spectre_v2", "retbleed")
        if (directory / name).exists()
    )
