# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Nanoseconds per packet, by BPF_PROG_TEST_RUN of the attached programs with their own maps."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.shell import run

from . import crowd, frames
from .frames import Way
from .relay import INSTANCES, LCRA, THROUGH, TRA, TRA_SERVER, UPSTREAMS, Relay

XDP_PASS, XDP_REDIRECT = 2, 4
TC_ACT_UNSPEC, TC_ACT_REDIRECT = 0xFFFFFFFF, 7
MAX_LINKS = 4096
PREFIXES = 10_000
LIMITS = {  # net nanoseconds, of issues 2 and 3
    "CRA request": 130.0,
    "CRA reply": 130.0,
    "HCRA request": 450.0,
    "HCRA reply": 130.0,
    "TRA request": 200.0,
    "TRA reply": 200.0,
    "TSV request": 200.0,
    "TSV reply": 200.0,
    "TCP over IPv4": 5.0,
    "TCP over IPv6": 5.0,
    "ARP": 5.0,
}
PREFIX_LIMIT = 80.0
COPY_LIMIT = 2000.0  # each further one, sent over veth
GROWTH_LIMIT = 10.0  # what two measurements of the same differ by
COPIES = (1, 2, 4, UPSTREAMS)
ROUNDS = 3  # of a comparison
CROWDS: dict[str, Callable[[Relay], AbstractContextManager[None]]] = {
    "alone": nullcontext,
    "links": crowd.links,
    "instances": crowd.instances,
    "upstreams": crowd.upstreams,
}


@dataclass(frozen=True)
class Cost:
    name: str
    raw: float
    empty: float
    lookup: float | None = None  # of the route, by itself
    limit: float | None = None

    @property
    def net(self) -> float:
        return self.raw - self.empty

    @property
    def ok(self) -> bool:
        return self.limit is None or self.net <= self.limit


@dataclass(frozen=True)
class Growth:
    """What a packet costs alone, and among others."""

    name: str
    alone: float
    among: dict[str, float]  # by what the others are

    @property
    def most(self) -> float:
        return max(self.among.values()) - self.alone

    @property
    def ok(self) -> bool:
        return self.most <= GROWTH_LIMIT


@dataclass(frozen=True)
class Copies:
    """What a packet costs that goes to so many upstreams."""

    name: str
    net: dict[int, float]

    @property
    def second(self) -> float:
        """It comes with the price of there being copies."""
        return self.net[2] - self.net[1]

    @property
    def each_further(self) -> float:
        return (self.net[UPSTREAMS] - self.net[2]) / (UPSTREAMS - 2)

    @property
    def ok(self) -> bool:
        return max(self.second, self.each_further) <= COPY_LIMIT


@dataclass(frozen=True)
class Section:
    title: str
    rows: list[Cost]


@dataclass(frozen=True)
class Growths:
    rows: list[Growth]


@dataclass(frozen=True)
class FanOut:
    rows: list[Copies]


Part = Section | Growths | FanOut

Case = dict[str, Any]  # as bench_cost reads it, but for the program, which the hook names


class Bench:
    """bench_cost in the relay's namespace."""

    def __init__(self, relay: Relay, program: Path) -> None:
        self.relay = relay
        self._program = program

    def costs(self, cases: list[Case], limits: dict[str, float] | None = None) -> list[Cost]:
        ready = json.dumps([self._with_program(case) for case in cases])
        done = run(*self.relay.inside.argv(self._program), stdin=ready, timeout=300.0)
        return [
            Cost(**result, limit=(limits or {}).get(result["name"]))
            for result in json.loads(done.stdout)
        ]

    def _with_program(self, case: Case) -> Case:
        hook = case["hook"]
        pin = self.relay.product.pins / f"prog_{hook}"
        return {**case, "program": str(pin), "layer": "xdp" if hook == "xdp" else "tc"}


def measure(relay: Relay, program: Path) -> Iterator[Part]:
    bench = Bench(relay, program)
    with _attached(relay, *INSTANCES, more=("--max-links", str(MAX_LINKS))):
        yield Section("XDP", bench.costs(_xdp_cases(), LIMITS))
        yield Section("TC ingress", bench.costs(_ingress_cases()))
        yield Section("TC egress", bench.costs(_egress_cases(), LIMITS))
        yield Section("CRA prefixes, in XDP", _prefixes(bench))
        yield Growths(_growth(bench))
    with _attached(relay, *THROUGH, xdp="off"):
        to_tras = _copies(bench, "access", frames.named("CRA request"), LCRA.peer)
        to_servers = _copies(bench, "core", frames.named("TRA request"), TRA_SERVER.server)
        yield FanOut([to_tras, to_servers])


@contextmanager
def _attached(relay: Relay, *names: str, **how: Any) -> Iterator[None]:
    relay.attach(*names, **how)
    try:
        yield
    finally:
        relay.detach()


# ---- what is measured ----


def _ingress_ways() -> list[Way]:
    return [way for way in (*frames.through(), *frames.local()) if not way.is_egress]


def _foreign(hook: str, device: str) -> list[Case]:
    passed = XDP_PASS if hook == "xdp" else TC_ACT_UNSPEC
    return [
        {"name": name, "hook": hook, "device": device, "frame": frame.hex(), "verdict": passed,
         "repeatable": True}
        for name, frame in frames.foreign().items()
    ]


def _case(hook: str, way: Way, remark: str = "", **more: Any) -> Case:
    if hook == "xdp":
        verdict = XDP_REDIRECT if way.out else XDP_PASS
    else:
        verdict = TC_ACT_REDIRECT
    case = {"name": way.name + remark, "hook": hook, "device": way.device,
            "frame": way.frame.hex(), "verdict": verdict, "repeatable": False, **more}
    return {**case, "route": way.question.hex()} if way.question else case


def _xdp_cases() -> list[Case]:
    cases = _foreign("xdp", "c0")
    for way in _ingress_ways():
        cases.append(_case("xdp", way))
        if way.question:
            cases.append(_case("xdp", way, ", next hop not known", forgets=True))
        unfinished = frames.unfinished(way.frame).hex()
        cases.append(_case("xdp", way, ", unfinished checksum", frame=unfinished))
    return cases


def _ingress_cases() -> list[Case]:
    return _foreign("tc", "c0") + [_case("tc", way) for way in _ingress_ways()]


def _egress_cases() -> list[Case]:
    way = frames.named("HCRA request")
    return [*_foreign("egress", way.device), _case("egress", way)]


def _prefixes(bench: Bench) -> list[Cost]:
    """The lookup by itself, and the ways that make it."""
    costs = _with_prefixes(bench, "1 prefix")
    with crowd.prefixes(bench.relay, PREFIXES):
        return costs + _with_prefixes(bench, f"{PREFIXES:,} prefixes")


def _with_prefixes(bench: Bench, how_many: str) -> list[Cost]:
    ways = [frames.named("TRA request"), frames.named("TRA reply")]
    lookup = {**_foreign("xdp", TRA.device)[0], "name": f"lookup, {how_many}",
              "verdict": 1, "prefix": crowd.prefix_question(bench.relay).hex()}
    cases = [lookup, *(_case("xdp", way, f", {how_many}") for way in ways)]
    return bench.costs(cases, {lookup["name"]: PREFIX_LIMIT})


def _growth(bench: Bench) -> list[Growth]:
    cases = [_foreign("xdp", "c0")[0], *(_case("xdp", way) for way in _ingress_ways()),
             _case("egress", frames.named("HCRA request"))]
    found: dict[str, dict[str, float]] = {case["name"]: {} for case in cases}
    for _ in range(ROUNDS):
        for name, others in CROWDS.items():
            with others(bench.relay):
                for cost in bench.costs(cases):
                    best = found[cost.name].get(name, cost.net)
                    found[cost.name][name] = min(best, cost.net)
    return [Growth(name, nets.pop("alone"), nets) for name, nets in found.items()]


def _copies(bench: Bench, instance: str, way: Way, address: Callable[[int], str]) -> Copies:
    """Each of them leaves, and arrives at a veth without a program."""
    nets, configured = {}, 1
    for count in COPIES:
        for number in range(configured + 1, count + 1):
            bench.relay.product.run("upstream", "add", instance, address(number))
        configured = count
        nets[count] = bench.costs([_case("tc", way)])[0].net
    return Copies(way.name, nets)
