# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What is known of each upstream: what it was sent, what came back, and whether it is silent."""

import time
from typing import Any

from cases.upstreams import NOBODY_V6, SERVERS, TRAS, upstreams_there
from harness.registry import case
from lab import craft, maps, plan
from lab.checks import check, check_equal
from lab.controller import controller
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.message import RELAY_AGENT_INFORMATION
from lab.parley import YIADDR, parley
from lab.product import Dhcp46
from lab.scripted import Port, answer
from lab.shell import run
from lab.waiting import wait_until

PATIENCE_NS = 10_000_000_000
TICK_NS = 10_000_000  # the longest of the kernel's clock


def upstream(product: Dhcp46, name: str, address: str) -> dict[str, Any]:
    found = product.status(name)["upstreams"]
    return next(one for one in found if one["address"] == address)


def check_counts(product: Dhcp46, name: str, address: str, sent: int, received: int) -> None:
    def counts() -> tuple[int, int]:
        one = upstream(product, name, address)
        return one["sent"], one["received"]

    wait_until("counts of an upstream", lambda: counts() >= (sent, received))
    check_equal(counts(), (sent, received), f"sent to and received from {address}")


def metric(product: Dhcp46, name: str, address: str, what: str) -> int:
    start = f'dhcp46_upstream_{what}{{instance="{name}",upstream="{address}"}} '
    lines = product.run("stats", "--prometheus").stdout.splitlines()
    return next(int(line.removeprefix(start)) for line in lines if line.startswith(start))


def warnings_of(product: Dhcp46, name: str, address: str) -> list[str]:
    return [text for text in product.status(name)["warnings"] if f"upstream {address} was" in text]


def counts(lab: Lab) -> None:
    """Each way at both relays, whatever tier; a RELEASE asks nobody for a reply."""
    began = time.time()
    with parley(lab) as talk:
        for _ in range(3):
            talk.there_and_back()
        talk.client.send(talk.client.message("release"))
        for product, name, address in (
            (lab.cra, CRA_NAME, plan.TRA_V6), (lab.tra, TRA_NAME, plan.SERVER_V4),
        ):
            check_counts(product, name, address, 4, 3)
            one = upstream(product, name, address)
            ago = one["last_reply_seconds_ago"]
            check(0 <= ago <= time.time() - began + 1, f"last reply: {one}")
            check_equal(one["silent"], False, "silent")
            check_equal(metric(product, name, address, "sent_packets_total"), 4, "metric")
            last = metric(product, name, address, "last_reply_timestamp_seconds")
            check(began - 2 <= last <= time.time(), f"last reply by metrics: {last}")


def silence(lab: Lab) -> None:
    """One of two does not answer: told once, in the log, by `status` and in metrics; it comes back.

    The clock is not waited for: that it has been asked is set back by ten seconds.
    """
    dead = TRAS[0]
    with upstreams_there(lab), parley(lab) as talk, Port(lab.at.ends["cra"]) as router:
        lab.cra.run(*lab.cra_arguments((plan.TRA_V6, dead)))
        instance = maps.instance_id(lab.cra, CRA_NAME)
        with controller(lab) as running:
            before = time.monotonic_ns()
            request = talk.ask()
            talk.answer(request)
            talk.hear()
            check_counts(lab.cra, CRA_NAME, plan.TRA_V6, 1, 1)
            check_counts(lab.cra, CRA_NAME, dead, 1, 0)
            asked = maps.upstream_times(lab.cra, instance, 1)["asked_ns"]
            check(before - TICK_NS <= asked <= time.monotonic_ns(), f"asked at {asked}")

            maps.upstream_asked(lab.cra, instance, 1, asked - PATIENCE_NS)
            running.wait_for("upstream_silent")
            check(f"upstream={dead} seconds=" in running.daemon.output(), "the log does not name it")
            one = upstream(lab.cra, CRA_NAME, dead)
            check_equal((one["silent"], one["last_reply_seconds_ago"]), (True, None), "status")
            check(one["silent_seconds"] >= 10, f"since when: {one}")
            check_equal(len(warnings_of(lab.cra, CRA_NAME, dead)), 1, "warnings")
            check_equal(warnings_of(lab.cra, CRA_NAME, plan.TRA_V6), [], "warnings of the other")
            check_equal(metric(lab.cra, CRA_NAME, dead, "silent"), 1, "metric")
            check_equal(metric(lab.cra, CRA_NAME, plan.TRA_V6, "silent"), 0, "metric of the other")

            offer = answer(request, "offer", YIADDR).without(RELAY_AGENT_INFORMATION)
            router.send(craft.to_cra(offer.build(), source=dead))
            running.wait_for("upstream_answers")
            check_counts(lab.cra, CRA_NAME, dead, 1, 1)
            check_equal(upstream(lab.cra, CRA_NAME, dead)["silent"], False, "silent")
            check_equal(metric(lab.cra, CRA_NAME, dead, "silent"), 0, "metric")
            check_equal(running.said("upstream_silent"), 1, "how often it was told")


def belong_to_an_upstream(lab: Lab) -> None:
    """Counts go with the upstream, not with its slot; another `attach` leaves them."""
    with parley(lab) as talk:
        talk.there_and_back()
        check_counts(lab.cra, CRA_NAME, plan.TRA_V6, 1, 1)
        lab.attach_cra()
        lab.cra.run("upstream", "add", CRA_NAME, NOBODY_V6)
        lab.cra.run("upstream", "del", CRA_NAME, NOBODY_V6)
        check_counts(lab.cra, CRA_NAME, plan.TRA_V6, 1, 1)
        lab.cra.run("upstream", "del", CRA_NAME, plan.TRA_V6)
        lab.cra.run("upstream", "add", CRA_NAME, plan.TRA_V6)
        check_counts(lab.cra, CRA_NAME, plan.TRA_V6, 0, 0)
        talk.there_and_back()
        check_counts(lab.cra, CRA_NAME, plan.TRA_V6, 1, 1)

        lab.tra.run(*lab.tra_arguments(SERVERS[:1]))  # in the same slot
        check_counts(lab.tra, TRA_NAME, SERVERS[0], 0, 0)
        check_equal(upstream(lab.tra, TRA_NAME, SERVERS[0])["last_reply_seconds_ago"], None, "reply")

        lab.cra.run("detach", CRA_NAME)
        lab.attach_cra("--max-links", "64")  # the maps are new
        check_counts(lab.cra, CRA_NAME, plan.TRA_V6, 0, 0)


def bpftool_leaves_them(lab: Lab) -> None:
    """As docs/maps.md says: the kernel tells nobody that an upstream was written."""
    with parley(lab) as talk:
        talk.there_and_back()
        instance = maps.instance_id(lab.cra, CRA_NAME)
        run("bpftool", *maps.upstream_update(lab.cra, instance, NOBODY_V6))
        check_counts(lab.cra, CRA_NAME, NOBODY_V6, 1, 1)


def register() -> None:
    for xdp in ("native", "off"):
        for cra, far in (("lcra", "tra"), ("hcra", "tsv")):
            spec = LabSpec(xdp=xdp, cra=cra, far=far)
            case(f"health.counts.{cra}.{far}.{xdp}", spec, (), own_lab=True)(counts)
    case("health.silence", LabSpec(), (), own_lab=True)(silence)
    case("health.belong-to-an-upstream", LabSpec(), (), own_lab=True)(belong_to_an_upstream)
    case("health.bpftool-leaves-them", LabSpec(), (), own_lab=True)(bpftool_leaves_them)


register()
