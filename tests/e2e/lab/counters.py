# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Counters of `dhcp46 stats --json`, flattened, and what moved between two readings."""

from collections.abc import Mapping
from typing import Any

Counters = dict[str, int]
TIERS = ("xdp", "tc", "slow")


def flatten(role: str, stats: Mapping[str, Any]) -> Counters:
    """`cra.eth1.relayed.discover.xdp`, `cra.eth1.dropped.hops`: packets."""
    counters: Counters = {}
    for instance in stats["instances"]:
        for device in instance["devices"]:
            prefix = f"{role}.{device['device']}"
            for fate in ("dropped", "passed", "punted", "noted"):
                for reason, count in device[fate].items():
                    _add(counters, f"{prefix}.{fate}.{reason}", count["packets"])
            for kind, count in device["relayed"].items():
                for tier in TIERS:
                    _add(counters, f"{prefix}.relayed.{kind}.{tier}", count[tier])
    return counters


def _add(counters: Counters, name: str, packets: int) -> None:
    counters[name] = counters.get(name, 0) + packets


def moved(before: Counters, after: Counters) -> Counters:
    """What changed, and by how much; a counter never goes down."""
    changes = {
        name: after.get(name, 0) - before.get(name, 0)
        for name in sorted(before.keys() | after.keys())
        if after.get(name, 0) != before.get(name, 0)
    }
    backwards = [name for name, change in changes.items() if change < 0]
    if backwards:
        raise AssertionError(f"counters went down: {', '.join(backwards)}")
    return changes
