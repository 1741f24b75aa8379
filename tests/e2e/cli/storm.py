# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 run in a flood of 200,000 requests/s: reloaded again and again, and killed each second."""

import signal

from harness.registry import case
from lab import flood
from lab.checks import check_equal
from lab.controller import controller
from lab.lab import CRA_NAME, Lab, LabSpec

from .file import instance, names, programs, write

LEAST_RELOADS = 12
LEAST_KILLS = 3
SPARE = "2001:db8:a::46"


def reloads(lab: Lab) -> None:
    """Each file differs from the one before, one in four is broken: no request is lost, and what
    the files have in common is not touched."""
    lab.at.cra.ip("link", "add", "spare", "type", "veth", "peer", "name", "other")
    lab.at.cra.ip_batch("link set spare up", "link set other up")
    lab.at.cra.ip("addr", "add", SPARE, "dev", "eth0", "nodad", "preferred_lft", "0")
    second = instance(lab, name="second", devices='["spare"]', more=f'source = "{SPARE}"')
    files = (
        ("reloaded", (instance(lab, more="hops-limit = 8"),)),
        ("reload_failed", (instance(lab, more="hops-limit = 99"),)),
        ("reloaded", (instance(lab), second)),
        ("reloaded", (instance(lab),)),
    )
    path = write(lab, instance(lab))
    with controller(lab, "--config", str(path)) as running:
        running.wait_for("ready")
        before = programs(lab)

        def reload(_: flood.UnderWay, turn: int) -> None:
            message, instances = files[turn % len(files)]
            write(lab, *instances)
            running.reload(message)

        flood.nothing_lost(lab, reload, LEAST_RELOADS)
        write(lab, instance(lab))
        running.reload()
        check_equal(names(lab), {CRA_NAME: "file"}, "instances")
        after = {name: pin for name, pin in programs(lab).items() if name in before}
        check_equal(after, before, "attached programs")


def killed_each_second(lab: Lab) -> None:
    """kill -9, and the next one adopts what is there: no request is lost."""
    path = write(lab, instance(lab))
    with controller(lab, "--config", str(path)) as running:
        running.wait_for("ready")
    before = programs(lab)

    def kill(under_way: flood.UnderWay, turn: int) -> None:
        with controller(lab, "--config", str(path)) as running:
            under_way.wait_for((turn + 1) * flood.OFFERED)
            running.daemon.signal(signal.SIGKILL)
            running.daemon.wait(10)

    flood.nothing_lost(lab, kill, LEAST_KILLS)
    check_equal(programs(lab), before, "attached programs")


def register() -> None:
    spec = LabSpec(attached=False, captured=False)
    for name, body in (("reloads", reloads), ("killed", killed_each_second)):
        case(f"cli.storm.{name}", spec, own_lab=True, alone=True, timeout=120)(body)


register()
