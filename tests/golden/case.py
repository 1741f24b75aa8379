# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""One case of cases.json, and the checks that keep the file honest."""

import pathlib
import re

import world

ALL_TIERS = ["core", "xdp", "tc"]
ID = re.compile(r"^(R-(CRA|TRA|SUB|SEC|MULTI)|E|D)-[1-9][0-9]?$")
COUNTERS = pathlib.Path(__file__).resolve().parents[2] / "include" / "dhcp46" / "counters.def"


def read_counters():
    """{"DROP": {name: paths}, "PASS": …, "PUNT": …, "NOTE": …, "TYPE": {name: value}}"""
    found = {}
    entries = re.findall(r"^DHCP46_(\w+)\((\w+), ([^,\n]+?)[,)]", COUNTERS.read_text(), re.M)
    for section, name, paths in entries:
        found.setdefault(section, {})[name] = [path.strip() for path in paths.split("|")]
    return found


NAMES = read_counters()


class Path:
    """One way through a box: where frames come in, where they go out. Collects its cases."""

    def __init__(self, name, world_name, on, to):
        self.name = name
        self.world = world_name
        self.on = on
        self.to = to
        self.cases = []

    def relay(self, name, ids, about, frame, out, kind, *, note=None, **rest):
        """`kind` None: the requirements leave the type's name open, do not check it."""
        if kind is not None:
            assert kind in NAMES["TYPE"], kind
        assert note is None or note in NAMES["NOTE"], note
        self._add(name, ids, about, frame, fate="relay", type=kind, note=note,
                  out=bytes(out).hex(), to=self.to, **rest)

    def drop(self, name, ids, about, frame, reason, **rest):
        self._reasoned("DROP", name, ids, about, frame, reason, **rest)

    def leave(self, name, ids, about, frame, reason, **rest):
        """Fate "pass": ours, counted, left to the stack."""
        self._reasoned("PASS", name, ids, about, frame, reason, xdp="pass", **rest)

    def punt(self, name, ids, about, frame, reason, **rest):
        self._reasoned("PUNT", name, ids, about, frame, reason, xdp="pass", **rest)

    def ignore(self, name, ids, about, frame, **rest):
        self._add(name, ids, about, frame, fate="ignore", xdp="pass", **rest)

    def _reasoned(self, section, name, ids, about, frame, reason, **rest):
        paths = NAMES[section][reason]
        mine = self.name.replace("-", "_").upper()
        assert mine in paths or "DATAPATH" in paths, f"{name}: {reason} is not of {mine}"
        if mine not in paths:
            rest.setdefault("tiers", ["xdp", "tc"])
        self._add(name, ids, about, frame, fate=section.lower(), reason=reason, **rest)

    def _add(self, name, ids, about, frame, *, fate, reason=None, type=None, note=None,
             out=None, to=None, tiers=None, xdp="same", set=None, on=None):
        ids = ids.split()
        assert ids and all(ID.match(each) for each in ids), f"{name}: {ids}"
        changes = set or {}
        assert changes.keys() <= world.OVERRIDES[self.world], f"{name}: {changes}"
        self.cases.append({
            "name": f"{self.name}/{name}", "ids": ids, "about": about,
            "world": self.world, "set": changes,
            "on": on or self.on, "in": bytes(frame).hex(),
            "fate": fate, "reason": reason, "type": type, "note": note,
            "out": out, "to": to,
            "tiers": list(tiers or ALL_TIERS), "xdp": xdp,
        })
