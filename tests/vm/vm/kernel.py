# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Debian's kernel package: downloaded and unpacked, never installed."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

META_PACKAGE = "linux-image-cloud-amd64"


class Unavailable(Exception):
    """Something that this layer needs is not to be had here."""


@dataclass(frozen=True)
class Kernel:
    version: str
    directory: Path  # the unpacked package

    @property
    def image(self) -> Path:
        return self.directory / "boot" / f"vmlinuz-{self.version}"

    def modules(self, *names: str) -> list[Path]:
        """The modules and what they depend on, in the order in which they can be loaded."""
        files = {_plain(path): path for path in (self.directory / "lib").rglob("*.ko")}
        ordered: list[Path] = []
        for name in names:
            _add_with_dependencies(name, files, ordered)
        return ordered


def _plain(path: Path) -> str:
    return path.stem.replace("-", "_")


def _add_with_dependencies(name: str, files: dict[str, Path], ordered: list[Path]) -> None:
    path = files.get(name.replace("-", "_"))
    if path is None or path in ordered:
        return  # not there: built into the kernel
    found = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
    for dependency in (found.group(1).decode() if found else "").split(","):
        if dependency:
            _add_with_dependencies(dependency, files, ordered)
    ordered.append(path)


def fetch(cache: Path) -> Kernel:
    """The newest kernel of the flavour, from the cache or from Debian."""
    package = _newest_package()
    version = package.removeprefix("linux-image-")
    directory = cache / version
    if not directory.is_dir():
        unpacking = cache / f"{version}.part"
        shutil.rmtree(unpacking, ignore_errors=True)
        unpacking.mkdir(parents=True)
        _command("apt-get", "download", "-q", package, cwd=unpacking)
        for file in unpacking.glob("*.deb"):
            _command("dpkg", "-x", file.name, ".", cwd=unpacking)
            file.unlink()
        unpacking.rename(directory)
    return Kernel(version, directory)


def _newest_package() -> str:
    output = _command("apt-cache", "depends", META_PACKAGE)
    found = re.search(r"Depends: (linux-image-[0-9]\S*)", output)
    if not found:
        raise Unavailable(f"apt-cache knows no {META_PACKAGE} (apt-get update?)")
    return found.group(1)


def _command(*argv: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise Unavailable(str(error)) from error
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(argv)}: {done.stderr.strip()}")
    return done.stdout
