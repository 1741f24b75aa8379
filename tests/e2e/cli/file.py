# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 run --config: instances that a file describes, and that follow when it changes."""

from pathlib import Path
from typing import Any

from harness.registry import case
from lab import maps, plan
from lab.answers import INVALID, check_refusal
from lab.checks import check, check_equal
from lab.controller import controller
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.shell import run
from lab.stream import Stream
from lab.waiting import wait_until

SECOND, THIRD, FOURTH = "2001:db8:ff::46", "2001:db8:ff::47", "2001:db8:ff::48"


def instance(
    lab: Lab, *upstreams: str, name: str = CRA_NAME, devices: str = '["eth1"]', more: str = ""
) -> str:
    """An lcra of this lab, as the file has it."""
    quoted = ", ".join(f'"{upstream}"' for upstream in upstreams or (plan.TRA_V6,))
    return f"""
[[instance]]
name = "{name}"
role = "lcra"
client-dev = {devices}
uplink-dev = "eth0"
upstream = [{quoted}]
xdp = "{lab.spec.xdp}"
{more}
"""


def write(lab: Lab, *instances: str) -> Path:
    path = lab.work / "dhcp46.toml"
    path.write_text("".join(instances))
    return path


def upstreams(lab: Lab) -> dict[str, str]:
    """Their origins, by address."""
    return {u["address"]: u["origin"] for u in lab.cra.status(CRA_NAME)["upstreams"]}


def programs(lab: Lab) -> dict[str, Any]:
    """What would be another one if a hook had been attached again."""
    links = (path for path in lab.cra.pinned() if path.name.startswith("link_"))
    return {path.name: path.stat().st_ino for path in links}


def starts(lab: Lab) -> None:
    """Nothing is attached; the file is enough for a lease. `status` knows where it comes from."""
    lab.attach_tra()
    path = write(lab, instance(lab))
    with controller(lab, "--config", str(path)) as running:
        running.wait_for("ready")
        with parley(lab) as talk:
            talk.there_and_back()
        check_equal(lab.cra.status(CRA_NAME)["origin"], "file", "origin of the instance")
        check_equal(upstreams(lab), {plan.TRA_V6: "file"}, "upstreams")
        report = running.report()
        check_equal((report["file"], report["file_error"]), (str(path), None), "status")
        check_equal((report["waiting"], report["drift"]), ([], []), "status")
    with parley(lab) as talk:
        talk.there_and_back()


def broken_at_the_start(lab: Lab) -> None:
    """Exit 3 with all that is wrong, and nothing is attached."""
    path = write(lab, instance(lab, more='colour = "red"'), instance(lab, "fe80::1", name="other"))
    result = lab.cra.run("run", "--config", str(path), check=False)
    check_refusal(result, INVALID, f"{path}:9:1: colour")
    check("fe80::1" in result.stderr, f"the second error is not told:\n{result.stderr}")
    check_equal(lab.cra.pinned(), [], "what is pinned")
    missing = lab.cra.run("run", "--config", str(path.with_name("none.toml")), check=False)
    check_refusal(missing, INVALID, "No such file")


def reload_changes_the_difference(lab: Lab) -> None:
    """What the file did not change is not touched; others' upstreams stay."""
    lab.attach_tra()
    path = write(lab, instance(lab, plan.TRA_V6, SECOND))
    with controller(lab, "--config", str(path)) as running, Stream(lab) as stream:
        running.wait_for("ready")
        lab.cra.run("upstream", "add", CRA_NAME, THIRD)
        before, counters = programs(lab), lab.cra.json("stats")
        stream.wait_for_some()

        write(lab, instance(lab, plan.TRA_V6, FOURTH, more="hops-limit = 8"))
        running.reload()
        wanted = {plan.TRA_V6: "file", FOURTH: "file", THIRD: "cli"}
        check_equal(upstreams(lab), wanted, "upstreams")
        check_equal(lab.cra.status(CRA_NAME)["policy"]["hops_limit"], 8, "hops limit")
        check_equal(programs(lab), before, "attached programs")
        check_equal(running.report()["drift"], [{"name": CRA_NAME, "what":
            f"upstream {THIRD} (cli) is not in the file"}], "drift")
        stream.wait_for_some()
        told = "".join(running.notifications())
        check("RELOADING=1\nMONOTONIC_USEC=" in told, f"the manager is not told: {told!r}")
        check(told.rindex("READY=1") > told.index("RELOADING=1"), "not ready again")
        check(counters != lab.cra.json("stats"), "the counters stand still")
    stream.arrived("server")


def broken_reload(lab: Lab) -> None:
    """Nothing changes, the log and `status` say where the error is; mended, all is well."""
    lab.attach_tra()
    path = write(lab, instance(lab))
    with controller(lab, "--config", str(path)) as running, Stream(lab) as stream:
        running.wait_for("ready")
        before = lab.cra.settings()
        write(lab, instance(lab, SECOND, more="hops-limit = 99"))
        running.reload("reload_failed")
        check_equal(lab.cra.settings(), before, "instances")
        check(f"{path}:9" in running.report()["file_error"], "status does not say where")
        path.write_text("[[instance]\n")
        running.reload("reload_failed")
        path.unlink()
        running.reload("reload_failed")
        check_equal(lab.cra.settings(), before, "instances")
        stream.wait_for_some()
        write(lab, instance(lab))
        running.reload()
        check_equal(running.report()["file_error"], None, "error of the file")
    stream.arrived("server")


def instances_come_and_go(lab: Lab) -> None:
    """One more in the file is attached, one less detached; what the command line attached stays."""
    lab.at.cra.ip("link", "add", "spare", "type", "veth", "peer", "name", "other")
    lab.at.cra.ip_batch("link set spare up", "link set other up")
    first, second = instance(lab), instance(lab, name="second", devices='["spare"]',
        more='source = "2001:db8:a::46"')
    lab.at.cra.ip("addr", "add", "2001:db8:a::46/64", "dev", "eth0", "nodad")
    lab.at.cra.ip("addr", "add", "2001:db8:a::47/64", "dev", "eth0", "nodad")
    lab.cra.run(*("attach", "lcra", "mine", "--client-dev", "other", "--uplink-dev", "eth0"),
                *("--upstream", SECOND, "--source", "2001:db8:a::47", "--xdp", "off"))
    path = write(lab, first)
    with controller(lab, "--config", str(path)) as running:
        check_equal(names(lab), {"mine": "cli", CRA_NAME: "file"}, "instances")
        write(lab, first, second)
        running.reload()
        check_equal(names(lab), {"mine": "cli", CRA_NAME: "file", "second": "file"}, "instances")
        write(lab, second)
        running.reload()
        check_equal(running.said("removed"), 1, "messages")
        check_equal(names(lab), {"mine": "cli", "second": "file"}, "instances")
    write(lab, first)
    with controller(lab, "--config", str(path)):
        check_equal(names(lab), {"mine": "cli", CRA_NAME: "file"}, "after another start")


def names(lab: Lab) -> dict[str, str]:
    return {one["name"]: one["origin"] for one in lab.cra.json("status")["instances"]}


def drift(lab: Lab) -> None:
    """What others change is told, not taken back; a reload takes it back."""
    path = write(lab, instance(lab, plan.TRA_V6, SECOND))
    with controller(lab, "--config", str(path)) as running:
        running.wait_for("ready")
        lab.cra.run("upstream", "del", CRA_NAME, SECOND)
        number = maps.instance_id(lab.cra, CRA_NAME)
        run("bpftool", *maps.upstream_update(lab.cra, number, THIRD, slot=3))
        told = {one["what"] for one in running.report()["drift"]}
        check_equal(told, {f"upstream {SECOND} of the file is not there",
                           f"upstream {THIRD} (bpftool) is not in the file"}, "drift")
        lab.at.cra.ip("link", "set", "eth1", "mtu", "1400")  # a change that it follows
        wait_until("eth1's new MTU", lambda: client_mtu(lab) == 1400)
        check_equal(upstreams(lab), {plan.TRA_V6: "file", THIRD: "bpftool"}, "upstreams")
        lab.cra.run("detach", CRA_NAME)
        check_equal([one["what"] for one in running.report()["drift"]],
                    ["it is in the file, and was detached"], "drift")
        lab.at.cra.ip("link", "set", "eth1", "mtu", "1300")
        running.reload()
        check_equal(upstreams(lab), {plan.TRA_V6: "file", SECOND: "file"}, "upstreams")
        check_equal(running.report()["drift"], [], "drift")
        lab.attach_cra("--hops-limit", "4")
        check_equal([one["what"] for one in running.report()["drift"]],
                    ["it was attached again (cli)"], "drift")
        running.reload()
        check_equal(names(lab), {CRA_NAME: "file"}, "instances")
        check_equal(lab.cra.status(CRA_NAME)["policy"]["hops_limit"], 16, "hops limit")


def more_links(lab: Lab) -> None:
    """Maps keep their size; that more was asked for later keeps nothing else from being done."""
    path = write(lab, instance(lab))
    with controller(lab, "--config", str(path)) as running:
        write(lab, instance(lab, SECOND), "[controller]\nmax-links = 4096\n")
        running.reload()
        check_equal(upstreams(lab), {SECOND: "file"}, "upstreams")
        lab.at.cra.ip("link", "set", "eth1", "mtu", "1400")
        wait_until("eth1's new MTU", lambda: client_mtu(lab) == 1400)
        check_equal(running.report()["waiting"], [], "waiting")
        drift = running.report()["drift"]
        check("4096" in drift[0]["what"] and "1024" in drift[0]["what"], f"not said: {drift}")
        check_equal((drift[0]["name"], running.said("max_links_kept")), (None, 1), "whose, and said")
        lab.cra.run("detach", "--all")
        running.reload()
        check_equal(running.report()["drift"], [], "drift")


def client_mtu(lab: Lab) -> int:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return next(device["mtu"] for device in devices if device["side"] == "client")


def waits_for_a_device(lab: Lab) -> None:
    """D-12: a device of the file that is not there yet keeps no other instance from working."""
    lab.attach_tra()
    late = instance(lab, name="late", devices='["spare"]', more='source = "2001:db8:a::46"')
    path = write(lab, late, instance(lab))
    with controller(lab, "--config", str(path)) as running:
        waiting = running.report()["waiting"]
        check_equal([(one["name"], one["role"]) for one in waiting], [("late", "lcra")], "waiting")
        check("spare" in waiting[0]["why"], f"not why: {waiting}")
        check("ip link" in waiting[0]["hint"], f"no hint: {waiting}")
        check("hint=" in running.daemon.output(), "no hint in the log")
        with parley(lab) as talk:
            talk.there_and_back()
        lab.at.cra.ip("addr", "add", "2001:db8:a::46/64", "dev", "eth0", "nodad")
        lab.at.cra.ip("link", "add", "spare", "type", "veth", "peer", "name", "other")
        lab.at.cra.ip_batch("link set spare up", "link set other up")
        wait_until("the late instance", lambda: "late" in names(lab))
        wait_until("nothing to wait for", lambda: not running.report()["waiting"])


def role_and_devices_change(lab: Lab) -> None:
    """A reload may turn an instance into something else."""
    path = write(lab, instance(lab))
    with controller(lab, "--config", str(path)) as running:
        lab.at.cra.ip("link", "add", "spare", "type", "veth", "peer", "name", "other")
        lab.at.cra.ip_batch("link set spare up", "link set other up")
        write(lab, instance(lab, devices='["eth1", "spare"]', more=(
            f'source = ["eth1={plan.CRA_V6}", "spare=2001:db8:a::46"]')))
        lab.at.cra.ip("addr", "add", "2001:db8:a::46/64", "dev", "eth0", "nodad")
        running.reload()
        devices = {d["device"] for d in lab.cra.status(CRA_NAME)["devices"]}
        check_equal(devices, {"eth0", "eth1", "spare"}, "devices")
        path.write_text(f"""
[[instance]]
name = "{CRA_NAME}"
role = "hcra"
dev = "eth0"
upstream = "{plan.TRA_V6}"
xdp = "off"
""")
        hcra = path.read_text()
        path.write_text(hcra.replace('"eth0"', '"none"'))
        running.reload()
        check_equal(lab.cra.status(CRA_NAME)["role"], "lcra", "role, while there is no such device")
        path.write_text(hcra)
        running.reload()
        status = lab.cra.status(CRA_NAME)
        check_equal(status["role"], "hcra", "role")
        check_equal({d["device"] for d in status["devices"]}, {"eth0"}, "devices")
        write(lab, instance(lab))
        running.reload()
        check_equal(lab.cra.status(CRA_NAME)["role"], "lcra", "role")


def register() -> None:
    bare = LabSpec(attached=False)
    slow = LabSpec(xdp="off", attached=False)
    for name, spec, ids, body in (
        ("starts", bare, (), starts),
        ("broken-at-the-start", slow, (), broken_at_the_start),
        ("reload", bare, (), reload_changes_the_difference),
        ("broken-reload", bare, (), broken_reload),
        ("instances-come-and-go", slow, (), instances_come_and_go),
        ("drift", slow, (), drift),
        ("more-links", slow, (), more_links),
        ("waits-for-a-device", slow, ("D-12",), waits_for_a_device),
        ("role-and-devices-change", slow, (), role_and_devices_change),
    ):
        case(f"cli.file.{name}", spec, ids, own_lab=True)(body)


register()
