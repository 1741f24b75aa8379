# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Metrics, printed and by HTTP: read as Prometheus's own client reads them, and held to the JSON."""

import http.client
import signal
import socket
from pathlib import Path
from typing import Any

from harness.registry import case
from lab.answers import FAILED, USAGE, refused
from lab.checks import check, check_equal
from lab.controller import controller
from lab.counters import TIERS
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.product import Dhcp46
from lab.waiting import wait_until
from prometheus_client.parser import text_string_to_metric_families

FATES = ("dropped", "passed", "punted", "noted")

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def sample(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"dhcp46_{name}", frozenset(labels.items())


def read(text: str) -> Samples:
    samples: Samples = {}
    families: set[str] = set()
    for family in text_string_to_metric_families(text):
        check(family.name not in families, f"{family.name} is there twice")
        families.add(family.name)
        check(family.type in ("counter", "gauge"), f"{family.name} is {family.type}")
        check(bool(family.documentation), f"{family.name} has no HELP")
        for one in family.samples:
            key = (one.name, frozenset(one.labels.items()))
            check(key not in samples, f"{key} is there twice")
            samples[key] = one.value
    return samples


def in_json(instance: dict[str, Any]) -> Samples:
    """The samples that an instance of `stats --json` amounts to, where they are not 0."""
    samples: Samples = {}
    for device in instance["devices"]:
        link = {"instance": instance["name"], "device": device["device"], "side": device["side"]}
        for kind, count in device["relayed"].items():
            samples[sample("relayed_bytes_total", **link, type=kind)] = count["bytes"]
            for tier in TIERS:
                key = sample("relayed_packets_total", **link, type=kind, tier=tier)
                samples[key] = count[tier]
        for fate in FATES:
            for reason, count in device[fate].items():
                for unit in ("packets", "bytes"):
                    samples[sample(f"{fate}_{unit}_total", **link, reason=reason)] = count[unit]
    return {key: value for key, value in samples.items() if value}


def upstreams_in_json(instance: dict[str, Any]) -> Samples:
    """Likewise of an instance of `status --json`: what went to upstreams, and came from them."""
    return {
        sample(f"upstream_{what}_packets_total", instance=instance["name"], upstream=one["address"]):
            one[what]
        for one in instance["upstreams"] for what in ("sent", "received") if one[what]
    }


def check_like_json(product: Dhcp46, name: str, role: str) -> Samples:
    before = product.json("stats", name)
    samples = read(product.run("stats", name, "--prometheus").stdout)
    check_equal(product.json("stats", name), before, "nothing is counted meanwhile")
    counted = {
        key: value for key, value in samples.items() if value and key[0].endswith("_total")
    }
    wanted = in_json(before["instances"][0]) | upstreams_in_json(product.status(name))
    check_equal(counted, wanted, "what is counted")
    check_equal(samples[sample("ready", instance=name, role=role)], 1, "ready")
    return samples


def like_json(lab: Lab) -> None:
    """Valid, and equal to stats --json: what is relayed both ways, and what is dropped."""
    before = lab.counters()
    with parley(lab) as talk:
        talk.client.send(talk.client.message("discover", hops=17))
        lab.expect_moved(before, {"cra.eth1.dropped.hops": 1})
        talk.there_and_back()
    samples = check_like_json(lab.cra, CRA_NAME, "lcra")
    link = {"instance": CRA_NAME, "device": "eth1", "side": "client"}
    check_equal(samples[sample("dropped_packets_total", **link, reason="hops")], 1, "dropped")
    discover = sample("relayed_packets_total", **link, type="discover", tier=lab.tier)
    check_equal(samples[discover], 1, "relayed")
    check_equal(samples[sample("dropped_bytes_total", **link, reason="no_route")], 0, "a 0 is there")
    check_like_json(lab.tra, TRA_NAME, "tra")


def all_of_them(lab: Lab) -> None:
    """Without a name it is all instances; not ready is said; one format at a time."""
    samples = read(lab.cra.run("stats", "--prometheus").stdout)
    check_equal(samples[sample("ready", instance=CRA_NAME, role="lcra")], 0, "ready")
    version = lab.cra.run("--version").stdout.split()[1]
    built = [dict(labels) for name, labels in samples if name == "dhcp46_build_info"]
    check_equal([labels["version"] for labels in built], [version], "versions")
    refused(lab.cra, FAILED, "stats", "nobody", "--prometheus", mentions="nobody")
    refused(lab.cra, USAGE, "stats", "--prometheus", "--json", mentions="--json")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def get(
    connection: http.client.HTTPConnection, path: str = "/metrics", method: str = "GET"
) -> tuple[int, str]:
    connection.request(method, path)
    response = connection.getresponse()
    return response.status, response.read().decode()


def file_with(lab: Lab, *lines: str) -> str:
    path = lab.work / "metrics.toml"
    path.write_text("\n".join(("[controller]", *lines, "")))
    return str(path)


def check_page(lab: Lab, connection: http.client.HTTPConnection) -> None:
    wanted = lab.cra.run("stats", "--prometheus").stdout
    check_equal(get(connection), (200, wanted), "the page")


def served(lab: Lab) -> None:
    """The same by HTTP: a unix socket, then by a reload TCP, then nowhere."""
    path = lab.work / "metrics.sock"
    config = file_with(lab, f'metrics = "unix:{path}"')
    with controller(lab, "--config", config) as running:
        running.wait_for("metrics_served")
        connection = UnixConnection(path)
        check_page(lab, connection)
        check_page(lab, connection)  # it is kept open
        check_equal(path.stat().st_mode & 0o777, 0o660, "mode of the socket")
        check_equal(get(connection, "/")[0], 404, "another page")
        check_equal(get(connection, method="POST")[0], 405, "another method")
        connection.close()
        hog_connections(lab, path)

        file_with(lab, 'metrics = "127.0.0.1:9146"')
        running.reload()
        check(not path.exists(), "the socket is left")
        with lab.at.cra.entered():
            local = http.client.HTTPConnection("127.0.0.1", 9146, timeout=10)
            local.connect()
        check_page(lab, local)
        local.close()

        file_with(lab)
        running.reload()
        with lab.at.cra.entered(), socket.socket() as tcp:
            check(tcp.connect_ex(("127.0.0.1", 9146)) != 0, "still served")


def hog_connections(lab: Lab, path: Path) -> None:
    """Readers who ask for nothing, or send nonsense, keep the controller from nothing."""
    hogs = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(20)]
    for number, hog in enumerate(hogs):
        hog.settimeout(5)
        hog.connect(str(path))
        if number % 2:
            hog.send(b"\0" * 20000 if number % 4 == 1 else b"GET /metr")
    check_equal(lab.cra.json("status")["controller"]["waiting"], [], "status, meanwhile")
    check_equal(get(UnixConnection(path))[0], 200, "a reader beside them")
    for hog in hogs:
        hog.close()


def cannot_be_served(lab: Lab) -> None:
    """A file in the way stays; a socket that a killed controller left does not matter."""
    path = lab.work / "metrics.sock"
    path.write_text("mine")
    config = file_with(lab, f'metrics = "unix:{path}"')
    with controller(lab, "--config", config) as running:
        running.wait_for("metrics_unavailable")
        check_equal(path.read_text(), "mine", "the file in the way")
        path.unlink()
        wait_until("the socket", path.is_socket)
        check_page(lab, UnixConnection(path))
        path.unlink()
        wait_until("another socket", path.is_socket)
        check_page(lab, UnixConnection(path))
        check_equal(running.said("metrics_unavailable"), 1, "complaints")
        running.daemon.signal(signal.SIGKILL)
        running.daemon.wait(10)
    check(path.exists(), "nothing was left to try it with")
    with controller(lab, "--config", config):
        check_page(lab, UnixConnection(path))


def register() -> None:
    for xdp in ("native", "off"):
        case(f"cli.stats.prometheus.{xdp}", LabSpec(xdp=xdp), own_lab=True)(like_json)
    case("cli.metrics.served", LabSpec(), own_lab=True)(served)
    case("cli.metrics.cannot-be-served", LabSpec(xdp="off"), own_lab=True)(cannot_be_served)
    case("cli.stats.prometheus.all", LabSpec(cra_ipv6=False), own_lab=True)(all_of_them)


register()
