# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""One boot: shares, QEMU in software emulation, and the commands' outcomes."""

import shlex
import shutil
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import initramfs
from .kernel import Kernel, Unavailable

MEMORY = "2048M"
VIRTIOFSD = ("/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd")
CPU = "max,la57=off"


@dataclass(frozen=True)
class Command:
    name: str
    argv: tuple[str, ...]
    seconds: int  # its time limit


@dataclass(frozen=True)
class Outcome:
    status: int | None  # None: it gave none
    seconds: float
    output: str


def tools() -> tuple[str, str]:
    """QEMU and virtiofsd."""
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        raise Unavailable("no qemu-system-x86_64 (tools/setup)")
    for path in VIRTIOFSD:
        if Path(path).exists():
            return qemu, path
    raise Unavailable("no virtiofsd (tools/setup)")


def run(kernel: Kernel, commands: list[Command], work: Path) -> dict[str, Outcome]:
    """Boots once and runs the commands one after the other, from the host's root directory."""
    qemu, virtiofsd = tools()
    results = work / "results"
    results.mkdir()
    (results / "commands").write_text(_script(commands, results))
    initrd = work / "initrd"
    initrd.write_bytes(initramfs.build(kernel, results))
    limit = 60 + sum(command.seconds for command in commands)
    with ExitStack() as cleanup:
        shares: list[str] = []
        for tag, source in (("hostroot", Path("/")), ("results", results)):
            shares += _share(cleanup, virtiofsd, tag, source, work)
        _boot(qemu, kernel, initrd, shares, work / "console", limit)
    return {command.name: _outcome(results, command.name) for command in commands}


def _script(commands: list[Command], results: Path) -> str:
    lines = ["cd /", "export LC_ALL=C.UTF-8 HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
    for command in commands:
        where = shlex.quote(str(results / command.name))
        words = shlex.join(("timeout", str(command.seconds), *command.argv))
        lines += [
            "began=$(cut -d' ' -f1 /proc/uptime)",
            f"{words} >{where}.log 2>&1 </dev/null",
            f"echo $? $began $(cut -d' ' -f1 /proc/uptime) >{where}.status",
        ]
    return "\n".join(lines) + "\n"


def _share(cleanup: ExitStack, virtiofsd: str, tag: str, source: Path, work: Path) -> list[str]:
    """Starts the file server of one share; QEMU's arguments for it."""
    socket = work / f"{tag}.socket"
    with (work / f"{tag}.log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(virtiofsd, f"--socket-path={socket}", "-o", f"source={source}"),
                *("-o", "cache=always,sandbox=chroot", "-o", "log_level=err"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    cleanup.callback(_end, server)
    deadline = time.monotonic() + 10
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise Unavailable(f"virtiofsd: {(work / f'{tag}.log').read_text().strip()}")
        time.sleep(0.02)
    return [
        *("-chardev", f"socket,id={tag},path={socket}"),
        *("-device", f"vhost-user-fs-pci,chardev={tag},tag={tag}"),
    ]


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _boot(
    qemu: str, kernel: Kernel, initrd: Path, shares: list[str], console: Path, limit: int
) -> None:
    argv = [
        *(qemu, "-accel", "tcg", "-cpu", CPU, "-smp", "2", "-m", MEMORY),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-kernel", str(kernel.image), "-initrd", str(initrd)),
        *("-append", "console=ttyS0 panic=-1 quiet loglevel=4"),
        *("-chardev", f"file,id=console,path={console}", "-serial", "chardev:console"),
        *("-object", f"memory-backend-memfd,id=memory,size={MEMORY},share=on"),
        *("-numa", "node,memdev=memory", *shares),
    ]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as process:
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
        except BaseException:
            process.kill()
            raise


def _outcome(results: Path, name: str) -> Outcome:
    log, status = results / f"{name}.log", results / f"{name}.status"
    output = log.read_text(errors="replace") if log.exists() else ""
    if not status.exists():
        return Outcome(None, 0.0, output)
    code, began, ended = status.read_text().split()
    return Outcome(int(code), float(ended) - float(began), output)
