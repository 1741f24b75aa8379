# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The first file system of the guest: busybox, modules, and the script that mounts the real one."""

import gzip
import shutil
import stat
import subprocess
from pathlib import Path

from .kernel import Kernel, Unavailable

INIT = Path(__file__).parent.parent / "init"
# The root share and overlay; then what the tests need and may not be able to load by themselves.
MODULES = ("virtio_pci", "virtiofs", "overlay", "veth")
TEST_MODULES = ("sch_ingress", "cls_bpf", "cls_u32", "act_mirred", "af_packet", "tun", "8021q")
DIRECTORIES = ("bin", "modules", "proc", "sys", "dev", "lower", "upper", "root")


def busybox() -> Path:
    found = shutil.which("busybox")
    if not found:
        raise Unavailable("no busybox (tools/setup)")
    path = Path(found).resolve()
    linked = subprocess.run(["ldd", path], capture_output=True, check=False).returncode == 0
    if linked:
        raise Unavailable("busybox is not static (Debian's package busybox-static)")
    return path


def build(kernel: Kernel, results: Path) -> bytes:
    """A gzipped cpio archive."""
    archive = bytearray()
    for directory in DIRECTORIES:
        archive += _entry(directory, stat.S_IFDIR | 0o755, b"")
    archive += _entry("bin/busybox", stat.S_IFREG | 0o755, busybox().read_bytes())
    archive += _entry("init", stat.S_IFREG | 0o755, INIT.read_bytes())
    archive += _entry("results.path", stat.S_IFREG | 0o644, f"{results}\n".encode())
    for number, module in enumerate(kernel.modules(*MODULES, *TEST_MODULES)):
        name = f"modules/{number:02}-{module.name}"
        archive += _entry(name, stat.S_IFREG | 0o644, module.read_bytes())
    archive += _entry("TRAILER!!!", 0, b"")
    return gzip.compress(bytes(archive), 1)


def _entry(name: str, mode: int, data: bytes) -> bytes:
    """One member in the format that the kernel reads ("newc")."""
    encoded = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = b"070701" + b"".join(f"{field:08x}".encode() for field in fields)
    return _padded(header + encoded) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
