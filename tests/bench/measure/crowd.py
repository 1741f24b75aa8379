# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Entries of others in the pinned maps: links, instances, upstreams and prefixes that no packet of
ours has to do with."""

import ipaddress
import json
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from lab import maps
from lab.shell import run

from .relay import TRA, Relay

FIRST = 10_000  # of the numbers in keys that are nobody's
INSTANCES = 256  # ids are below


@dataclass(frozen=True)
class Shape:
    """Of a map."""

    key: int  # octets
    value: int
    entries: int  # that it has room for


def shape(relay: Relay, name: str) -> Shape:
    pin = relay.product.pins / name
    shown = json.loads(run("bpftool", "-j", "map", "show", "pinned", pin).stdout)
    return Shape(shown["bytes_key"], shown["bytes_value"], shown["max_entries"])


Crowd = Callable[[Relay], AbstractContextManager[None]]


@contextmanager
def links(relay: Relay) -> Iterator[None]:
    """As many links, and as many addresses, as the maps have room for."""
    with _full(relay, "links"), _full(relay, "addresses"):
        yield


@contextmanager
def instances(relay: Relay) -> Iterator[None]:
    """Every id is taken, each by a TRA that serves everybody."""
    own = {int(entry["key"]) for entry in maps.dump(relay.product, "instances")}
    everybody = (_prefix_key(i, "::/0") for i in range(1, INSTANCES) if i not in own)
    with _full(relay, "instances"), _allowed(relay, everybody):
        yield


@contextmanager
def upstreams(relay: Relay) -> Iterator[None]:
    """As many as the map has room for."""
    with _full(relay, "upstreams"):
        yield


@contextmanager
def prefixes(relay: Relay, count: int) -> Iterator[None]:
    """More of the TRA's, of 64 bits, beside the one by which it serves our CRA."""
    instance = maps.instance_id(relay.product, "core")
    networks = ipaddress.ip_network(TRA.peer_prefix).subnets(new_prefix=64)
    next(networks)  # our CRA's
    chosen = [next(networks) for _ in range(count)]
    with _allowed(relay, (_prefix_key(instance, str(network)) for network in chosen)):
        yield


def prefix_question(relay: Relay) -> bytes:
    """The key by which the TRA asks about our CRA."""
    return _prefix_key(maps.instance_id(relay.product, "core"), f"{TRA.peer()}/128")


def _prefix_key(instance: int, prefix: str) -> bytes:
    """The kernel wants the length first, the ABI the instance before the address."""
    network = ipaddress.ip_network(prefix)
    return struct.pack("=II", 32 + network.prefixlen, instance) + network.network_address.packed


def _allowed(relay: Relay, keys: Iterable[bytes]) -> AbstractContextManager[None]:
    """Has the prefixes served."""
    value = struct.pack("=I", 1).ljust(shape(relay, "cra_prefixes").value, b"\0")
    return _entries(relay, "cra_prefixes", ((key, value) for key in keys))


def _full(relay: Relay, name: str) -> AbstractContextManager[None]:
    """Fills a map with zeros, under keys that differ in their first number."""
    size = shape(relay, name)
    free = size.entries - len(maps.dump(relay.product, name))
    keys = (struct.pack("=I", FIRST + i).ljust(size.key, b"\0") for i in range(free))
    return _entries(relay, name, ((key, bytes(size.value)) for key in keys))


@contextmanager
def _entries(relay: Relay, name: str, entries: Iterable[tuple[bytes, bytes]]) -> Iterator[None]:
    """Adds entries to a pinned map, and takes them out again."""
    pin = relay.product.pins / name
    kept = list(entries)
    _batch(f"map update pinned {pin} key hex {k.hex(' ')} value hex {v.hex(' ')}" for k, v in kept)
    try:
        yield
    finally:
        _batch(f"map delete pinned {pin} key hex {k.hex(' ')}" for k, _ in kept)


def _batch(commands: Iterable[str]) -> None:
    run("bpftool", "batch", "file", "-", stdin="".join(f"{c}\n" for c in commands), timeout=120.0)
