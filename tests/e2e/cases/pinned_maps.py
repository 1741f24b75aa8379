# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The pinned maps are readable and writable by bpftool, also under traffic (docs/maps.md)."""

import shlex
from pathlib import Path

from harness.registry import case
from lab import maps, plan
from lab.checks import check, check_equal, seen
from lab.lab import CRA_NAME, TRA_NAME, Lab, LabSpec
from lab.parley import parley, scripted_client
from lab.shell import run
from lab.stream import Stream
from lab.waiting import wait_until

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "maps.md"
OTHER_TRA = "2001:db8:ff::2"


def readable(lab: Lab) -> None:
    """Each map but punt prints its fields and enumerators by name; punt cannot be dumped."""
    with parley(lab) as talk:
        talk.there_and_back()
    for product in (lab.cra, lab.tra):
        for name in maps.NAMES:
            if (product, name) != (lab.cra, "cra_prefixes"):
                check(bool(maps.dump(product, name)), f"map {name} is empty")
        check(maps.try_dump(product, "punt").status != 0, "punt was dumped, says docs/maps.md")
    roles = [element["value"]["role"] for element in maps.dump(lab.cra, "instances")]
    check_equal(roles, ["DHCP46_ROLE_LCRA"], "role by bpftool")
    upstreams = [element["value"] for element in maps.dump(lab.cra, "upstreams")]
    check_equal(upstreams[0]["origin"], "DHCP46_ORIGIN_CLI", "origin by bpftool")
    text = maps.try_dump(lab.tra, "stats").stdout
    for word in ("relayed", "discover", "dropped", "no_cra6addr", "xdp", "packets"):
        check(word in text, f"{word} is not in what bpftool prints of stats")
    check_equal(maps.instance_id(lab.tra, TRA_NAME) > 0, True, "id of the instance")


def upstream_takes_effect(lab: Lab) -> None:
    """An upstream written with bpftool counts from the next packet on."""
    instance = maps.instance_id(lab.cra, CRA_NAME)
    with scripted_client(lab) as client:
        for number, address in enumerate((OTHER_TRA, plan.TRA_V6, OTHER_TRA), 1):
            run("bpftool", *maps.upstream_update(lab.cra, instance, address))
            client.send(client.message("discover"))
            wait_until("the request", lambda number=number: len(seen(lab, "cra")) >= number)
    destinations = [one.datagram.destination for one in seen(lab, "cra")]
    check_equal(destinations, [OTHER_TRA, plan.TRA_V6, OTHER_TRA], "destinations")


def upstreams_change_under_traffic(lab: Lab) -> None:
    """While the upstream changes again and again, each packet goes to the one or the other."""
    instance = maps.instance_id(lab.cra, CRA_NAME)
    lines = [
        shlex.join(str(word) for word in maps.upstream_update(lab.cra, instance, address))
        for address in (OTHER_TRA, plan.TRA_V6)
    ]
    batch = lab.work / "updates.bpftool"
    batch.write_text("\n".join(lines * 2000) + "\n")
    with Stream(lab) as stream:
        stream.wait_for_some()
        run("bpftool", "batch", "file", batch)
        stream.wait_for_some()
    destinations = {datagram.destination for datagram in stream.arrived("cra")}
    check_equal(destinations, {OTHER_TRA, plan.TRA_V6}, "destinations")


def documented_lines() -> list[tuple[str, str]]:
    """Each bpftool line of docs/maps.md with the map whose section it stands in."""
    lines, section = [], ""
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith(("    bpftool", "    ! bpftool")):
            lines.append((section, line.strip()))
    return lines


def documented(lab: Lab) -> None:
    """Every line of docs/maps.md does what it says, in the order in which they stand there."""
    lines = documented_lines()
    check_equal({section for section, _ in lines}, {*maps.NAMES, "tx_devices", "punt", "punt_waiting"}, "maps with lines")
    for section, line in lines:
        product = lab.tra if section == "cra_prefixes" else lab.cra
        product.namespace.run("env", f"M={product.pins}", "bash", "-c", line)


def register() -> None:
    for xdp in ("native", "off"):
        spec = LabSpec(xdp=xdp)
        for name, body in (
            ("readable", readable),
            ("upstream-takes-effect", upstream_takes_effect),
            ("upstreams-change-under-traffic", upstreams_change_under_traffic),
        ):
            case(f"maps.{name}.{xdp}", spec, (), own_lab=True)(body)
    case("maps.documented-lines", LabSpec(xdp="native"), (), own_lab=True)(documented)


register()
