# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 run, when devices get other names or other instances."""

from pathlib import Path

from harness.registry import case
from lab import plan
from lab.checks import check, check_equal
from lab.controller import controller
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.waiting import wait_until

OTHER_SOURCE = plan.CRA_V6.rsplit(":", 1)[0] + ":46"


def make_spare(lab: Lab) -> None:
    lab.at.cra.ip("link", "add", "spare", "type", "veth", "peer", "name", "sparefar")
    lab.at.cra.ip_batch("link set spare up", "link set sparefar up")
    lab.at.cra.ip("addr", "add", f"{OTHER_SOURCE}/64", "dev", "eth0", "nodad")


def lcra(name: str, sources: dict[str, str]) -> str:
    """An instance of a file, from its client devices and the sources of each."""
    devices = ", ".join(f'"{device}"' for device in sources)
    source = ", ".join(f'"{device}={address}"' for device, address in sources.items())
    return f"""
[[instance]]
name = "{name}"
role = "lcra"
client-dev = [{devices}]
source = [{source}]
uplink-dev = "eth0"
upstream = "{plan.TRA_V6}"
xdp = "off"
"""


def write(lab: Lab, *instances: str) -> Path:
    path = lab.work / "dhcp46.toml"
    path.write_text("".join(instances))
    return path


def clients_of(lab: Lab, name: str) -> dict[str, str]:
    """The source of each client device."""
    devices = lab.cra.status(name)["devices"]
    return {one["device"]: one["source"] for one in devices if one["side"] == "client"}


def mtu_of(lab: Lab, device: str) -> int:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return next(one["mtu"] for one in devices if one["device"] == device)


def follows(lab: Lab, device: str, mtu: int) -> None:
    lab.at.cra.ip("link", "set", device, "mtu", str(mtu))
    wait_until(f"{device}'s new MTU", lambda: mtu_of(lab, device) == mtu)


def exchanged(lab: Lab) -> None:
    """Two instances give each other their devices and addresses in one reload."""
    lab.attach_tra()
    make_spare(lab)
    first, second = {"eth1": plan.CRA_V6}, {"spare": OTHER_SOURCE}
    path = write(lab, lcra(CRA_NAME, first), lcra("second", second))
    with controller(lab, "--config", str(path)) as running:
        check_equal(running.report()["waiting"], [], "waiting")
        for here, there in ((second, first), ({"spare": plan.CRA_V6}, {"eth1": OTHER_SOURCE})):
            write(lab, lcra(CRA_NAME, here), lcra("second", there))
            running.reload()
            check_equal(running.report()["waiting"], [], "waiting")
            check_equal((clients_of(lab, CRA_NAME), clients_of(lab, "second")), (here, there),
                        "client devices")
            with parley(lab) as talk:
                talk.there_and_back()
        # What the file gives to another is given, also while there is nothing else to have.
        write(lab, lcra(CRA_NAME, {"none": plan.CRA_V6}), lcra("second", {"spare": OTHER_SOURCE}))
        running.reload()
        check_equal(clients_of(lab, "second"), {"spare": OTHER_SOURCE}, "client devices")
        check_equal([one["name"] for one in running.report()["waiting"]], [CRA_NAME], "waiting")


def rename(lab: Lab, device: str, name: str) -> None:
    lab.at.cra.ip_batch(f"link set {device} down", f"link set {device} name {name}",
                        f"link set {name} up")


def renamed(lab: Lab) -> None:
    """A device of the file gets another name, and another device the one that it had."""
    lab.attach_tra()
    make_spare(lab)
    sources = {"eth1": plan.CRA_V6, "spare": OTHER_SOURCE}
    path = write(lab, lcra(CRA_NAME, sources))
    with controller(lab, "--config", str(path)) as running, parley(lab) as talk:
        early = talk.ask()
        rename(lab, "eth1", "lan0")
        follows(lab, "lan0", 1400)
        talk.answer(early)
        talk.hear()
        rename(lab, "spare", "eth1")
        follows(lab, "lan0", 1300)
        talk.there_and_back()
        check_equal(running.report()["waiting"], [], "waiting")
        check_equal(clients_of(lab, CRA_NAME), {"lan0": plan.CRA_V6, "eth1": OTHER_SOURCE},
                    "sources")
        write(lab, lcra(CRA_NAME, {"lan0": OTHER_SOURCE}))
        running.reload()
        check_equal(clients_of(lab, CRA_NAME), {"lan0": OTHER_SOURCE}, "sources")
        talk.there_and_back()


def server_device(lab: Lab) -> None:
    """Another server-dev in the file is applied; one that somebody renamed goes on."""
    path = lab.work / "tsv.toml"

    def write_tsv(device: str) -> None:
        path.write_text(f"""
[[instance]]
name = "{TRA_NAME}"
role = "tsv"
dev = "eth0"
server = "{plan.SERVER_V4}"
giaddr = "{plan.TRA_V4}"
cra-prefix = "{plan.CRA_PREFIX}"
server-dev = "{device}"
xdp = "off"
""")

    def now() -> str:
        return lab.tra.status(TRA_NAME)["server_link"]["server_device"]

    write_tsv("dhcp0")
    with controller(lab, "--config", str(path), product=lab.tra) as running:
        check_equal(now(), "dhcp0", "the server's device")
        write_tsv("dhcp1")
        running.reload()
        check_equal((now(), running.report()["waiting"]), ("dhcp1", []), "the server's device")
        lab.at.tra.ip_batch("link set dhcp1 down", "link set dhcp1 name mine")
        wait_until("the server's end to be repaired", lambda: lab.tra.status(TRA_NAME)["ready"])
        check_equal((now(), running.report()["waiting"]), ("mine", []), "the server's device")


def uplinks_of(lab: Lab) -> list[str]:
    devices = lab.cra.status(CRA_NAME)["devices"]
    return [one["device"] for one in devices if one["side"] == "ipv6"]


def route_moves(lab: Lab) -> None:
    """The uplink is where the route to the upstream leads, in a storm of other routes, too."""
    cra = lab.at.cra
    make_spare(lab)
    lab.cra.run(*("attach", "lcra", CRA_NAME, "--client-dev", "eth1", "--upstream", plan.TRA_V6),
                *("--source", plan.CRA_V6, "--xdp", "off"))
    check_equal(uplinks_of(lab), ["eth0"], "uplinks")
    with controller(lab) as running:
        cra.ip("-6", "route", "add", f"{plan.TRA_V6}/128", "dev", "spare")
        wait_until("the other uplink", lambda: uplinks_of(lab) == ["spare"])
        before = cpu_ticks(running.daemon.process.pid)
        cra.ip_batch(*(f"route add blackhole 2001:db8:1:{number:x}::/64" for number in range(5000)))
        cra.ip("-6", "route", "del", f"{plan.TRA_V6}/128", "dev", "spare")
        wait_until("the first uplink", lambda: uplinks_of(lab) == ["eth0"])
        used = cpu_ticks(running.daemon.process.pid) - before
        check(used < 100, f"{used} ticks of CPU for 5000 routes")
        cra.ip("-6", "route", "flush", "default")  # no way at all: it stays, as does the rest
        follows(lab, "eth1", 1400)
        check_equal((uplinks_of(lab), running.report()["waiting"]), (["eth0"], []), "uplinks")


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def register() -> None:
    bare = LabSpec(xdp="off", attached=False)
    for name, spec, body in (
        ("exchanged", bare, exchanged),
        ("renamed", bare, renamed),
        ("route-moves", bare, route_moves),
        ("server-device", LabSpec(xdp="off", far="tsv", attached=False), server_device),
    ):
        case(f"cli.devices.{name}", spec, own_lab=True)(body)


register()
