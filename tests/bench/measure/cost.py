# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Nanoseconds per packet, by BPF_PROG_TEST_RUN of the attached programs with their own maps."""

import ipaddress
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.shell import run

from . import frames
from .relay import Relay

XDP_PASS, XDP_REDIRECT = 2, 4
TC_ACT_UNSPEC, TC_ACT_REDIRECT = 0xFFFFFFFF, 7
LIMITS = {  # issue 2, net nanoseconds in XDP
    "CRA request": 130.0,
    "CRA reply": 130.0,
    "TRA request": 200.0,
    "TRA reply": 200.0,
    "TCP over IPv4": 5.0,
    "TCP over IPv6": 5.0,
    "ARP": 5.0,
}
OTHER_LINKS = 1000
PREFIXES = 10_000


@dataclass(frozen=True)
class Cost:
    name: str
    raw: float
    empty: float
    lookup: float | None  # of the route, which the target does not count
    limit: float | None

    @property
    def net(self) -> float:
        return self.raw - self.empty - (self.lookup or 0.0)

    @property
    def ok(self) -> bool:
        return self.limit is None or self.net <= self.limit


Case = dict[str, Any]


def measure(relay: Relay, program: Path) -> dict[str, list[Cost]]:
    """By section of the table."""
    return {
        "XDP": _run(relay, program, _cases(relay, "xdp"), LIMITS),
        "TC": _run(relay, program, _cases(relay, "tc"), {}),
        **_crowded(relay, program),
    }


def _crowded(relay: Relay, program: Path) -> dict[str, list[Cost]]:
    """XDP again, with much else configured: what is not ours must not cost more."""
    cases = [case for case in _cases(relay, "xdp") if "unfinished" not in case["name"]]
    with _other_links(relay):
        links = _run(relay, program, cases, LIMITS)
    tra = [case for case in cases if case["name"].startswith("TRA")]
    with _prefixes(relay):
        prefixes = _run(relay, program, tra, {})
    return {
        f"XDP, {OTHER_LINKS:,} other links, their addresses, 255 other instances": links,
        f"XDP, {PREFIXES:,} CRA prefixes": prefixes,
    }


def _cases(relay: Relay, layer: str) -> list[Case]:
    passed, relayed = (
        (XDP_PASS, XDP_REDIRECT) if layer == "xdp" else (TC_ACT_UNSPEC, TC_ACT_REDIRECT)
    )
    common = {"program": str(relay.product.pins / f"prog_{layer}"), "layer": layer}
    cases = [
        {"name": name, "device": "c0", "frame": frame.hex(), "verdict": passed,
         "repeatable": True, **common}
        for name, frame in frames.foreign().items()
    ]
    for way in frames.ways():
        case = {"name": way.name, "device": way.device, "frame": way.frame.hex(),
                "verdict": relayed, "repeatable": False, **common}
        if way.question:
            case["route"] = way.question.hex()
        cases.append(case)
        if layer == "xdp":
            unfinished = frames.unfinished(way.frame).hex()
            cases.append({**case, "name": f"{way.name}, unfinished checksum", "frame": unfinished})
    return cases


def _run(relay: Relay, program: Path, cases: list[Case], limits: dict[str, float]) -> list[Cost]:
    done = run(*relay.inside.argv(program), stdin=json.dumps(cases), timeout=300.0)
    return [
        Cost(
            result["name"],
            result["raw"],
            result["empty"],
            result.get("lookup"),
            limits.get(result["name"]),
        )
        for result in json.loads(done.stdout)
    ]


# Entries of others, as the ABI has them (include/dhcp46/abi.h).


@contextmanager
def _other_links(relay: Relay) -> Iterator[None]:
    """Links, addresses and upstreams of instances 2 to 256, none of which gets a packet."""
    with _entries(relay, "links", ((_link_key(i), bytes(56)) for i in range(OTHER_LINKS))):
        addresses = ((_address_key(i), bytes(64)) for i in range(OTHER_LINKS))
        upstreams = ((_upstream_key(i), bytes(24)) for i in range(255 * 4))
        with _entries(relay, "addresses", addresses), _entries(relay, "upstreams", upstreams):
            yield


@contextmanager
def _prefixes(relay: Relay) -> Iterator[None]:
    """More prefixes of the TRA, of 64 bits, around the one that it serves."""
    instance = _instance_id(relay, "core")
    allowed = struct.pack("=I4x", 1)
    keys = (_prefix_key(instance, i) for i in range(PREFIXES))
    with _entries(relay, "cra_prefixes", ((key, allowed) for key in keys)):
        yield


def _link_key(i: int) -> bytes:
    return struct.pack("=IHHHH", 10_000 + i, 0, 0, 1, 0)


def _address_key(i: int) -> bytes:
    address = ipaddress.IPv6Address("2001:db8:d::") + i
    return address.packed + struct.pack("=IHH", 10_000 + i, 0, 0)


def _upstream_key(i: int) -> bytes:
    return struct.pack("=II", 1000 + i // 4, i % 4)


def _prefix_key(instance: int, i: int) -> bytes:
    address = ipaddress.IPv6Address("2001:db8:c::") + ((i + 1) << 64)
    return struct.pack("=II", 32 + 64, instance) + address.packed


def _instance_id(relay: Relay, name: str) -> int:
    dump = run("bpftool", "-j", "map", "dump", "pinned", relay.product.pins / "instances")
    for entry in json.loads(dump.stdout):
        formatted = entry["formatted"]
        if formatted["value"]["name"] == name:
            return int(formatted["key"])
    raise AssertionError(f"no instance {name}")


@contextmanager
def _entries(relay: Relay, name: str, entries: Iterator[tuple[bytes, bytes]]) -> Iterator[None]:
    """Adds entries to a pinned map, and takes them out again."""
    pin = relay.product.pins / name
    kept = list(entries)
    _batch(f"map update pinned {pin} key hex {k.hex(' ')} value hex {v.hex(' ')}" for k, v in kept)
    try:
        yield
    finally:
        _batch(f"map delete pinned {pin} key hex {k.hex(' ')}" for k, _ in kept)


def _batch(commands: Iterator[str]) -> None:
    run("bpftool", "batch", "file", "-", stdin="".join(f"{c}\n" for c in commands), timeout=120.0)
