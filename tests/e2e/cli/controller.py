# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 run: a network that changes, signals, and its own death."""

import json
import signal
import socket
import subprocess
from typing import Any

from harness.registry import case
from lab import plan
from lab.answers import FAILED, PRIVILEGE, check_refusal
from lab.checks import check, check_equal
from lab.controller import controller
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.stream import Stream
from lab.waiting import wait_until

OTHER_SOURCE = plan.CRA_V6.rsplit(":", 1)[0] + ":46"


def tells_and_ends(lab: Lab) -> None:
    """The service manager and `status` know of it; the instance goes on without it."""
    with controller(lab) as running:
        running.wait_for("ready")
        pid = running.daemon.process.pid
        check_equal(lab.cra.json("status")["controller"], report_of(pid), "status")
        check("READY=1" in "".join(running.notifications()), "the service manager is not told")
        running.daemon.signal(signal.SIGTERM)
        check_equal(running.daemon.wait(10), 0, "exit status after SIGTERM")
        check("STOPPING=1" in "".join(running.notifications()), "the service manager is not told")
    check_equal(lab.cra.json("status")["controller"], None, "status")
    with parley(lab) as talk:
        talk.there_and_back()


def report_of(pid: int) -> dict[str, Any]:
    """What `status --json` says of a controller without a file that waits for nothing."""
    return {"pid": pid, "file": None, "file_error": None, "waiting": [], "drift": []}


def late_address(lab: Lab) -> None:
    """R-CRA-5: the address comes after the start, and the next request is relayed."""
    with controller(lab) as running:
        check_equal(lab.cra.status(CRA_NAME)["ready"], False, "ready without an address")
        add_address(lab, plan.CRA_V6)
        running.wait_for("ready")
        with parley(lab) as talk:
            talk.there_and_back()


def add_address(lab: Lab, address: str) -> None:
    lab.at.cra.ip("addr", "replace", f"{address}/64", "dev", "eth0", "nodad")
    lab.at.cra.ip("-6", "route", "replace", "default", "via", plan.ROUTER_CRA_V6)


def renumbering(lab: Lab) -> None:
    """A new address takes over; a reply to the old one is delivered as long as the host has it."""
    with controller(lab), parley(lab) as talk:
        early = talk.ask()
        add_address(lab, OTHER_SOURCE)
        lab.at.cra.ip("addr", "change", f"{plan.CRA_V6}/64", "dev", "eth0", "preferred_lft", "0")
        wait_until("the new source", lambda: source_of(lab) == OTHER_SOURCE)
        talk.answer(early)
        talk.hear()
        talk.there_and_back()
        lab.at.cra.ip("addr", "del", f"{plan.CRA_V6}/64", "dev", "eth0")
        wait_until("the old address to go", lambda: not has_address(lab, plan.CRA_V6))
        talk.there_and_back()


def source_of(lab: Lab) -> str:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return next(device["source"] for device in devices if device["side"] == "client")


def has_address(lab: Lab, address: str) -> bool:
    dump = lab.cra.namespace.run("bpftool", "-j", "map", "dump", "pinned", lab.cra.pins / "addresses")
    packed = list(socket.inet_pton(socket.AF_INET6, address))
    return any(entry["formatted"]["key"]["address"] == packed for entry in json.loads(dump.stdout))


def device_made_again(lab: Lab) -> None:
    """The client device goes, and comes back with another ifindex and MAC address."""
    with controller(lab) as running:
        lab.at.cra.ip("link", "del", "eth1")
        running.wait_for("waiting")
        check_equal(lab.cra.json("status")["controller"]["waiting"][0]["name"], CRA_NAME, "waiting")
        lab.at.cra.ip(
            *("link", "add", "eth1", "address", "02:00:00:00:46:46", "type", "veth"),
            *("peer", "name", "eth1far"),
        )
        lab.at.cra.ip_batch("link set eth1far up", "link set eth1 up")
        ifindex = lab.at.cra.ip_json("link", "show", "dev", "eth1")[0]["ifindex"]
        wait_until("the entries to follow", lambda: client_ifindex(lab) == ifindex)


def client_ifindex(lab: Lab) -> int:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return next((d["ifindex"] for d in devices if d["side"] == "client"), 0)


def one_dead_device(lab: Lab) -> None:
    """One of two client devices is gone: the other follows; and so does the first, once it is back."""
    lab.attach_tra()
    spare = ("link", "add", "spare", "type", "veth", "peer", "name", "sparefar")
    lab.at.cra.ip(*spare)
    lab.at.cra.ip_batch("link set spare up", "link set sparefar up")
    lab.at.cra.ip("addr", "add", f"{OTHER_SOURCE}/64", "dev", "eth0", "nodad")
    lab.cra.run(
        *("attach", "lcra", CRA_NAME, "--client-dev", "eth1", "--client-dev", "spare"),
        *("--uplink-dev", "eth0", "--upstream", plan.TRA_V6, "--xdp", "off"),
        *("--source", f"eth1={plan.CRA_V6}", "--source", f"spare={OTHER_SOURCE}"),
    )
    with controller(lab) as running:
        lab.at.cra.ip("link", "del", "spare")
        running.wait_for("waiting")
        lab.at.cra.ip("link", "set", "eth1", "mtu", "1400")
        wait_until("eth1's new MTU", lambda: device_of(lab, "eth1")["mtu"] == 1400)
        check_equal(device_of(lab, "spare")["present"], False, "spare is there")
        with parley(lab) as talk:
            talk.there_and_back()
        lab.at.cra.ip(*spare)
        lab.at.cra.ip_batch("link set spare up", "link set sparefar up")
        running.wait_for("ready")
        wait_until("spare to be served", lambda: device_of(lab, "spare")["present"])
        check_equal(device_of(lab, "spare")["source"], OTHER_SOURCE, "source of spare")


def device_of(lab: Lab, name: str) -> dict[str, Any]:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return next(device for device in devices if device["device"] == name)


def attached_by_others(lab: Lab) -> None:
    """What another call attaches after the start, and a log of JSON objects."""
    with controller(lab, "--log-format", "json", says='"id":"started"') as running:
        lab.attach_cra()
        running.daemon.wait_for_line('"id":"ready"')
        messages = [json.loads(line) for line in running.daemon.output().splitlines()]
        check_equal([one["id"] for one in messages], ["started", "ready"], "messages")
        lab.cra.run("detach", CRA_NAME)
        lab.attach_cra()
        lab.at.cra.ip("link", "set", "eth1", "mtu", "1400")
        wait_until("eth1's new MTU", lambda: device_of(lab, "eth1")["mtu"] == 1400)


def tells_of_drops(lab: Lab) -> None:
    """E-24: a server that does not echo option 82 is named, in the log and by `status`."""
    with controller(lab, product=lab.tra) as running, parley(lab) as talk:
        request = talk.ask()
        for _ in range(3):
            talk.answer(request, echo=False)
        running.wait_for("not_echoed")
        check(f"packets=3 servers={plan.SERVER_V4}" in running.daemon.output(), "not who, or how many")
        warnings = lab.tra.status(TRA_NAME)["warnings"]
        check(any(plan.SERVER_V4 in text and "option 82" in text for text in warnings),
              f"status does not name the server: {warnings}")
        talk.answer(request)
        talk.hear()
    with controller(lab) as running, parley(lab) as talk:
        talk.client.send(talk.client.message("discover", hops=17))
        running.wait_for("drops")
        check("reason=hops" in running.daemon.output(), "the reason is not told")
        check_equal(running.said("drops"), 1, "lines")


def without_privilege(lab: Lab) -> None:
    """Root without capabilities: exit 4 at once, and not a log of what it may not."""
    drop = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    command = (lab.cra.binary, "--bpffs", lab.cra.bpffs, "run")
    check_refusal(lab.at.cra.run(*drop, *command, check=False), PRIVILEGE, "CAP_")


def only_one(lab: Lab) -> None:
    with controller(lab):
        second = lab.cra.run("run", check=False)
        check_refusal(second, FAILED, "another controller")


def nobody_in_the_way(lab: Lab) -> None:
    """A local user takes names and connects: `run` starts, and tells that user nothing."""
    script = """
import socket, sys
names = [line.split()[-1] for line in open("/proc/net/unix") if "@" in line.split()[-1]]
for name in [sys.argv[1]] if len(sys.argv) > 1 else names:
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        if one.connect_ex("\\0" + name[name.startswith("@"):]) == 0:
            print("heard", len(one.recv(65536)))
"""
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    squat = 'import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); ' \
            's.bind("\\0dhcp46/controller"); print("taken", flush=True); import sys; sys.stdin.read()'
    squatter = subprocess.Popen(
        lab.at.cra.argv(*nobody, "/usr/bin/python3", "-c", squat),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    with squatter:
        check_equal(squatter.stdout.readline(), "taken\n", "the squatter")
        with controller(lab) as running:
            check_equal(running.report()["pid"], running.daemon.process.pid, "status")
            heard = lab.at.cra.run(*nobody, "/usr/bin/python3", "-c", script).stdout.split("\n")
            check("heard 0" in heard, f"no socket was tried: {heard}")
            check_equal([line for line in heard if line not in ("heard 0", "")], [], "heard")
            running.daemon.signal(signal.SIGKILL)
            running.daemon.wait(10)
        check_equal(lab.cra.json("status")["controller"], None, "status")
        squatter.stdin.close()
    with controller(lab):
        pass
    check(not lab.cra.bpffs.joinpath("dhcp46-controller").exists(), "something is left")


def log_has_no_reader(lab: Lab) -> None:
    """Whoever read the log is gone."""
    running = subprocess.Popen(lab.cra.argv("run"), stderr=subprocess.PIPE, text=True)
    with running:
        wait_until("the controller", lambda: lab.cra.json("status")["controller"])
        running.stderr.close()
        lab.cra.run("detach", CRA_NAME)
        lab.attach_cra()
        lab.at.cra.ip("link", "set", "eth1", "mtu", "1400")
        wait_until("eth1's new MTU", lambda: device_of(lab, "eth1")["mtu"] == 1400)
        running.terminate()
        check_equal(running.wait(10), 0, "exit status after SIGTERM")


def unreadable_for_a_while(lab: Lab) -> None:
    """While the pins cannot be read, what is known stays; and it is not told again afterwards."""
    lab.at.cra.ip("link", "del", "eth1")
    with controller(lab) as running:
        running.wait_for("waiting")
        pin, aside = lab.cra.pins / "stats", lab.cra.pins / "aside"
        pin.rename(aside)
        running.reload()
        running.reload()
        check_equal(running.said("network_unreadable"), 1, "complaints")
        aside.rename(pin)
        running.reload()
        check_equal([one["name"] for one in running.report()["waiting"]], [CRA_NAME], "waiting")
        check_equal(running.said("waiting"), 1, "messages")


def killed_and_started_again(lab: Lab) -> None:
    """kill -9 at any moment: requests go on, and the next one adopts what is there."""
    with Stream(lab) as stream:
        for _ in range(3):
            with controller(lab) as running:
                stream.wait_for_some()
                running.daemon.signal(signal.SIGKILL)
                running.daemon.wait(10)
            stream.wait_for_some()
    stream.arrived("server")


def register() -> None:
    attached = LabSpec()
    for name, spec, ids, body in (
        ("tells-and-ends", attached, (), tells_and_ends),
        ("late-address", LabSpec(cra_ipv6=False), ("R-CRA-5", "D-17"), late_address),
        ("renumbering", attached, ("R-CRA-7",), renumbering),
        ("device-made-again", LabSpec(xdp="off"), (), device_made_again),
        ("one-dead-device", LabSpec(xdp="off", attached=False), ("D-12",), one_dead_device),
        ("attached-by-others", LabSpec(xdp="off", attached=False), (), attached_by_others),
        ("tells-of-drops", attached, ("E-24", "D-20"), tells_of_drops),
        ("without-privilege", attached, (), without_privilege),
        ("only-one", attached, (), only_one),
        ("nobody-in-the-way", attached, (), nobody_in_the_way),
        ("log-has-no-reader", LabSpec(xdp="off"), (), log_has_no_reader),
        ("unreadable-for-a-while", LabSpec(xdp="off"), (), unreadable_for_a_while),
        ("killed", attached, (), killed_and_started_again),
    ):
        case(f"cli.run.{name}", spec, ids, own_lab=True)(body)


register()
