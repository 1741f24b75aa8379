# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Another build of dhcp46 puts its programs in place of those that are attached."""

import json
import re
from collections.abc import Iterable

from harness.registry import case
from lab import flood, tcx
from lab.answers import FAILED, refused, traces
from lab.checks import check, check_equal
from lab.controller import controller
from lab.counters import moved
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.product import Dhcp46
from lab.shell import run

PROGRAMS = ("prog_xdp", "prog_tc", "prog_tc_l3", "prog_egress")
LEAST_EXCHANGES = 2


def other(lab: Lab) -> Dhcp46:
    """The other build, over the same pins."""
    return Dhcp46(lab.workspace.other_build, lab.at.cra, lab.cra.bpffs)


def pinned_programs(product: Dhcp46) -> dict[str, int]:
    return {name: shown("prog", product, name)["id"] for name in PROGRAMS}


def shown(kind: str, product: Dhcp46, pin: str) -> dict[str, int]:
    return json.loads(run("bpftool", "-j", kind, "show", "pinned", product.pins / pin).stdout)


def links(product: Dhcp46) -> dict[str, tuple[int, int]]:
    """Of each pinned link its id and that of its program."""
    found = {}
    for pin in sorted(product.pins.glob("link_*")):
        link = shown("link", product, pin.name)
        found[pin.name] = (link["id"], link["prog_id"])
    return found


def devices(product: Dhcp46) -> list[str]:
    """Those that may have programs of ours."""
    every = (link["ifname"] for link in product.namespace.ip_json("link", "show"))
    return [device for device in every if device.startswith("eth")]


def filters(product: Dhcp46) -> dict[str, int]:
    """The program of each of our clsact filters."""
    found = {}
    for device in devices(product):
        for direction in ("ingress", "egress"):
            text = product.namespace.run("tc", "filter", "show", "dev", device, direction).stdout
            ids = re.findall(r"dhcp46_\S+ .*\bid (\d+)", text)
            check(len(ids) <= 1, f"{len(ids)} filters on {direction} of {device}: {text}")
            found.update((f"{direction} {device}", int(each)) for each in ids)
    return found


def check_all_current(product: Dhcp46) -> None:
    """Every hook runs the pinned program of its kind, and is there once."""
    programs = pinned_programs(product)
    kinds = {"xdp": "prog_xdp", "tc": "prog_tc", "egress": "prog_egress"}
    for name, (_, program) in links(product).items():
        check_equal(program, programs[kinds[name.split("_")[1]]], f"the program of {name}")
    for name, program in filters(product).items():
        kind = "prog_egress" if name.startswith("egress") else "prog_tc"
        check_equal(program, programs[kind], f"the filter on {name}")
    if tcx.is_known(product.namespace):
        for device in devices(product):
            on_device = tcx.program_ids(product.namespace, device, "ingress")
            check_equal(on_device, [programs["prog_tc"]], f"programs on ingress of {device}")
    check_equal(product.status(CRA_NAME)["another_build"], False, "programs of another build")
    check_equal([str(pin) for pin in product.pins.glob("new_*")], [], "pins left over")


def replaces(lab: Lab) -> None:
    """Attaching by another build exchanges every program; links, maps and counters stay."""
    with parley(lab) as talk:
        talk.there_and_back()
    product, before, counted = lab.cra, (links(lab.cra), filters(lab.cra)), lab.counters()
    pins, programs = names(product), pinned_programs(product)
    for newer, older in ((other(lab), product), (product, other(lab))):
        check_equal(newer.status(CRA_NAME)["another_build"], True, "programs of another build")
        check("attach again" in newer.run("status").stdout, "status does not say what to do")
        newer.run(*lab.cra_arguments())
        check_all_current(newer)
        check_equal(older.status(CRA_NAME)["another_build"], True, "programs of another build")
        now = links(product), filters(product)
        check_equal(names(product), pins, "pins")
        check_equal(ids(now[0]), ids(before[0]), "links")
        check_equal(now[1].keys(), before[1].keys(), "filters")
        check(not set(pinned_programs(product).values()) & set(programs.values()), "not exchanged")
        programs = pinned_programs(product)
        check_equal(moved(counted, lab.counters()), {}, "counters that moved")
        with parley(lab) as talk:
            talk.there_and_back()
        counted = lab.counters()
    lab.cra.run("detach", CRA_NAME)
    check_equal((lab.cra.pinned(), filters(lab.cra)), ([], {}), "what detach left")


def names(product: Dhcp46) -> list[str]:
    return sorted(path.name for path in product.pinned())


def ids(pinned: dict[str, tuple[int, int]]) -> dict[str, int]:
    return {name: link for name, (link, _) in pinned.items()}


def same_build(lab: Lab) -> None:
    """Attaching by the same build exchanges nothing."""
    before = pinned_programs(lab.cra), links(lab.cra)
    lab.attach_cra()
    check_equal((pinned_programs(lab.cra), links(lab.cra)), before, "programs and links")


def under_flood(lab: Lab) -> None:
    """Exchanged again and again in a flood of requests: each is relayed, once."""
    builds = (other(lab), lab.cra)

    def exchange(_: flood.UnderWay, turn: int) -> None:
        command = builds[turn % 2].argv(*lab.cra_arguments())
        run(*command[:2], *flood.FIRST, *command[2:])

    flood.nothing_lost(lab, exchange, LEAST_EXCHANGES)


def steps(lab: Lab) -> Iterable[tuple[str, int]]:
    """The system calls by which an exchange changes anything, counted from 1 by their kind.
    Of the renamings only the first: before each of them a pin is left over, and after it, which is
    before the next pin is made, there is another."""
    trace = lab.work / "exchange.trace"
    lab.attach_cra()
    traced(lab, other(lab), "-o", str(trace), "-e", "trace=bpf,/^rename")
    counts = {"bpf": 0, "rename": 0}
    found = []
    for call, rest in re.findall(r"^(bpf|rename)\w*\((.*)$", trace.read_text(), re.MULTILINE):
        counts[call] += 1
        is_first_rename = call == "rename" and counts[call] == 1
        if is_first_rename or rest.startswith(("BPF_LINK_UPDATE", "BPF_OBJ_PIN")):
            found.append((call, counts[call]))
    check("BPF_LINK_UPDATE" in trace.read_text(), "no link is updated")
    pins = len(PROGRAMS) + 1  # and build
    check_equal(counts["rename"], pins, "renamings")
    check_equal(len(found), len(links(lab.cra)) + pins + 1, "steps")
    return found


def traced(lab: Lab, product: Dhcp46, *options: str) -> None:
    """It attaches under strace."""
    command = product.argv(*lab.cra_arguments())
    run(*command[:2], "strace", *options, *command[2:], check=False)


def killed_at_each_step(lab: Lab) -> None:
    """Killed half way, what is attached still relays, and either build brings it in order."""
    found = list(steps(lab))
    current, newer = other(lab), lab.cra
    for turn, (call, number) in enumerate(found):
        inject = f"inject=/^{call}:signal=KILL:when={number}"
        traced(lab, newer, "-o", "/dev/null", "-e", f"trace=/^{call}", "-e", inject)
        status = newer.status(CRA_NAME)
        check_equal(status["another_build"], True, f"finished before {call} {number}")
        check_equal(status["missing"], [], f"missing after {call} {number}")
        with parley(lab) as talk:
            talk.there_and_back()
        finisher = (newer, current)[turn % 2]
        finisher.run(*lab.cra_arguments())
        check_all_current(finisher)
        if finisher is newer:
            current, newer = newer, current
    lab.cra.run("detach", CRA_NAME)
    check_equal(traces(lab.cra, *devices(lab.cra)), [], "what detach left")


def by_the_controller(lab: Lab) -> None:
    """`run` of another build exchanges the programs when it starts, and says so; once."""
    lab.attach_cra()
    newer = other(lab)
    for times in (1, 0):
        with controller(lab, product=newer) as running:
            check_equal(running.said("programs_replaced"), times, "messages")
            check_all_current(newer)


def run_refuses(lab: Lab) -> None:
    """`run` does not start over what it cannot follow, and says why."""
    refused(Dhcp46(lab.cra.binary, lab.at.tra, lab.cra.bpffs), FAILED, "run", mentions="namespace")
    meta = lab.cra.pins / "meta"
    value = ["7", "0", "0", "0", *["0"] * 20]
    run("bpftool", "map", "update", "pinned", meta, "key", "0", "0", "0", "0", "value", *value)
    for command in (("run",), lab.cra_arguments(), ("status",)):
        refused(other(lab), FAILED, *command, mentions="ABI version 7")
    meta.unlink()
    refused(lab.cra, FAILED, "run", mentions="pins are gone")


def other_maps(lab: Lab) -> None:
    """Maps that the other build's programs cannot use are refused, and all goes on."""
    pin = lab.cra.pins / "punt"
    pin.unlink()
    run("bpftool", "map", "create", pin, "type", "ringbuf", "entries", "4096", "name", "punt")
    before = links(lab.cra)
    for command in (lab.cra_arguments(), ("run",)):
        refused(other(lab), FAILED, *command, mentions="map punt: its size is 4096")
    check_equal(links(lab.cra), before, "links")
    with parley(lab) as talk:
        talk.there_and_back()


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp)
        quiet = LabSpec(xdp=xdp, captured=False)
        case(f"cli.upgrade.replaces.{xdp}", spec, own_lab=True, timeout=180)(replaces)
        name = f"cli.upgrade.under-flood.{xdp}"
        case(name, quiet, own_lab=True, alone=True, timeout=120)(under_flood)
    spec = LabSpec(xdp="native")  # it has all hooks
    case("cli.upgrade.killed", spec, own_lab=True, timeout=180)(killed_at_each_step)
    hcra = LabSpec(cra="hcra", xdp="native")
    case("cli.upgrade.replaces.hcra", hcra, own_lab=True, timeout=180)(replaces)
    for name, body in (
        ("same-build", same_build),
        ("run", by_the_controller),
        ("run-refuses", run_refuses),
        ("other-maps", other_maps),
    ):
        case(f"cli.upgrade.{name}", LabSpec(), own_lab=True)(body)


register()
