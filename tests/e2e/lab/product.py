# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The dhcp46 command line, run in one namespace over that namespace's own bpffs."""

import json
from pathlib import Path
from typing import Any

from .netns import Namespace
from .shell import Result


class Dhcp46:
    def __init__(
        self, binary: Path, namespace: Namespace, bpffs: Path, through: tuple[str, ...] = ()
    ) -> None:
        self.binary = binary
        self.through = through  # a command that starts it
        self.namespace = namespace
        self.bpffs = bpffs

    @property
    def pins(self) -> Path:
        return self.bpffs / "dhcp46"

    def pinned(self) -> list[Path]:
        """What of ours is on the bpffs, where the kernel and iproute2 keep things of their own."""
        return [self.pins, *self.pins.rglob("*")] if self.pins.exists() else []

    def argv(self, *arguments: str) -> list[str]:
        return self.namespace.argv(*self._words(*arguments))

    def run(self, *arguments: str, check: bool = True) -> Result:
        return self.namespace.run(*self._words(*arguments), check=check)

    def _words(self, *arguments: str) -> tuple[str | Path, ...]:
        return (*self.through, self.binary, "--bpffs", self.bpffs, *arguments)

    def json(self, *arguments: str) -> dict[str, Any]:
        return json.loads(self.run(*arguments, "--json").stdout)

    def settings(self) -> list[dict[str, Any]]:
        """What `status --json` says of the instances, but for what each packet changes."""
        instances = self.json("status")["instances"]
        for instance in instances:
            instance["upstreams"] = [
                {key: upstream[key] for key in ("slot", "address", "port", "origin")}
                for upstream in instance["upstreams"]
            ]
        return instances

    def status(self, name: str) -> dict[str, Any]:
        """The instance's part of `status --json`."""
        return next(i for i in self.json("status")["instances"] if i["name"] == name)
