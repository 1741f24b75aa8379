# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The results as text."""

import platform
from pathlib import Path

from .cost import COPY_LIMIT, GROWTH_LIMIT, ROUNDS, Copies, Growth, Growths, Part, Section
from .flood import SHARE, SLOW_PATH_TIMES, Comparison, Flood


def conditions() -> list[str]:
    """What the numbers depend on."""
    return [
        f"machine   {_cpu()}, {_online()} CPUs, Linux {platform.release()}, JIT {_jit()}",
        f"driver    veth, native XDP; mitigations: {_mitigations()}",
        "message   300 octets, 15 options; incremental checksum unless it says unfinished",
    ]


def costs(part: Part) -> list[str]:
    if isinstance(part, Section):
        return _section(part)
    return _growth(part.rows) if isinstance(part, Growths) else _copies(part.rows)


def _section(section: Section) -> list[str]:
    lines = [
        "",
        f"{section.title}: nanoseconds per packet, by BPF_PROG_TEST_RUN; net = raw - empty",
        f"  {'':36}{'raw':>8}{'empty':>8}{'net':>8}{'target':>8}{'':8}the route lookup alone",
    ]
    for row in section.rows:
        limit = "" if row.limit is None else f"{row.limit:.0f}"
        mark = "" if row.limit is None else _mark(row.ok)
        lookup = "" if row.lookup is None else f"{row.lookup:.0f}"
        lines.append(
            f"  {row.name:36}{row.raw:8.0f}{row.empty:8.0f}{row.net:8.0f}{limit:>8}  {mark:6}"
            f"{lookup:>8}".rstrip()
        )
    return lines


def _growth(rows: list[Growth]) -> list[str]:
    among = rows[0].among
    lines = [
        "",
        f"What others add: net nanoseconds per packet; maps filled with their entries,"
        f" the least of {ROUNDS} rounds",
        f"  {'':36}{'alone':>8}{''.join(f'{name:>11}' for name in among)}{'most':>8}{'target':>8}",
    ]
    for row in rows:
        others = "".join(f"{row.among[name]:11.0f}" for name in among)
        lines.append(
            f"  {row.name:36}{row.alone:8.0f}{others}{row.most:+8.0f}{GROWTH_LIMIT:+8.0f}"
            f"  {_mark(row.ok)}"
        )
    return lines


def _copies(rows: list[Copies]) -> list[str]:
    counts = rows[0].net
    lines = [
        "",
        "Several upstreams, in TC: net nanoseconds, all copies but the last sent over veth",
        f"  {'':36}{''.join(f'{count:>8}' for count in counts)}{'second':>8}{'further':>8}"
        f"{'target':>8}",
    ]
    for row in rows:
        net = "".join(f"{row.net[count]:8.0f}" for count in counts)
        lines.append(
            f"  {row.name:36}{net}{row.second:8.0f}{row.each_further:8.0f}{COPY_LIMIT:8.0f}"
            f"  {_mark(row.ok)}"
        )
    return lines


def floods(comparisons: list[Comparison], slow: Flood, dhcrelay: Flood | None) -> list[str]:
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
        times = slow.rate / dhcrelay.rate
        mark = _mark(times >= SLOW_PATH_TIMES)
        lines.append(f"{_flood(slow)}{times:7.1f}x{SLOW_PATH_TIMES:7.1f}x  {mark}")
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
