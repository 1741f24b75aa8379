# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TC programs attached without a qdisc (tcx, Linux 6.6), which iproute2 and bpftool do not know."""

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .netns import Namespace

SYS_BPF = 321 if os.uname().machine == "x86_64" else 280
BPF_OBJ_GET, BPF_PROG_QUERY, BPF_LINK_CREATE = 7, 16, 28
DIRECTIONS = {"ingress": 46, "egress": 47}  # BPF_TCX_…
MOST_PROGRAMS = 16

_libc = ctypes.CDLL(None, use_errno=True)


def _bpf(command: int, attributes: bytes) -> tuple[int, bytes]:
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result = _libc.syscall(SYS_BPF, command, buffer, len(attributes))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"bpf({command}): {os.strerror(error)}")
    return result, buffer.raw


def _program(pin: Path) -> int:
    path = ctypes.create_string_buffer(str(pin).encode())
    return _bpf(BPF_OBJ_GET, struct.pack("=QIIII", ctypes.addressof(path), 0, 0, 0, 0))[0]


def program_ids(namespace: Namespace, device: str, direction: str) -> list[int]:
    """Of the device's programs, in the order in which they run."""
    ids = (ctypes.c_uint32 * MOST_PROGRAMS)()
    with namespace.entered():
        ifindex = socket.if_nametoindex(device)
        question = struct.pack(
            "=IIIIQII4Q",
            *(ifindex, DIRECTIONS[direction], 0, 0, ctypes.addressof(ids), MOST_PROGRAMS, 0),
            *(0, 0, 0, 0),
        )
        _, answer = _bpf(BPF_PROG_QUERY, question)
    count = struct.unpack_from("=I", answer, 24)[0]
    return list(ids[:count])


def is_known(namespace: Namespace) -> bool:
    """Whether this kernel has tcx."""
    try:
        program_ids(namespace, "lo", "ingress")
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return False
    return True


@contextmanager
def attached(namespace: Namespace, device: str, direction: str, pin: Path) -> Iterator[None]:
    """A pinned program is on the device as long as the `with` block lasts."""
    program = _program(pin)
    try:
        with namespace.entered():
            ifindex = socket.if_nametoindex(device)
            attributes = struct.pack("=IIIIIIQ", program, ifindex, DIRECTIONS[direction], 0, 0, 0, 0)
            link, _ = _bpf(BPF_LINK_CREATE, attributes)
    finally:
        os.close(program)
    try:
        yield
    finally:
        os.close(link)
