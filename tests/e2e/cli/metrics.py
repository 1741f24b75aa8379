# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 stats --prometheus: read as Prometheus's own client reads it, and held to the JSON."""

from typing import Any

from harness.registry import case
from lab.answers import FAILED, USAGE, refused
from lab.checks import check, check_equal
from lab.counters import TIERS
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.product import Dhcp46
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


def check_like_json(product: Dhcp46, name: str, role: str) -> Samples:
    before = product.json("stats", name)
    samples = read(product.run("stats", name, "--prometheus").stdout)
    check_equal(product.json("stats", name), before, "nothing is counted meanwhile")
    counted = {
        key: value for key, value in samples.items() if value and key[0].endswith("_total")
    }
    check_equal(counted, in_json(before["instances"][0]), "what is counted")
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


def register() -> None:
    for xdp in ("native", "off"):
        case(f"cli.stats.prometheus.{xdp}", LabSpec(xdp=xdp), own_lab=True)(like_json)
    case("cli.stats.prometheus.all", LabSpec(cra_ipv6=False), own_lab=True)(all_of_them)


register()
