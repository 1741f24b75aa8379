# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""One case of cases.json, and the checks that keep the file honest."""

import pathlib
import re

import world

ALL_TIERS = ["core", "xdp", "tc"]
ID = re.compile(r"^(R-(CRA|TSV|TRA|SUB|SEC|MULTI)|E|D)-[1-9][0-9]?$")
COUNTERS = pathlib.Path(__file__).resolve().parents[2] / "include" / "dhcp46" / "counters.def"
ETHERNET = 14


def read_counters():
    """{"DROP": {name: paths}, "PASS": …, "PUNT": …, "NOTE": …, "TYPE": {name: value}}"""
    found = {}
    entries = re.findall(r"^DHCP46_(\w+)\((\w+), ([^,\n]+?)[,)]", COUNTERS.read_text(), re.M)
    for section, name, paths in entries:
        found.setdefault(section, {})[name] = [path.strip() for path in paths.split("|")]
    return found


NAMES = read_counters()


class Path:
    """One way through a box: where frames come in, where they go out. Collects its cases.

    `counted` is what counters.def calls it, if not by its own name."""

    def __init__(self, name, world_name, on, to, *, counted=None, hook="ingress"):
        self.name = name
        self.world = world_name
        self.on = on
        self.to = to
        self.counted = (counted or name).replace("-", "_").upper()
        self.hook = hook
        self.cases = []

    def relay(self, name, ids, about, frame, out, kind, *, notes=(), **rest):
        """`out` is one frame, or the copies in the order of their upstreams.
        `kind` None: the requirements leave the type's name open, do not check it."""
        if kind is not None:
            assert kind in NAMES["TYPE"], kind
        assert set(notes) <= NAMES["NOTE"].keys(), notes
        self._add(name, ids, about, frame, fate="relay", type=kind, notes=list(notes),
                  out=out if isinstance(out, list) else [out], **rest)

    def drop(self, name, ids, about, frame, reason, **rest):
        self._reasoned("DROP", name, ids, about, frame, reason, **rest)

    def leave(self, name, ids, about, frame, reason, **rest):
        """Fate "pass": ours, counted, left to the stack."""
        self._reasoned("PASS", name, ids, about, frame, reason, xdp="pass", **rest)

    def punt(self, name, ids, about, frame, reason, **rest):
        self._reasoned("PUNT", name, ids, about, frame, reason, xdp="pass", **rest)

    def ignore(self, name, ids, about, frame, **rest):
        self._add(name, ids, about, frame, fate="ignore", **{"xdp": "pass", **rest})

    def _reasoned(self, section, name, ids, about, frame, reason, **rest):
        paths = NAMES[section][reason]
        assert self.counted in paths or "DATAPATH" in paths, f"{name}: {reason} is not of {self.counted}"
        if self.counted not in paths:
            rest.setdefault("tiers", ["xdp", "tc"])
        self._add(name, ids, about, frame, fate=section.lower(), reason=reason, **rest)

    def _add(self, name, ids, about, frame, *, fate, reason=None, type=None, notes=(), out=(),
             tiers=None, xdp="same", set=None, on=None, in_world=None, partial=False):
        ids = ids.split()
        assert ids and all(ID.match(each) for each in ids), f"{name}: {ids}"
        in_world, on, changes = in_world or self.world, on or self.on, set or {}
        if out and not has_ethernet(in_world, self.to):
            xdp = "pass"  # such a device takes no redirects
        assert changes.keys() <= world.OVERRIDES[world.role(in_world)], f"{name}: {changes}"
        self.cases.append({
            "name": f"{self.name}/{name}", "ids": ids, "about": about,
            "world": in_world, "set": changes, "hook": self.hook,
            "on": on, "in": as_device_has_it(in_world, on, frame), "partial": partial,
            "fate": fate, "reason": reason, "type": type, "notes": list(notes),
            "out": [as_device_has_it(in_world, self.to, each) for each in out],
            "to": self.to if out else None,
            "tiers": self.tiers_of(in_world, on, tiers), "xdp": xdp,
        })

    def tiers_of(self, in_world, on, tiers):
        """XDP serves no device without Ethernet, and nothing on its way out."""
        without_xdp = self.hook == "egress" or not has_ethernet(in_world, on)
        return [tier for tier in tiers or ALL_TIERS if tier != "xdp" or not without_xdp]


HOST = "host"  # not a device: up into the host, where the frame came in


def has_ethernet(in_world, device):
    return device == HOST or world.WORLDS[in_world]["devices"][device]["mac"] is not None


def as_device_has_it(in_world, device, frame):
    """Hex; without the Ethernet header where a device has none."""
    return bytes(frame)[0 if has_ethernet(in_world, device) else ETHERNET:].hex()
