# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The veth pair of a tsv: what attach makes, keeps and repairs, and what detach removes."""

import random
import subprocess
import time
from dataclasses import replace

from harness.registry import case
from lab import plan
from lab.answers import FAILED, FEATURE, INVALID, USAGE, refused
from lab.checks import check, check_equal
from lab.lab import TRA_NAME, Lab, LabSpec
from lab.parley import parley

OURS, SERVERS = f"{TRA_NAME}-rly", f"{TRA_NAME}-srv"
TSV = LabSpec(far="tsv")
BARE = replace(TSV, attached=False)
OTHER_GIADDR = "198.51.100.77"


def devices(lab: Lab) -> set[str]:
    return {link["ifname"] for link in lab.at.tra.ip_json("link", "show")}


def check_link(lab: Lab, giaddr: str = plan.TRA_V4) -> None:
    """The address, the route, the neighbour, and nothing else."""
    tra = lab.at.tra
    addresses = {
        device: [
            (entry["local"], entry["prefixlen"])
            for entry in tra.ip_json("addr", "show", "dev", device)[0]["addr_info"]
        ]
        for device in (OURS, SERVERS)
    }
    check_equal(addresses, {OURS: [], SERVERS: [(plan.SERVER_V4, 32)]}, "addresses")
    routes = {
        (route["dst"], route.get("type", "unicast"))
        for family in ("-4", "-6")
        for route in tra.ip_json(family, "route", "show", "table", "all")
        if route.get("dev") in (OURS, SERVERS)
    }
    check_equal(routes, {(giaddr, "unicast"), (plan.SERVER_V4, "local")}, "routes")
    neighbours = tra.ip_json("neigh", "show", "dev", SERVERS)
    found = [(one["dst"], one["lladdr"], one["state"]) for one in neighbours]
    check_equal(found, [(giaddr, tra.mac(OURS), ["PERMANENT"])], "neighbours")
    for device in (OURS, SERVERS):
        link = tra.ip_json("link", "show", "dev", device)[0]
        check_equal((link["mtu"], link["operstate"]), (2048, "UP"), device)


def made_and_removed(lab: Lab) -> None:
    """attach makes what the server needs and no route that it does not; detach leaves nothing."""
    before = devices(lab)
    lab.attach_cra()
    lab.attach_tra()
    check_link(lab)
    status = lab.tra.status(TRA_NAME)
    check_equal((status["ready"], status["missing"]), (True, []), "ready")
    link = {"device": OURS, "server_device": SERVERS, "up": True, "xdp": lab.spec.xdp}
    check_equal(status["server_link"], link, "server_link")
    check(SERVERS in lab.tra.run("status").stdout, "status does not name the server's device")
    with parley(lab) as talk:
        talk.there_and_back()
    lab.tra.run("detach", TRA_NAME)
    check_equal(devices(lab), before, "devices after detach")
    lab.tra.run(*lab.tra_arguments(), "--server-dev", "dhcp0")
    check("dhcp0" in devices(lab), "--server-dev names no device")
    lab.tra.run("detach", "--all")
    check_equal(devices(lab), before, "devices after detach --all")


def again_under_traffic(lab: Lab) -> None:
    """What has its state is not touched: the same devices, and a message between any two calls."""
    before = lab.at.tra.ip_json("link", "show", "dev", SERVERS)[0]["ifindex"]
    with parley(lab) as talk:
        for _ in range(5):
            request = talk.ask()
            lab.attach_tra()
            talk.answer(request)
            talk.hear()
    check_equal(lab.at.tra.ip_json("link", "show", "dev", SERVERS)[0]["ifindex"], before, SERVERS)
    check_link(lab)


def repaired(lab: Lab) -> None:
    """status says what somebody took away, and attach brings it back."""
    tra = lab.at.tra
    tra.ip("link", "set", SERVERS, "down")
    tra.ip("addr", "flush", "dev", SERVERS)
    tra.ip("link", "set", OURS, "mtu", "1400")
    tra.set_sysctl(f"net.ipv6.conf.{SERVERS}.disable_ipv6", 0)
    status = lab.tra.status(TRA_NAME)
    for word in ("is down", f"{plan.SERVER_V4} is not on", "route", "neighbour"):
        check(any(word in missing for missing in status["missing"]), f"{word}: {status}")
    check(any("disable_ipv6" in warning for warning in status["warnings"]), f"{status}")
    lab.attach_tra()
    check_equal(lab.tra.status(TRA_NAME)["missing"], [], "missing")
    check_link(lab)
    with parley(lab) as talk:
        talk.there_and_back()


def another_giaddr(lab: Lab) -> None:
    """With another giaddr the pair is the same, and the old one's address and neighbour go."""
    lab.tra.run(*with_giaddr(lab, OTHER_GIADDR))
    check_link(lab, OTHER_GIADDR)
    # What cannot be leaves it as it is.
    refused(lab.tra, INVALID, *with_giaddr(lab, plan.NATIVE_V4), mentions=plan.NATIVE_V4)
    check_link(lab, OTHER_GIADDR)


def with_giaddr(lab: Lab, giaddr: str) -> tuple[str, ...]:
    return tuple(giaddr if word == plan.TRA_V4 else word for word in lab.tra_arguments())


def foreign_names(lab: Lab) -> None:
    """A device of somebody else that has one of the names is refused, and stays."""
    tra = lab.at.tra
    for name in (OURS, SERVERS):
        tra.ip("link", "add", name, "type", "veth", "peer", "name", "other")
        before = devices(lab)
        refused(lab.tra, FAILED, *lab.tra_arguments(), mentions=name)
        check_equal((devices(lab), lab.tra.pinned()), (before, []), "devices and pins")
        lab.tra.run("detach", "--all")
        check_equal(devices(lab), before, "devices after detach --all")
        tra.ip("link", "del", name)


def bad_values(lab: Lab) -> None:
    """R-TSV-6 and the addresses that cannot be. Nothing is made."""
    before = devices(lab)
    base = ("attach", "tsv", TRA_NAME, "--dev", "eth0")
    refused(lab.tra, USAGE, *base, "--giaddr", plan.TRA_V4, mentions="--server")
    refused(lab.tra, USAGE, *base, "--server", plan.SERVER_V4, mentions="--giaddr")
    for server, giaddr in (
        (plan.SERVER_V4, plan.SERVER_V4),
        (plan.SERVER_V4, plan.NATIVE_V4),
        (plan.SERVER_V4, "224.0.0.1"),
        ("203.0.113.255", plan.TRA_V4),
        ("0.0.0.0", plan.TRA_V4),
    ):
        refused(lab.tra, INVALID, *base, "--server", server, "--giaddr", giaddr)
    one = (*base, "--server", plan.SERVER_V4, "--giaddr", plan.TRA_V4)
    refused(lab.tra, INVALID, *one, "--server", "198.51.100.3", mentions="one server")
    refused(lab.tra, FEATURE, *one, "--xdp", "native", mentions="lab_pass")
    check_equal((devices(lab), lab.tra.pinned()), (before, []), "devices and pins")


def native_refused(lab: Lab) -> None:
    program = str(lab.workspace.pass_program)
    lab.at.tra.ip("link", "set", "dev", "eth0", "xdpdrv", "obj", program, "sec", "xdp")
    bad_values(lab)


def one_server(lab: Lab) -> None:
    """Its server is no upstream that comes and goes."""
    for word in ("add", "del", "learn"):
        refused(lab.tra, INVALID, "upstream", word, TRA_NAME, plan.SERVER_V4, mentions="attach")


def without_sysctl(lab: Lab) -> None:
    """/proc/sys is read-only, as in many containers: it works, and status says what is not set."""
    read_only = "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys"
    command = [str(lab.tra.binary), "--bpffs", str(lab.tra.bpffs), *lab.tra_arguments()]
    lab.at.tra.run("unshare", "-m", "sh", "-c", f'{read_only} && exec "$@"', "sh", *command)
    status = lab.tra.status(TRA_NAME)
    check_equal(status["missing"], [], "missing")
    for device in (OURS, SERVERS):
        switch = f"net.ipv6.conf.{device}.disable_ipv6=1"
        check(any(switch in warning for warning in status["warnings"]), f"{switch}: {status}")


def killed_half_way(lab: Lab) -> None:
    """However far a call came before it was killed, the next attach or detach puts it right."""
    before = devices(lab)
    generator = random.Random(46)
    usual = {}
    calls = {
        "attach": lab.tra_arguments(),
        "change": with_giaddr(lab, OTHER_GIADDR),
        "detach": ("detach", TRA_NAME),
    }
    for name, arguments in calls.items():
        began = time.monotonic()
        lab.tra.run(*arguments)
        usual[name] = time.monotonic() - began
    for turn in range(24):
        name = generator.choice(tuple(calls))
        if name != "attach":
            lab.tra.run(*calls["attach"])
        kill_within(lab.tra.argv(*calls[name]), usual[name] * generator.random())
        if turn % 3 == 0:
            lab.tra.run(*calls["attach"])
            check_link(lab)
            check_equal(lab.tra.status(TRA_NAME)["missing"], [], "missing")
        elif turn % 3 == 1:
            lab.tra.run("detach", TRA_NAME, check=False)
            check_equal(devices(lab), before, "devices after detach")
        else:
            lab.tra.run("detach", "--all")
            check_equal((devices(lab), lab.tra.pinned()), (before, []), "devices and pins")
    lab.tra.run("detach", "--all")


def kill_within(argv: list[str], seconds: float) -> None:
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as it:
        try:
            it.wait(seconds)
        except subprocess.TimeoutExpired:
            it.kill()


def register() -> None:
    for xdp in ("native", "off"):
        bare, attached = replace(BARE, xdp=xdp), replace(TSV, xdp=xdp)
        case(f"cli.server-link.made-and-removed.{xdp}", bare, ("D-11",), own_lab=True)(
            made_and_removed
        )
        case(f"cli.server-link.again.{xdp}", attached, own_lab=True)(again_under_traffic)
        case(f"cli.server-link.repaired.{xdp}", attached, own_lab=True)(repaired)
    for name, spec, body in (
        ("another-giaddr", TSV, another_giaddr),
        ("foreign-names", BARE, foreign_names),
        ("bad-values", BARE, native_refused),
        ("one-server", TSV, one_server),
        ("without-sysctl", BARE, without_sysctl),
        ("killed-half-way", BARE, killed_half_way),
    ):
        case(f"cli.server-link.{name}", spec, IDS.get(name, ()), own_lab=True)(body)


IDS = {"bad-values": ("R-TSV-6", "D-19")}

register()
