# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 attach and detach: what they refuse, what they leave, and under traffic."""

import json
import random
import subprocess
import time

from harness.registry import case
from lab import plan, topology
from lab.answers import FAILED, FEATURE, INVALID, PRIVILEGE, USAGE, check_refusal, refused, traces
from lab.checks import check, check_equal
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.product import Dhcp46
from lab.shell import run
from lab.stream import Stream

BARE = LabSpec(attached=False)
CRA_ARGUMENTS = ("attach", "lcra", CRA_NAME, "--client-dev", "eth1", "--uplink-dev", "eth0")
TRA_ARGUMENTS = ("attach", "tra", TRA_NAME, "--v6-dev", "eth0", "--v4-dev", "eth1")
UPSTREAM = ("--upstream", plan.TRA_V6)


def nothing_attached(lab: Lab) -> None:
    check_equal(traces(lab.cra, "eth0", "eth1"), [], "traces in the CRA's namespace")


def twice_under_traffic(lab: Lab) -> None:
    """Attaching again, and again, changes nothing and loses no packet."""
    before = lab.cra.settings(), lab.tra.settings()
    with Stream(lab) as stream:
        stream.wait_for_some()
        for _ in range(5):
            lab.attach_cra()
            lab.attach_tra()
        stream.wait_for_some()
    stream.arrived("server")
    check_equal((lab.cra.settings(), lab.tra.settings()), before, "status")


def missing_device(lab: Lab) -> None:
    arguments = ("attach", "lcra", CRA_NAME, "--client-dev", "eth9", *UPSTREAM)
    refused(lab.cra, FAILED, *arguments, mentions="eth9")
    nothing_attached(lab)


def foreign_program_native(lab: Lab) -> None:
    """Another XDP program on the device: native is refused, and the program named."""
    foreign_program(lab)
    refused(lab.cra, FEATURE, *CRA_ARGUMENTS, *UPSTREAM, "--xdp", "native", mentions="lab_pass")
    check_equal(lab.cra.pinned(), [], "pins")


def foreign_program_auto(lab: Lab) -> None:
    """Another XDP program on the device: auto works through TC and says why."""
    foreign_program(lab)
    lab.cra.run(*CRA_ARGUMENTS, *UPSTREAM, "--xdp", "auto")
    devices = {device["device"]: device for device in lab.cra.status(CRA_NAME)["devices"]}
    check_equal(devices["eth1"]["xdp"], "off", "XDP on eth1")
    check("lab_pass" in devices["eth1"]["why"], f"why: {devices['eth1']['why']}")
    lab.attach_tra()
    with parley(lab) as talk:
        talk.there_and_back()
    lab.cra.run("detach", CRA_NAME)
    link = lab.at.cra.ip_json("link", "show", "dev", "eth1")[0]
    check("xdp" in link, "the foreign program was removed")


def foreign_program(lab: Lab) -> None:
    program = str(lab.workspace.pass_program)
    lab.at.cra.ip("link", "set", "dev", "eth1", "xdpdrv", "obj", program, "sec", "xdp")


def foreign_filters_stay(lab: Lab) -> None:
    """A clsact qdisc and a filter that are not ours survive attach and detach."""
    namespace = lab.at.cra
    namespace.run("tc", "qdisc", "add", "dev", "eth1", "clsact")
    namespace.run(
        *("tc", "filter", "add", "dev", "eth1", "ingress", "protocol", "ip", "prio", "77"),
        *("u32", "match", "ip", "dst", "203.0.113.77/32", "flowid", "1:77"),
    )
    before = namespace.run("tc", "filter", "show", "dev", "eth1", "ingress").stdout
    lab.attach_cra()
    lab.attach_tra()
    with parley(lab) as talk:
        talk.there_and_back()
    lab.cra.run("detach", CRA_NAME)
    after = namespace.run("tc", "filter", "show", "dev", "eth1", "ingress").stdout
    check_equal(after, before, "the other filter")


def auto_without_native_path(lab: Lab) -> None:
    """Where a peer takes no XDP redirect, auto works through TC; where it does, through XDP."""
    lab.cra.run(*CRA_ARGUMENTS, *UPSTREAM, "--xdp", "auto")
    lab.attach_tra()
    with parley(lab) as talk:
        talk.there_and_back()
    for device in lab.cra.status(CRA_NAME)["devices"]:
        check_equal(device["xdp"], "off", f"XDP on {device['device']}")
        check(bool(device["why"]), f"{device['device']}: no reason given")
    topology.let_peers_pass(lab.at, lab.workspace.pass_program)
    lab.cra.run(*CRA_ARGUMENTS, *UPSTREAM, "--xdp", "auto")
    for device in lab.cra.status(CRA_NAME)["devices"]:
        check_equal(device["xdp"], "native", f"XDP on {device['device']}: {device['why']}")
    with parley(lab) as talk:
        talk.there_and_back()


def without_privilege(lab: Lab) -> None:
    """Root without capabilities: exit 4 and what is missing."""
    drop = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    command = (lab.cra.binary, "--bpffs", lab.cra.bpffs, *CRA_ARGUMENTS, *UPSTREAM)
    result = lab.at.cra.run(*drop, *command, check=False)
    check_refusal(result, PRIVILEGE, "CAP_")
    nothing_attached(lab)


def bad_values(lab: Lab) -> None:
    """Values that cannot be: exit 3; a command line that cannot be: exit 2. Nothing is attached."""
    never = ("fe80::1", "ff02::1", "::1", "::", "::ffff:192.0.2.1", "192.0.2.1", "tra.example")
    for upstream in never:
        refused(lab.cra, INVALID, *CRA_ARGUMENTS, "--upstream", upstream, mentions=upstream)
    tra = (*TRA_ARGUMENTS, "--server", plan.SERVER_V4)
    refused(lab.tra, INVALID, *TRA_ARGUMENTS, "--server", "2001:db8::1", mentions="2001:db8::1")
    refused(lab.tra, INVALID, *TRA_ARGUMENTS, "--server", "0.0.0.0", mentions="0.0.0.0")
    refused(lab.tra, INVALID, *tra, "--cra-prefix", "2001:db8::/129", mentions="2001:db8::/129")
    refused(lab.tra, INVALID, *tra, "--cra6addr", "255", mentions="255")
    refused(lab.cra, INVALID, *CRA_ARGUMENTS, *UPSTREAM, "--hops-limit", "17", mentions="17")
    refused(lab.cra, INVALID, *CRA_ARGUMENTS, *UPSTREAM, "--source", "fe80::1", mentions="fe80::1")
    long_name = ("attach", "lcra", "a-name-of-17-octets", "--client-dev", "eth1", *UPSTREAM)
    refused(lab.cra, INVALID, *long_name, mentions="a-name-of-17-octets")
    for usage in ((), ("attach",), ("fly",), ("attach", "lcra", "x"), ("attach", "router", "x")):
        status = lab.cra.run(*usage, check=False).status
        check_equal(status, USAGE, f"exit status of dhcp46 {' '.join(usage)}")
    nothing_attached(lab)


def other_namespace(lab: Lab) -> None:
    """A bpffs that another namespace's dhcp46 uses is not touched, and the error says so."""
    lab.attach_cra()
    before = lab.cra.status(CRA_NAME)
    stranger = Dhcp46(lab.cra.binary, lab.at.tra, lab.cra.bpffs)
    for arguments in (
        (*TRA_ARGUMENTS, "--server", plan.SERVER_V4),
        ("status",),
        ("stats",),
        ("detach", "--all"),
    ):
        refused(stranger, FAILED, *arguments, mentions="namespace")
    check_equal(lab.cra.status(CRA_NAME), before, "status in the namespace that owns the pins")


def detach_removes_all(lab: Lab) -> None:
    """No pin, no hook, no program is left by the last detach; status then lists nothing."""
    check(bool(traces(lab.cra, "eth0", "eth1")), "attached, and no trace of it")
    lab.cra.run("detach", CRA_NAME)
    lab.tra.run("detach", "--all")
    for product in (lab.cra, lab.tra):
        check_equal(traces(product, "eth0", "eth1"), [], "what detach left")
        check_equal(product.json("status")["instances"], [], "instances in status")
    refused(lab.cra, FAILED, "detach", CRA_NAME, mentions=CRA_NAME)
    lab.tra.run("detach", "--all")


def detach_without_device(lab: Lab) -> None:
    """A device that went away does not keep its instance from being detached."""
    lab.at.cra.ip("link", "del", "eth1")
    status = lab.cra.status(CRA_NAME)
    check_equal(status["ready"], False, "ready without the client device")
    lab.cra.run("detach", CRA_NAME)
    check_equal(traces(lab.cra, "eth0"), [], "what detach left")


def killed_half_way(lab: Lab) -> None:
    """However far an attach came before it was killed, the next one works, and detach too."""
    command = lab.cra.argv(*CRA_ARGUMENTS, *UPSTREAM, "--xdp", lab.spec.xdp)
    began = time.monotonic()
    lab.cra.run(*command[command.index(str(lab.cra.bpffs)) + 1 :])
    usual = time.monotonic() - began
    lab.cra.run("detach", CRA_NAME)
    generator = random.Random(46)
    for _ in range(20):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
            try:
                it.wait(usual * generator.random())
            except subprocess.TimeoutExpired:
                it.kill()
    lab.attach_cra()
    lab.attach_tra()
    with parley(lab) as talk:
        talk.there_and_back()
    lab.cra.run("detach", "--all")
    check_equal(traces(lab.cra, "eth0", "eth1"), [], "what detach left")


def max_links(lab: Lab) -> None:
    """Room for links is made when the programs are loaded; more is to be had by loading them anew."""

    def room() -> dict[str, int]:
        shown = {
            name: json.loads(run("bpftool", "-j", "map", "show", "pinned", lab.cra.pins / name).stdout)
            for name in ("links", "stats", "tx_devices", "addresses")
        }
        return {name: one["max_entries"] for name, one in shown.items()}

    usual = {"addresses": 8192}
    lab.attach_cra("--max-links", "64")
    check_equal(room(), {"links": 64, "stats": 64, "tx_devices": 64, **usual}, "sizes")
    refused(lab.cra, FAILED, *lab.cra_arguments(), "--max-links", "65", mentions="--max-links")
    lab.attach_cra("--max-links", "64")
    lab.attach_cra()
    check_equal(room()["links"], 64, "links")
    lab.cra.run("detach", CRA_NAME)
    lab.attach_cra("--max-links", "4096")
    check_equal(room(), {"links": 4096, "stats": 4096, "tx_devices": 4096, **usual}, "sizes")
    lab.attach_cra("--max-links", "1024")  # there is room for so many
    lab.attach_tra()
    with parley(lab) as talk:
        talk.there_and_back()


def update_in_place(lab: Lab) -> None:
    """Attaching with other values updates the instance; with another role it is refused."""
    lab.attach_cra("--hops-limit", "4")
    check_equal(lab.cra.status(CRA_NAME)["policy"]["hops_limit"], 4, "hops limit")
    lab.attach_cra()
    check_equal(lab.cra.status(CRA_NAME)["policy"]["hops_limit"], 16, "hops limit")
    role = ("attach", "tra", CRA_NAME, "--v6-dev", "eth0", "--v4-dev", "eth1")
    refused(lab.cra, FAILED, *role, "--server", plan.SERVER_V4, mentions=CRA_NAME)
    with parley(lab) as talk:
        talk.there_and_back()


def register() -> None:
    for name, spec, body in (
        ("missing-device", BARE, missing_device),
        ("foreign-program.native", BARE, foreign_program_native),
        ("foreign-program.auto", BARE, foreign_program_auto),
        ("foreign-filters-stay", BARE, foreign_filters_stay),
        ("auto", LabSpec(xdp="off", attached=False), auto_without_native_path),
        ("without-privilege", BARE, without_privilege),
        ("bad-values", BARE, bad_values),
        ("other-namespace", BARE, other_namespace),
        ("detach-removes-all.native", LabSpec(), detach_removes_all),
        ("detach-removes-all.off", LabSpec(xdp="off"), detach_removes_all),
        ("detach-without-device", LabSpec(), detach_without_device),
        ("max-links", BARE, max_links),
        ("update-in-place", LabSpec(), update_in_place),
        ("twice-under-traffic.native", LabSpec(), twice_under_traffic),
        ("twice-under-traffic.off", LabSpec(xdp="off"), twice_under_traffic),
    ):
        case(f"cli.attach.{name}", spec, IDS.get(name, ()), own_lab=True)(body)
    # Under QEMU, loading the programs takes seconds.
    case("cli.attach.killed-half-way", BARE, own_lab=True, timeout=180)(killed_half_way)


IDS = {
    "missing-device": ("D-12",),
    "foreign-program.native": ("D-19",),
    "bad-values": ("E-34", "D-1"),
}

register()
