# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 wait: it returns once the instance can relay, and has brought its entries up to date."""

import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from harness.registry import case
from lab import maps, plan, topology
from lab.answers import FAILED, INVALID, USAGE, check_refusal, refused
from lab.checks import check, check_equal, seen, take_lease
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.product import Dhcp46
from lab.shell import Daemon, run
from lab.waiting import wait_until

SECOND_CRA_V6 = "2001:db8:a::2"
PATIENCE = 10.0


@contextmanager
def waiting(lab: Lab, product: Dhcp46, name: str, reason: str) -> Iterator[Daemon]:
    """A `dhcp46 wait` that has said what it waits for."""
    daemon = Daemon("wait", product.argv("wait", name), lab.work / "wait.log")
    try:
        daemon.wait_for_line(f"waiting: .*{reason}")
        yield daemon
    finally:
        daemon.stop()


def still_waits(daemon: Daemon) -> None:
    check(daemon.process.poll() is None, f"wait returned:\n{daemon.output()}")


def returns(daemon: Daemon, name: str) -> None:
    check_equal(daemon.wait(PATIENCE), 0, f"exit status of wait, which says\n{daemon.output()}")
    check_equal(daemon.output().split("\n")[-2], f"{name}: ready", "last line")


def not_ready(product: Dhcp46, name: str, mentions: str) -> None:
    """A wait that does not wait fails, and says why."""
    refused(product, FAILED, "-q", "wait", name, "--timeout", "0", mentions=mentions)


def detect_duplicates(lab: Lab) -> None:
    """From now on an address of the CRA is tentative for a while."""
    lab.at.cra.set_sysctl("net.ipv6.conf.all.accept_dad", 1)
    lab.at.cra.set_sysctl("net.ipv6.conf.eth0.accept_dad", 1)


def states(lab: Lab, state: str) -> bool:
    """Whether an address of the CRA's uplink is in that state."""
    return any(lab.at.cra.ip_json("-6", "addr", "show", "dev", "eth0", state))


def late_address(lab: Lab) -> None:
    """It returns when duplicate detection of a late address is over; the next DISCOVER is relayed."""
    detect_duplicates(lab)
    not_ready(lab.cra, CRA_NAME, "IPv6 source address")
    with waiting(lab, lab.cra, CRA_NAME, "IPv6 source address") as daemon:
        lab.at.cra.ip("addr", "add", f"{plan.CRA_V6}/64", "dev", "eth0")
        check(states(lab, "tentative"), "the address is not tentative")
        returns(daemon, CRA_NAME)
        check(not states(lab, "tentative"), "wait returned before duplicate detection was over")
    lab.at.cra.ip("-6", "route", "add", "default", "via", plan.ROUTER_CRA_V6)
    check_equal(lab.cra.status(CRA_NAME)["ready"], True, "ready")
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(seen(lab, "cra")[0].datagram.source, plan.CRA_V6, "source of the request")
    check_equal(lab.cra.run("-q", "wait", CRA_NAME).stdout, "", "what a quiet wait prints")


def duplicate_address(lab: Lab) -> None:
    """An address that somebody else has is none."""
    detect_duplicates(lab)
    with waiting(lab, lab.cra, CRA_NAME, "IPv6 source address") as daemon:
        lab.at.cra.ip("addr", "add", f"{plan.ROUTER_CRA_V6}/64", "dev", "eth0")
        wait_until("detection of the duplicate", lambda: states(lab, "dadfailed"))
        still_waits(daemon)
        not_ready(lab.cra, CRA_NAME, "IPv6 source address")
        lab.at.cra.ip("addr", "add", f"{plan.CRA_V6}/64", "dev", "eth0")
        returns(daemon, CRA_NAME)
    sources = {device.get("source") for device in lab.cra.status(CRA_NAME)["devices"]}
    check(plan.CRA_V6 in sources, f"sources: {sources}")


def deprecated_address(lab: Lab) -> None:
    """A deprecated address goes on working, but is none to begin with; upstreams stay as edited."""
    run("bpftool", *maps.upstream_update(lab.cra, maps.instance_id(lab.cra, CRA_NAME), plan.TRA_V6))
    edited = lab.cra.settings()[0]["upstreams"]
    check_equal([one["origin"] for one in edited], ["bpftool"], "origins")
    change = ("addr", "change", f"{plan.CRA_V6}/64", "dev", "eth0", "preferred_lft")
    lab.at.cra.ip(*change, "0")
    not_ready(lab.cra, CRA_NAME, "deprecated")
    with waiting(lab, lab.cra, CRA_NAME, "deprecated") as daemon:
        with parley(lab) as talk:
            talk.there_and_back()
        still_waits(daemon)
        lab.at.cra.ip("addr", "add", f"{SECOND_CRA_V6}/64", "dev", "eth0", "nodad")
        returns(daemon, CRA_NAME)
    lab.clear_captures()
    with parley(lab) as talk:
        talk.there_and_back()
    check_equal(seen(lab, "cra")[0].datagram.source, SECOND_CRA_V6, "source of the request")
    check_equal(lab.cra.settings()[0]["upstreams"], edited, "upstreams")


def preferred_again(lab: Lab) -> None:
    """What changes is noticed without anything to bring up to date, too: here a lifetime."""
    change = ("addr", "change", f"{plan.CRA_V6}/64", "dev", "eth0", "preferred_lft")
    lab.at.cra.ip(*change, "0")
    with waiting(lab, lab.cra, CRA_NAME, "deprecated") as daemon:
        lab.at.cra.ip(*change, "forever")
        returns(daemon, CRA_NAME)


def device_up(lab: Lab) -> None:
    lab.at.cra.ip("link", "set", "eth1", "down")
    with waiting(lab, lab.cra, CRA_NAME, "eth1 .* is down") as daemon:
        lab.at.cra.ip("link", "set", "eth1", "up")
        returns(daemon, CRA_NAME)


def upstream(lab: Lab) -> None:
    """Without an upstream it waits, and `upstream add` ends that."""
    key = ("key", *lab_upstream_key(lab))
    run("bpftool", "map", "delete", "pinned", lab.cra.pins / "upstreams", *key)
    not_ready(lab.cra, CRA_NAME, "upstream")
    with waiting(lab, lab.cra, CRA_NAME, "no upstream") as daemon:
        lab.cra.run("upstream", "add", CRA_NAME, plan.TRA_V6)
        returns(daemon, CRA_NAME)


def lab_upstream_key(lab: Lab) -> list[str]:
    instance = maps.instance_id(lab.cra, CRA_NAME)
    return [str(octet) for octet in instance.to_bytes(4, "little") + bytes(4)]


def tra_addresses(lab: Lab) -> None:
    """A TRA waits for its service address, and for giaddr."""
    lab.at.tra.ip("addr", "flush", "dev", "eth0", "scope", "global")
    lab.at.tra.ip("-4", "addr", "flush", "dev", "eth1")
    lab.attach_tra()
    with waiting(lab, lab.tra, TRA_NAME, "giaddr") as daemon:
        lab.at.tra.ip("addr", "add", f"{plan.TRA_V4}/24", "dev", "eth1")
        daemon.wait_for_line("giaddr(.|\n)*IPv6 service address")
        still_waits(daemon)
        lab.at.tra.ip("addr", "add", f"{plan.TRA_V6}/64", "dev", "eth0", "nodad")
        returns(daemon, TRA_NAME)
    lab.at.tra.ip("-6", "route", "replace", "default", "via", plan.ROUTER_TRA_V6)
    lab.attach_cra()
    with parley(lab) as talk:
        talk.there_and_back()


def tsv_address(lab: Lab) -> None:
    """A TSV waits for its service address; its server's link stays as it is."""
    lab.at.tra.ip("addr", "flush", "dev", "eth0", "scope", "global")
    lab.attach_tra()
    before = lab.at.tra.ip_json("-d", "link", "show", "type", "veth")
    with waiting(lab, lab.tra, TRA_NAME, "IPv6 service address") as daemon:
        lab.at.tra.ip("addr", "add", f"{plan.TRA_V6}/64", "dev", "eth0", "nodad")
        returns(daemon, TRA_NAME)
    check_equal(lab.at.tra.ip_json("-d", "link", "show", "type", "veth"), before, "devices")
    lab.at.tra.ip("-6", "route", "replace", "default", "via", plan.ROUTER_TRA_V6)
    lab.attach_cra()
    with parley(lab) as talk:
        talk.there_and_back()


def client_behind(lab: Lab) -> None:
    """A client that starts when wait returns has its first DISCOVER relayed (R-CRA-24)."""
    with waiting(lab, lab.cra, CRA_NAME, "IPv6 source address") as daemon:
        topology.add_cra_address(lab.at)
        returns(daemon, CRA_NAME)
    take_lease(lab, "udhcpc")
    asked = [one.kind for one in seen(lab, "cra")]
    check_equal(asked, ["discover", "offer", "request", "ack"], "messages")


def killed_half_way(lab: Lab) -> None:
    """However far a wait came with its update before it was killed, the next one ends it."""
    address = (f"{plan.CRA_V6}/64", "dev", "eth0")
    generator = random.Random(46)
    for _ in range(10):
        with waiting(lab, lab.cra, CRA_NAME, "IPv6 source address") as daemon:
            lab.at.cra.ip("addr", "add", *address, "nodad")
            try:
                daemon.wait(0.05 * generator.random())
            except subprocess.TimeoutExpired:
                daemon.signal(signal.SIGKILL)
                daemon.wait(PATIENCE)
        lab.cra.run("wait", CRA_NAME, "--timeout", "0")
        check_equal(lab.cra.status(CRA_NAME)["ready"], True, "ready")
        lab.at.cra.ip("addr", "del", *address)
        lab.attach_cra()
    topology.add_cra_address(lab.at)
    lab.cra.run("wait", CRA_NAME, "--timeout", "0")
    with parley(lab) as talk:
        talk.there_and_back()


def refusals(lab: Lab) -> None:
    """No such instance is an error at once, also when it goes while somebody waits for it."""
    refused(lab.cra, FAILED, "wait", "nobody", mentions="nobody")
    check_equal(lab.cra.run("wait", check=False).status, USAGE, "without a name")
    for text in ("-1", "soon", "86401"):
        refused(lab.cra, INVALID, "wait", CRA_NAME, f"--timeout={text}", mentions="--timeout")
    result = lab.cra.run("-q", "wait", CRA_NAME, "--timeout", "1", check=False)
    check_refusal(result, FAILED, "not ready after 1 s")
    with waiting(lab, lab.cra, CRA_NAME, "IPv6 source address") as daemon:
        daemon.signal(signal.SIGTERM)
        check_equal(daemon.wait(PATIENCE), -signal.SIGTERM, "exit status after a signal")
    with waiting(lab, lab.cra, CRA_NAME, "IPv6 source address") as daemon:
        lab.cra.run("detach", CRA_NAME)
        check_equal(daemon.wait(PATIENCE), FAILED, "exit status after detach")
        check("error: " in daemon.output(), daemon.output())


def register() -> None:
    usual = LabSpec(xdp="off")
    late = LabSpec(xdp="off", cra_ipv6=False)
    hosts = LabSpec(cra="hcra", xdp="off", cra_ipv6=False, server="kea-udp")
    ids = ("R-CRA-5", "R-CRA-6")
    case("cli.wait.late-address.off", late, ids, own_lab=True)(late_address)
    native = LabSpec(cra_ipv6=False)
    case("cli.wait.late-address.native", native, ids, own_lab=True)(late_address)
    case("cli.wait.duplicate-address", late, ("R-CRA-7",), own_lab=True)(duplicate_address)
    case("cli.wait.killed-half-way", late, own_lab=True)(killed_half_way)
    case("cli.wait.refusals", late, own_lab=True)(refusals)
    case("cli.wait.deprecated-address", usual, ("R-CRA-7",), own_lab=True)(deprecated_address)
    case("cli.wait.preferred-again", usual, own_lab=True)(preferred_again)
    case("cli.wait.device-up", usual, own_lab=True)(device_up)
    case("cli.wait.upstream", usual, ids, own_lab=True)(upstream)
    case("cli.wait.tra", LabSpec(xdp="off", attached=False), own_lab=True)(tra_addresses)
    case("cli.wait.tsv", LabSpec(far="tsv", attached=False), own_lab=True)(tsv_address)
    case("cli.wait.client-behind", hosts, ("R-CRA-24",), own_lab=True)(client_behind)


register()
