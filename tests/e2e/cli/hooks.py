# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Which programs attach puts on a device, beside those of others, and what detach takes away."""

import json
import socket
from pathlib import Path

from harness.registry import Body, Skip, case
from lab import plan, tcx
from lab.answers import FAILED, refused, traces
from lab.checks import check, check_equal
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.product import Dhcp46
from lab.shell import run

SECOND_SOURCE = "2001:db8:a::2"
OUR_PLACE = ("prio", "46", "handle", "0x46")


def ifindex(product: Dhcp46, device: str) -> int:
    with product.namespace.entered():
        return socket.if_nametoindex(device)


def hooks(product: Dhcp46, *devices: str) -> set[str]:
    """The programs of ours that are on the devices, as `egress eth0`."""
    found = set()
    for device in devices:
        for kind in ("xdp", "tc", "egress"):
            if (product.pins / f"link_{kind}_{ifindex(product, device)}").exists():
                found.add(f"{kind} {device}")
        for direction, kind in (("ingress", "tc"), ("egress", "egress")):
            filters = product.namespace.run("tc", "filter", "show", "dev", device, direction)
            if "dhcp46_" in filters.stdout:
                found.add(f"{kind} {device}")
    return found


def attach_second(lab: Lab) -> None:
    """A TRA in the CRA's namespace, the other way round."""
    lab.at.cra.ip("addr", "add", f"{SECOND_SOURCE}/64", "dev", "eth0", "nodad")
    lab.cra.run(
        *("attach", "tra", "second", "--v6-dev", "eth0", "--v4-dev", "eth1"),
        *("--server", plan.SERVER_V4, "--source", SECOND_SOURCE, "--xdp", "off"),
    )


def go_with_the_last_need(lab: Lab) -> None:
    """Egress is where an instance needs it, and goes with the last that does."""
    check_equal(hooks(lab.cra, "eth0", "eth1"), {"tc eth0", "tc eth1", "egress eth0"}, "of lcra")
    check_equal(hooks(lab.tra, "eth0", "eth1"), {"tc eth0", "tc eth1", "egress eth1"}, "of tra")
    attach_second(lab)
    both = {"tc eth0", "tc eth1", "egress eth0", "egress eth1"}
    check_equal(hooks(lab.cra, "eth0", "eth1"), both, "of both")
    lab.cra.run("detach", CRA_NAME)
    check_equal(hooks(lab.cra, "eth0", "eth1"), both - {"egress eth0"}, "of the second")
    lab.attach_cra()
    check_equal(hooks(lab.cra, "eth0", "eth1"), both, "of both again")
    lab.cra.run("detach", "second")
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(hooks(lab.cra, "eth0", "eth1"), both - {"egress eth1"}, "of the first")
    lab.cra.run("detach", CRA_NAME)
    check_equal(traces(lab.cra, "eth0", "eth1"), [], "what detach left")


def come_back(lab: Lab) -> None:
    """A hook that somebody took away is missed by status, and attach brings it back."""
    if tcx.is_known(lab.at.cra):
        (lab.cra.pins / f"link_egress_{ifindex(lab.cra, 'eth0')}").unlink()
    else:
        lab.at.cra.run("tc", "filter", "del", "dev", "eth0", "egress", "prio", "46")
    status = lab.cra.status(CRA_NAME)
    check_equal(status["ready"], False, "ready")
    check(any("egress" in missing for missing in status["missing"]), f"{status['missing']}")
    lab.attach_cra()
    check_equal(lab.cra.status(CRA_NAME)["missing"], [], "missing")
    check_equal(hooks(lab.cra, "eth0"), {"tc eth0", "egress eth0"}, "hooks")


def load_foreign(lab: Lab) -> Path:
    directory = lab.cra.bpffs / "foreign"
    if not directory.exists():
        run("bpftool", "prog", "loadall", lab.workspace.pass_program, directory)
    return directory / "lab_pass_tc"


def program_id(pin: Path) -> int:
    return int(json.loads(run("bpftool", "-j", "prog", "show", "pinned", pin).stdout)["id"])


def beside_foreign_tcx(lab: Lab) -> None:
    """Programs of others stay on tcx; ours run before them, and leave them when they go."""
    foreign = load_foreign(lab)
    lab.attach_tra()
    wanted = {"ingress": "prog_tc", "egress": "prog_egress"}
    for direction in wanted:
        with tcx.attached(lab.at.cra, "eth0", direction, foreign):
            lab.attach_cra()
            ids = [program_id(lab.cra.pins / wanted[direction]), program_id(foreign)]
            check_equal(tcx.program_ids(lab.at.cra, "eth0", direction), ids, "programs")
            with parley(lab) as talk:
                talk.there_and_back()
            lab.cra.run("detach", CRA_NAME)
            check_equal(tcx.program_ids(lab.at.cra, "eth0", direction), ids[1:], "left")


def add_filter(lab: Lab, direction: str, *place: str) -> str:
    """A filter of somebody else on eth0; what tc shows of it."""
    program = ("bpf", "da", "pinned", str(load_foreign(lab)))
    lab.at.cra.run("tc", "qdisc", "add", "dev", "eth0", "clsact")
    lab.at.cra.run("tc", "filter", "add", "dev", "eth0", direction, *place, *program)
    return filters(lab, direction)


def filters(lab: Lab, direction: str) -> str:
    return lab.at.cra.run("tc", "filter", "show", "dev", "eth0", direction).stdout


def foreign_filter_stays(lab: Lab) -> None:
    """A filter of somebody else on clsact egress survives, also one with our numbers under tcx."""
    lab.attach_tra()
    known = tcx.is_known(lab.at.cra)
    before = add_filter(lab, "egress", *(OUR_PLACE if known else ("prio", "45")))
    lab.attach_cra()
    with parley(lab) as talk:
        talk.there_and_back()
    lab.cra.run("detach", CRA_NAME)
    check("lab_pass_tc" in before, f"no foreign filter in {before!r}")
    check_equal(filters(lab, "egress"), before, "the other filter")


def filter_in_our_place(lab: Lab) -> None:
    """Another filter with our priority and handle is an error that says so, and stays."""
    for direction in ("ingress", "egress"):
        before = add_filter(lab, direction, *OUR_PLACE)
        refused(lab.cra, FAILED, *lab.cra_arguments(), mentions="priority 46")
        check_equal(filters(lab, direction), before, "the other filter")
        check_equal(lab.cra.pinned(), [], "pins")
        lab.at.cra.run("tc", "qdisc", "del", "dev", "eth0", "clsact")


def ingress_qdisc(lab: Lab) -> None:
    """A qdisc `ingress` has no egress side: it is refused where that is needed, and left alone."""
    lab.attach_tra()
    lab.at.cra.run("tc", "qdisc", "add", "dev", "eth0", "ingress")
    before = lab.at.cra.run("tc", "qdisc", "show", "dev", "eth0").stdout
    refused(lab.cra, FAILED, *lab.cra_arguments(), mentions="clsact")
    check_equal(lab.at.cra.run("tc", "qdisc", "show", "dev", "eth0").stdout, before, "qdiscs")
    check_equal(traces(lab.cra, "eth0", "eth1"), [], "what attach left")
    lab.at.cra.run("tc", "qdisc", "del", "dev", "eth0", "ingress")
    lab.at.cra.run("tc", "qdisc", "del", "dev", "eth1", "clsact")  # detaching leaves it
    lab.at.cra.run("tc", "qdisc", "add", "dev", "eth1", "ingress")  # egress is not needed there
    lab.attach_cra()
    with parley(lab) as talk:
        talk.there_and_back()


def only_where(known: bool, body: Body) -> Body:
    """The case makes sense only on kernels with, or without, tcx."""

    def run_or_skip(lab: Lab) -> None:
        if tcx.is_known(lab.at.cra) != known:
            raise Skip("this kernel has tcx" if not known else "this kernel has no tcx")
        body(lab)

    return run_or_skip


def register() -> None:
    off = LabSpec(xdp="off")
    bare = LabSpec(xdp="off", attached=False)
    # Under QEMU each attach takes seconds.
    case("cli.hooks.go-with-the-last-need", off, own_lab=True, timeout=180)(go_with_the_last_need)
    case("cli.hooks.foreign-filter-stays", bare, own_lab=True)(foreign_filter_stays)
    case("cli.hooks.come-back", off, own_lab=True)(come_back)
    for name, with_tcx, body in (
        ("tcx.beside-foreign", True, beside_foreign_tcx),
        ("clsact.filter-in-our-place", False, filter_in_our_place),
        ("clsact.ingress-qdisc", False, ingress_qdisc),
    ):
        case(f"cli.hooks.{name}", bare, own_lab=True)(only_where(with_tcx, body))


register()
