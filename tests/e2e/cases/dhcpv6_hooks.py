# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Upstreams that DHCPv6 teaches: a Kea server, stock clients, and the hooks of tools/hooks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.registry import case
from lab import dhcpv6, plan
from lab.checks import check_equal, take_lease
from lab.dhcpv6 import Client6, Kea6, octets
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.waiting import wait_until

OWN = "2001:db8:ff::46"  # of the command line
LEARNED = tuple(f"2001:db8:ff::{number}" for number in range(51, 60))
LIMIT = 20
OTHER_NAME, THIRD_NAME = "other", "third"


@contextmanager
def server(lab: Lab, *upstreams: str, valid: int = 60) -> Iterator[Kea6]:
    kea = Kea6(lab, upstreams, valid)
    try:
        yield kea
    finally:
        kea.daemon.stop()


@contextmanager
def client(lab: Lab, kind: str, *instances: str) -> Iterator[Client6]:
    running = dhcpv6.CLIENTS[kind](lab, instances or (CRA_NAME,))
    try:
        yield running
    finally:
        running.stop()


def origins(lab: Lab, name: str = CRA_NAME) -> dict[str, str]:
    return {one["address"]: one["origin"] for one in lab.cra.status(name)["upstreams"]}


def wait_for(lab: Lab, running: Client6, *learned: str, name: str = CRA_NAME) -> None:
    """Until these are learned, beside what is the command line's."""
    wanted = {OWN: "cli", **dict.fromkeys(learned, "hook")}
    try:
        wait_until(f"{name} to have {wanted}", lambda: origins(lab, name) == wanted, LIMIT)
    except AssertionError as error:
        raise AssertionError(f"{error}: {origins(lab, name)}\n{running.daemon.output()}") from None


def attach_with_own(lab: Lab) -> None:
    lab.cra.run(*lab.cra_arguments((OWN,)))


def lease(lab: Lab, kind: str) -> None:
    """The host knows no upstream before DHCPv6 names it; then IPv4 clients get their leases."""
    lab.cra.run("upstream", "del", CRA_NAME, plan.TRA_V6)
    with server(lab, plan.TRA_V6), client(lab, kind):
        lab.cra.run("wait", CRA_NAME, "--timeout", str(LIMIT))
        check_equal(origins(lab), {plan.TRA_V6: "hook"}, "upstreams")
        take_lease(lab, "udhcpc")


def follows(lab: Lab, kind: str) -> None:
    """A renewal brings what the server has changed; nobody touches the command line's own."""
    attach_with_own(lab)
    with server(lab, LEARNED[0]) as kea, client(lab, kind) as running:
        wait_for(lab, running, LEARNED[0])
        kea.teach(LEARNED[1], OWN, LEARNED[2])
        wait_for(lab, running, LEARNED[1], LEARNED[2])
        kea.teach()
        wait_for(lab, running)
        kea.teach(LEARNED[0])
        wait_for(lab, running, LEARNED[0])


def malformed(lab: Lab, kind: str) -> None:
    """What is no list of usable addresses is logged, and changes nothing."""
    attach_with_own(lab)
    with server(lab, LEARNED[0]) as kea, client(lab, kind) as running:
        wait_for(lab, running, LEARNED[0])
        for value, complaint in (
            (octets(LEARNED[1]) + b"\0\0\0\1", "option's 20 octets are no list"),
            (b"tra.example.net", "option's 15 octets are no list"),
            (octets(LEARNED[1], "fe80::1"), "it is a link-local address"),
            (octets(*LEARNED), "no room for 9 learned"),
        ):
            kea.send(value)
            running.daemon.wait_for_line(complaint, LIMIT)
            check_equal(origins(lab), {OWN: "cli", LEARNED[0]: "hook"}, f"after {value!r}")
        kea.teach(LEARNED[1])
        wait_for(lab, running, LEARNED[1])


def two_instances(lab: Lab, kind: str) -> None:
    """Both learn from the device; a third that is not named does not."""
    attach_with_own(lab)
    _attach_another(lab, OTHER_NAME, 2)
    _attach_another(lab, THIRD_NAME, 3)
    with server(lab, *LEARNED[:2]) as kea, client(lab, kind, CRA_NAME, OTHER_NAME) as running:
        for upstreams in (LEARNED[:2], LEARNED[2:3]):
            kea.teach(*upstreams)
            for name in (CRA_NAME, OTHER_NAME):
                wait_for(lab, running, *upstreams, name=name)
        check_equal(origins(lab, THIRD_NAME), {OWN: "cli"}, "upstreams of a third instance")


def _attach_another(lab: Lab, name: str, number: int) -> None:
    """An instance with a client link of its own, and the same uplink."""
    device = f"eth{number}"
    lab.at.cra.ip("link", "add", device, "type", "veth", "peer", "name", f"c{number}")
    lab.at.cra.ip_batch(
        f"link set {device} up",
        f"link set c{number} up",
        f"addr add 2001:db8:46:{number}::1/64 dev {device} nodad",
    )
    lab.cra.run(
        *("attach", "lcra", name, "--client-dev", device, "--uplink-dev", "eth0"),
        *("--upstream", OWN, "--xdp", "off"),
    )


def release(lab: Lab, kind: str) -> None:
    """With the lease goes what came with it."""
    _ends(lab, kind, lambda running: running.release())


def stop(lab: Lab, kind: str) -> None:
    _ends(lab, kind, lambda running: running.end())


def _ends(lab: Lab, kind: str, end: Callable[[Client6], None]) -> None:
    attach_with_own(lab)
    with server(lab, *LEARNED[:2]), client(lab, kind) as running:
        wait_for(lab, running, *LEARNED[:2])
        end(running)
        wait_for(lab, running)


def expiry(lab: Lab, kind: str) -> None:
    """The server is gone, and so is, in the end, what it taught."""
    attach_with_own(lab)
    with server(lab, *LEARNED[:2], valid=4) as kea, client(lab, kind) as running:
        wait_for(lab, running, *LEARNED[:2])
        kea.daemon.stop()
        wait_for(lab, running)


def register() -> None:
    spec = LabSpec(xdp="off", server="kea-udp")
    cases: tuple[tuple[str, Callable[[Lab, str], None]], ...] = (
        ("lease", lease),
        ("follows", follows),
        ("malformed", malformed),
        ("two-instances", two_instances),
        ("release", release),
        ("stop", stop),
        ("expiry", expiry),
    )
    for kind in dhcpv6.CLIENTS:
        for name, body in cases:
            case(f"dhcpv6-hooks.{name}.{kind}", spec, ("R-CRA-4",), own_lab=True)(
                lambda lab, body=body, kind=kind: body(lab, kind)
            )


register()
