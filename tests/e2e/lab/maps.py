# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The pinned maps, as bpftool shows and changes them."""

import json
import socket
import struct
from pathlib import Path
from typing import Any

from .product import Dhcp46
from .shell import Result, run

NAMES = (
    *("meta", "instances", "links", "addresses", "upstreams", "cra_prefixes", "stats"),
    *("upstream_stats", "upstream_times"),
)
UPSTREAM_SLOTS = 8


def dump(product: Dhcp46, name: str) -> list[dict[str, Any]]:
    """The map's elements with the names of their fields, from BTF."""
    output = run("bpftool", "-j", "map", "dump", "pinned", product.pins / name).stdout
    return [element["formatted"] for element in json.loads(output)]


def try_dump(product: Dhcp46, name: str) -> Result:
    return run("bpftool", "map", "dump", "pinned", product.pins / name, check=False)


def instance_id(product: Dhcp46, name: str) -> int:
    for element in dump(product, "instances"):
        if _text(element["value"]["name"]) == name:
            return int(element["key"])
    raise AssertionError(f"no instance {name!r} in the map")


def _text(characters: str | list[str]) -> str:
    """bpftool prints a char array as a string or as a list, depending on its version."""
    if isinstance(characters, str):
        return characters.rstrip("\0")
    return "".join(characters).rstrip("\0")


def upstream_delete(product: Dhcp46, instance: int, slot: int) -> list[str | Path]:
    """The words of the bpftool command that empties the slot."""
    key = struct.pack("=II", instance, slot)
    return ["map", "delete", "pinned", product.pins / "upstreams", "key", "hex", *_octets(key)]


def upstream_update(
    product: Dhcp46, instance: int, address: str, slot: int = 0
) -> list[str | Path]:
    """The words of the bpftool command that makes `address` an upstream of the instance."""
    key = struct.pack("=II", instance, slot)
    value = socket.inet_pton(socket.AF_INET6, address) + struct.pack("=HHI", 67, 0, 0)
    return [
        *("map", "update", "pinned", product.pins / "upstreams"),
        *("key", "hex", *_octets(key), "value", "hex", *_octets(value)),
    ]


def upstream_asked(product: Dhcp46, instance: int, slot: int, asked_ns: int) -> None:
    """Makes it appear that the upstream was asked at that time, and never replied."""
    key = struct.pack("=I", instance * UPSTREAM_SLOTS + slot)
    value = struct.pack("=QQ", asked_ns, 0)
    run(
        *("bpftool", "map", "update", "pinned", product.pins / "upstream_times"),
        *("key", "hex", *_octets(key), "value", "hex", *_octets(value)),
    )


def upstream_times(product: Dhcp46, instance: int, slot: int) -> dict[str, int]:
    for element in dump(product, "upstream_times"):
        if element["key"] == instance * UPSTREAM_SLOTS + slot:
            return element["value"]
    raise AssertionError(f"no times of upstream {slot} of instance {instance}")


def _octets(data: bytes) -> list[str]:
    return [f"{octet:02x}" for octet in data]
