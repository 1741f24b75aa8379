# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 status, stats and upstream: what scripts rely on."""

from harness.registry import case
from lab import plan
from lab.answers import FAILED, INVALID, PRIVILEGE, USAGE, check_refusal, refused, run_as_nobody
from lab.checks import check, check_equal, seen
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley, scripted_client

SECOND_TRA = "2001:db8:ff::2"


def without_address(lab: Lab) -> None:
    """No IPv6 address yet: attached; status says what is missing, --check fails."""
    status = lab.cra.status(CRA_NAME)
    check_equal(status["ready"], False, "ready")
    check(any("IPv6" in missing for missing in status["missing"]), f"missing: {status['missing']}")
    check_equal(lab.cra.run("status", "--check", check=False).status, FAILED, "status --check")
    check_equal(lab.tra.run("status", "--check", check=False).status, 0, "--check of the TRA")


def status_frame(lab: Lab) -> None:
    """The frame of status --json, and the names of its parts."""
    for product, name, role, sides in (
        (lab.cra, CRA_NAME, "lcra", {"eth1": "client", "eth0": "ipv6"}),
        (lab.tra, TRA_NAME, "tra", {"eth0": "ipv6", "eth1": "server"}),
    ):
        status = product.status(name)
        check_equal((status["role"], status["ready"]), (role, True), "role and ready")
        check_equal(status["missing"], [], "missing")
        check_equal({d["device"]: d["side"] for d in status["devices"]}, sides, "sides")
        for device in status["devices"]:
            check_equal(device["xdp"], lab.spec.xdp, f"XDP on {device['device']}")
            check(bool(device["why"]), f"{device['device']}: no reason given")
        check_equal(product.run("status", "--check").status, 0, "status --check")
        text = product.run("status").stdout
        for word in (name, role, *sides):
            check(word in text, f"{word} is not in\n{text}")
    check_equal(lab.cra.status(CRA_NAME)["upstreams"][0]["address"], plan.TRA_V6, "upstream")


def stats_frame(lab: Lab) -> None:
    """The frame of stats --json; octets are those of the frame as received (D-21)."""
    with parley(lab) as talk:
        talk.there_and_back()
    device = next(
        device
        for device in lab.cra.json("stats", CRA_NAME)["instances"][0]["devices"]
        if device["device"] == "eth1"
    )
    octets = len(seen(lab, "client")[0].datagram.frame.data)
    wanted = {"packets": 1, "bytes": octets, "xdp": 0, "tc": 0, "slow": 0, lab.tier: 1}
    check_equal(device["relayed"]["discover"], wanted, "count of DISCOVER")
    check_equal(device["side"], "client", "side")
    text = lab.cra.run("stats").stdout
    for word in ("eth1", "discover", "offer"):
        check(word in text, f"{word} is not in\n{text}")


def upstream_commands(lab: Lab) -> None:
    """An upstream comes and goes by command, and counts at once."""
    listed = lab.cra.run("upstream", "list", CRA_NAME).stdout
    check(plan.TRA_V6 in listed, f"{plan.TRA_V6} is not in {listed!r}")
    refused(lab.cra, INVALID, "upstream", "add", CRA_NAME, "fe80::1", mentions="fe80::1")
    refused(lab.cra, FAILED, "upstream", "del", CRA_NAME, "2001:db8::9", mentions="2001:db8::9")
    refused(lab.cra, FAILED, "upstream", "list", "nobody", mentions="nobody")
    up_to_eight(lab)
    last = lab.cra.run("upstream", "del", CRA_NAME, plan.TRA_V6).stderr
    check("no_upstream" in last, f"deleting the last one says nothing of it: {last!r}")
    check_equal(lab.cra.status(CRA_NAME)["ready"], False, "ready without an upstream")
    before = lab.counters()
    with scripted_client(lab) as client:
        client.send(client.message("discover"))
    lab.expect_moved(before, {"cra.eth1.dropped.no_upstream": 1})
    lab.cra.run("upstream", "add", CRA_NAME, SECOND_TRA)
    check_equal(upstream_addresses(lab), [SECOND_TRA], "upstreams")
    lab.cra.run("upstream", "del", CRA_NAME, SECOND_TRA)
    lab.cra.run("upstream", "add", CRA_NAME, plan.TRA_V6)
    lab.clear_captures()
    with parley(lab) as talk:
        talk.there_and_back()


def up_to_eight(lab: Lab) -> None:
    """A ninth is refused, one that is there is said to be, and who stays keeps its slot."""
    others = [f"2001:db8:ff::{number}" for number in range(11, 18)]
    for address in others:
        lab.cra.run("upstream", "add", CRA_NAME, address)
    check_equal(upstream_addresses(lab), [plan.TRA_V6, *others], "upstreams")
    refused(lab.cra, FAILED, "upstream", "add", CRA_NAME, SECOND_TRA, mentions="8 upstreams")
    again = lab.cra.run("upstream", "add", CRA_NAME, others[0]).stderr
    check(others[0] in again, f"adding one that is there says nothing of it: {again!r}")
    for address in others:
        lab.cra.run("upstream", "del", CRA_NAME, address)
    check_equal(upstream_addresses(lab), [plan.TRA_V6], "upstreams")


def learned_upstreams(lab: Lab) -> None:
    """What DHCPv6 taught is replaced as a whole, and is all that is."""
    learn = ("upstream", "learn", CRA_NAME)
    one, two, three = (f"2001:db8:ff::{number}" for number in (11, 12, 13))
    own = {plan.TRA_V6: "cli"}
    for addresses in ((one, two), (two, plan.TRA_V6, three), (two, two), ()):
        lab.cra.run(*learn, *addresses)
        learned = {address: "hook" for address in addresses if address not in own}
        check_equal(upstream_origins(lab), own | learned, f"upstreams after learning {addresses}")
    lab.cra.run(*learn, one)
    nine = tuple(f"2001:db8:ff::{number}" for number in range(21, 29))
    refused(lab.cra, FAILED, *learn, *nine, mentions="8 learned upstreams")
    for bad in ("fe80::1", "ff02::1", "::1", "192.0.2.1", "somewhere", plan.CRA_V6):
        refused(lab.cra, INVALID, *learn, two, bad, mentions=bad)
    refused(lab.cra, FAILED, "upstream", "learn", "nobody", one, mentions="nobody")
    refused(lab.cra, USAGE, "upstream", "learn")
    check_refusal(run_as_nobody(lab, *learn, two), PRIVILEGE, "privilege")
    check_equal(upstream_origins(lab), own | {one: "hook"}, "upstreams after refusals")
    lab.cra.run("upstream", "del", CRA_NAME, plan.TRA_V6)
    last = lab.cra.run(*learn).stderr
    check("no_upstream" in last, f"forgetting the last one says nothing of it: {last!r}")
    check_equal(upstream_origins(lab), {}, "upstreams")
    lab.cra.run(*learn, plan.TRA_V6)
    lab.clear_captures()
    with parley(lab) as talk:
        talk.there_and_back()


def missing_pin(lab: Lab) -> None:
    """A pin was removed by hand: nobody says "nothing is attached", and attach clears nothing."""
    (lab.cra.pins / "stats").unlink()
    for arguments in (("status",), ("stats",), tuple(lab.cra_arguments())):
        refused(lab.cra, FAILED, *arguments, mentions="pins are gone")
    lab.cra.run("detach", "--all")
    check_equal(lab.cra.run("status").status, 0, "status after detach")
    check(not lab.cra.pins.exists(), "detach left pins")


def directory_as_pin(lab: Lab) -> None:
    """A directory has the name of a pin: no permission is missing."""
    pin = lab.cra.pins / "stats"
    pin.unlink()
    pin.mkdir()
    answer = refused(lab.cra, FAILED, "status", mentions=str(pin))
    check("CAP_" not in answer.stderr, answer.stderr)
    pin.rmdir()


def full_disk(lab: Lab) -> None:
    """What did not get there is an error, and says so."""
    for word in ("status", "stats"):
        command = lab.cra.argv(word, "--json")
        answer = lab.at.cra.run("sh", "-c", '"$@" >/dev/full', "sh", *command, check=False)
        check_refusal(answer, FAILED, "No space left")


def not_root(lab: Lab) -> None:
    """Who may not read the pins is told of their permissions, and of no capability."""
    for root in (lab.cra.bpffs, *lab.cra.bpffs.parents):
        if lab.workspace.directory in root.parents or root == lab.workspace.directory:
            root.chmod(0o755)
    answer = run_as_nobody(lab, "--bpffs", lab.cra.bpffs, "status")
    check_refusal(answer, PRIVILEGE, "permission")
    check("CAP_" not in answer.stderr, answer.stderr)


def no_bpffs(lab: Lab) -> None:
    """A wrong --bpffs is no healthy empty host."""
    for path in (lab.work, lab.work / "nowhere"):
        answer = lab.cra.namespace.run(lab.cra.binary, "--bpffs", path, "status", check=False)
        check_refusal(answer, FAILED, "bpffs")


def upstream_addresses(lab: Lab) -> list[str]:
    return [upstream["address"] for upstream in lab.cra.status(CRA_NAME)["upstreams"]]


def upstream_origins(lab: Lab) -> dict[str, str]:
    return {one["address"]: one["origin"] for one in lab.cra.status(CRA_NAME)["upstreams"]}


def global_options(lab: Lab) -> None:
    """--bpffs and its like are taken before and after the subcommand; so is DHCP46_BPFFS."""
    product, namespace = lab.cra, lab.at.cra
    expected = product.run("upstream", "list", CRA_NAME).stdout
    listed = (product.binary, "upstream", "list", CRA_NAME)
    after = namespace.run(*listed, "--bpffs", product.bpffs).stdout
    by_environment = namespace.run("env", f"DHCP46_BPFFS={product.bpffs}", *listed).stdout
    check_equal((after, by_environment), (expected, expected), "upstreams")
    for words in (("--version",), ("--help",), ("attach", "--help"), ("attach", "lcra", "--help")):
        check(bool(product.run(*words).stdout), f"{words} prints nothing")


def register() -> None:
    late = LabSpec(cra_ipv6=False)
    case("cli.status.without-address", late, ("R-CRA-5",), own_lab=True)(without_address)
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp)
        case(f"cli.status.frame.{xdp}", spec)(status_frame)
        case(f"cli.stats.frame.{xdp}", spec, ("D-21",), own_lab=True)(stats_frame)
    case("cli.upstream", LabSpec(), own_lab=True)(upstream_commands)
    case("cli.upstream-learn", LabSpec(), ("R-CRA-4",), own_lab=True)(learned_upstreams)
    case("cli.missing-pin", LabSpec(), own_lab=True)(missing_pin)
    case("cli.directory-as-pin", LabSpec(), own_lab=True)(directory_as_pin)
    case("cli.full-disk", LabSpec())(full_disk)
    case("cli.not-root", LabSpec(), own_lab=True)(not_root)
    case("cli.no-bpffs", LabSpec())(no_bpffs)
    case("cli.global-options", LabSpec())(global_options)


register()
