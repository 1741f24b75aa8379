# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What a user that is not root needs: the capabilities of docs/security.md, a bpffs of its own, and
nothing else."""

import os

from harness.registry import case
from lab.answers import PRIVILEGE, readable_by_all, refused
from lab.checks import check, check_equal, take_lease
from lab.controller import controller
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.product import Dhcp46

USER = 65534
NEEDED = ("bpf", "net_admin", "perfmon")
GRANTED = (*NEEDED, "net_raw", "net_bind_service")
SECOND_TRA = "2001:db8:ff::2"
LOW_PORT = 46


def as_user(lab: Lab, product: Dhcp46, capabilities: tuple[str, ...]) -> Dhcp46:
    """The product, by a user with exactly these capabilities, who cannot get any other."""
    exactly = ",".join(("-all", *(f"+{name}" for name in capabilities)))
    through = (
        *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"),
        *(f"--inh-caps={exactly}", f"--ambient-caps={exactly}", f"--bounding-set={exactly}"),
    )
    return Dhcp46(readable_by_all(lab), product.namespace, product.bpffs, through)


def lease(lab: Lab) -> None:
    """All of a lease, from attach to detach; who only reads needs no capability at all."""
    for product in (lab.cra, lab.tra):
        os.chown(product.bpffs, USER, USER)
    lab.cra, lab.tra = (as_user(lab, product, GRANTED) for product in (lab.cra, lab.tra))
    lab.attach_cra()
    lab.attach_tra()
    lab.start_server("kea-udp")  # a TSV's has its device only now
    with controller(lab) as running:
        take_lease(lab, "udhcpc")
        check_equal(running.report()["pid"], running.daemon.process.pid, "the controller's process")
    reader = as_user(lab, lab.cra, ())
    for command in (("status", "--check"), ("stats",), ("upstream", "list"), ("wait",)):
        check(bool(reader.run(*command, CRA_NAME).stdout), f"{command} says nothing")
    if lab.spec.cra == "lcra":
        lab.cra.run("upstream", "add", CRA_NAME, SECOND_TRA)
    lab.cra.run("detach", CRA_NAME)
    lab.tra.run("detach", TRA_NAME)
    check_equal(lab.cra.pinned() + lab.tra.pinned(), [], "pins")


def one_less(lab: Lab) -> None:
    """Without any one of the capabilities, what changes something says which one is missing."""
    for missing in GRANTED:
        product = as_user(lab, lab.cra, tuple(name for name in GRANTED if name != missing))
        refused(product, PRIVILEGE, "run", mentions=f": CAP_{missing.upper()} is missing\n")
        if missing not in NEEDED:
            continue
        for command in (
            *(lab.cra_arguments(), ("detach", CRA_NAME)),
            *(("upstream", kind, CRA_NAME, SECOND_TRA) for kind in ("add", "del", "learn")),
        ):
            why = f": CAP_{missing.upper()} is missing\n"
            refused(product, PRIVILEGE, *command, mentions=why)


def low_port(lab: Lab) -> None:
    """Metrics can have a port below 1024."""
    path = lab.work / "dhcp46.toml"
    path.write_text(f'[controller]\nmetrics = "127.0.0.1:{LOW_PORT}"\n')
    os.chown(lab.cra.bpffs, USER, USER)
    config = ("--config", str(path))
    with controller(lab, *config, product=as_user(lab, lab.cra, GRANTED)) as running:
        running.wait_for("metrics_served")


def register() -> None:
    for cra, far in (("lcra", "tra"), ("hcra", "tsv")):
        for xdp in ("native", "off"):
            spec = LabSpec(xdp=xdp, cra=cra, far=far, attached=False)
            case(f"cli.privileges.lease.{cra}.{far}.{xdp}", spec, own_lab=True)(lease)
    case("cli.privileges.one-less", LabSpec(xdp="off"), own_lab=True)(one_less)
    case("cli.privileges.low-port", LabSpec(xdp="off", attached=False), own_lab=True)(low_port)


register()
