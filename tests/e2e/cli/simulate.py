# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""dhcp46 simulate: what it says of captured packets is what becomes of them, and it does nothing."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import rdpcap, wrpcap

from harness.registry import case
from lab import craft, plan
from lab.answers import FAILED, check_refusal, refused
from lab.checks import check, check_equal, seen
from lab.counters import Counters, moved
from lab.lab import CRA_NAME, Lab, LabSpec
from lab.message import MESSAGE_TYPE, RELAY_AGENT_INFORMATION, Message, cra6addr
from lab.netns import End
from lab.product import Dhcp46
from lab.scripted import Port
from lab.waiting import wait_until

CHADDR = bytes.fromhex(plan.CLIENT_MAC.replace(":", ""))
SECOND = "2001:db8:a::10"  # a neighbour on the CRA's uplink
NO_ROUTE = "2001:db8:dead::1"
MACS = 12  # octets: where TC sends, the kernel writes them later

DISCOVER = Message(xid=0x51, chaddr=CHADDR, options=((MESSAGE_TYPE, b"\x01"),))
TOO_FAR = replace(DISCOVER, hops=17)
RELAYED_TWICE = replace(
    DISCOVER, options=(*DISCOVER.options, (RELAY_AGENT_INFORMATION, cra6addr(plan.CRA_V6)))
)
OFFER = Message(
    op=2, xid=0x52, chaddr=CHADDR, yiaddr="198.51.100.200", options=((MESSAGE_TYPE, b"\x02"),)
)


def foreign(lab: Lab) -> Packet:
    macs = Ether(src=lab.at.client.mac, dst=plan.CRA_CLIENT_MAC)
    return macs / IP(src="192.0.2.7", dst="192.0.2.8") / TCP(dport=67)


def relayed(lab: Lab, kind: str, frames: int = 1, tier: str = "", **more: Any) -> dict[str, Any]:
    return {"verdict": "relayed", "type": kind, "tier": tier or lab.tier, "frames": frames, **more}


def dropped(lab: Lab, reason: str, tier: str = "") -> dict[str, Any]:
    return {"verdict": "dropped", "reason": reason, "tier": tier or lab.tier, "frames": 0}


def passed(reason: str) -> dict[str, Any]:
    return {"verdict": "passed", "reason": reason, "tier": "tc", "frames": 0}


NOT_OURS = {"verdict": "not_ours"}


def simulate(
    lab: Lab, device: str, frames: Sequence[Packet], *more: str, by: Dhcp46 | None = None
) -> dict[str, Any]:
    """What it answers; nothing is sent meanwhile, and no counter moves."""
    path = lab.work / "in.pcap"
    wrpcap(str(path), list(frames))
    before = lab.counters()
    lab.clear_captures()
    product = by or lab.cra
    answer = product.json("simulate", CRA_NAME, "--dev", device, str(path), *more)
    check_equal(lab.counters(), before, "counters")
    check_equal([link for link in lab.captures if seen(lab, link)], [], "links with packets")
    return answer


def summary(packet: dict[str, Any]) -> dict[str, Any]:
    """Without what is the same for all, or looked at elsewhere."""
    wanted = {key: packet[key] for key in ("verdict", "type", "reason", "tier") if key in packet}
    if "frames" in packet:
        wanted["frames"] = len(packet["frames"])
    if packet.get("notes"):
        wanted["notes"] = packet["notes"]
    return wanted


def check_real(
    lab: Lab, device: str, end: End, frames: Sequence[Packet], wanted: Sequence[dict[str, Any]]
) -> list[bytes]:
    """What is simulated is as wanted, and so is what becomes of the same frames in earnest. Returns
    what would be sent."""
    answer = simulate(lab, device, frames)
    check_equal([summary(packet) for packet in answer["packets"]], list(wanted), "verdicts")
    check_equal([one["length"] for one in answer["packets"]], list(map(len, frames)), "lengths")
    before = lab.counters()
    with Port(end) as port:
        for frame in frames:
            port.send(frame)
    expected = counted(device, wanted)
    wait_until(f"counters {expected}", lambda: moved_at_cra(lab, before) == expected)
    sent = [frame for packet in answer["packets"] for frame in packet.get("frames", ())]
    return [bytes.fromhex(frame["bytes"]) for frame in sent]


def moved_at_cra(lab: Lab, before: Counters) -> Counters:
    changes = moved(before, lab.counters())
    return {name: change for name, change in changes.items() if name.startswith("cra.")}


def counted(device: str, wanted: Sequence[dict[str, Any]]) -> Counters:
    """What the CRA counts of these."""
    counters: Counters = {}
    for packet in wanted:
        names = [f"noted.{note}" for note in packet.get("notes", ())]
        if packet["verdict"] == "relayed":
            names.append(f"relayed.{packet['type']}.{packet['tier']}")
        elif packet["verdict"] != "not_ours":
            names.append(f"{packet['verdict']}.{packet['reason']}")
        for name in names:
            key = f"cra.{device}.{name}"
            counters[key] = counters.get(key, 0) + 1
    return counters


def check_same(lab: Lab, link: str, frames: Sequence[bytes], start: int = MACS) -> None:
    """These have crossed the link, octet for octet from `start`."""

    def missing() -> list[str]:
        there = {frame.data[start:] for frame in lab.captures[link].frames()}
        return [frame.hex() for frame in frames if frame[start:] not in there]

    wait_until(f"what was simulated on link {link}", lambda: not missing())


def both_ways(lab: Lab) -> None:
    """Requests and replies, relayed, dropped and left alone: by XDP and by TC alike."""
    requests = [
        craft.client_frame(DISCOVER.build()),
        craft.client_frame(TOO_FAR.build()),
        foreign(lab),
        craft.client_frame(RELAYED_TWICE.build()),
    ]
    wanted = (
        relayed(lab, "discover"),
        dropped(lab, "hops"),
        NOT_OURS,
        dropped(lab, "opt82_from_client"),
    )
    sent = check_real(lab, "eth1", lab.at.client, requests, wanted)
    check_same(lab, "cra", sent, 0 if lab.tier == "xdp" else MACS)
    replies = [craft.to_cra(OFFER.build()), craft.to_cra(OFFER.build(), source=SECOND)]
    wanted = (relayed(lab, "offer"), dropped(lab, "unknown_peer"))
    sent = check_real(lab, "eth0", End(lab.at.router, "r0"), replies, wanted)
    check_same(lab, "client", sent, 0)


def copies(lab: Lab) -> None:
    """Several upstreams are TC's: a frame for each that has a way, the others are noted."""
    lab.cra.run(*lab.cra_arguments((plan.TRA_V6, SECOND, NO_ROUTE)))
    lab.at.cra.ip("-6", "route", "replace", "unreachable", f"{NO_ROUTE}/128")
    wanted = [relayed(lab, "discover", 2, "tc", notes=["upstream_skipped"])]
    frames = [craft.client_frame(DISCOVER.build())]
    sent = check_real(lab, "eth1", lab.at.client, frames, wanted)
    check_equal([frame[38:54] for frame in sent], [packed(plan.TRA_V6), packed(SECOND)], "to")
    check_same(lab, "cra", sent[:1])  # nobody is there who would tell the other's MAC address
    out = lab.work / "out.pcap"
    simulate(lab, "eth1", frames, "--write", str(out))
    check_equal([bytes(packet) for packet in rdpcap(str(out))], sent, "what is written")


def packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6, address)


def on_the_host(lab: Lab) -> None:
    """An HCRA: its own client's requests on their way out, and replies that come up to it."""
    mac = plan.CRA_UPLINK_MAC
    asked = craft.client_frame(DISCOVER.build(), ether_source=mac)
    (packet,) = simulate(lab, "eth0", [asked])["packets"]
    check_equal(summary(packet), relayed(lab, "discover", tier="tc"), "its client's request")
    check_equal(packet["frames"][0]["device"], "eth0", "device")
    offer = replace(OFFER, chaddr=bytes.fromhex(mac.replace(":", "")))
    (packet,) = simulate(lab, "eth0", [craft.to_cra(offer.build())])["packets"]
    check_equal(summary(packet), relayed(lab, "offer"), "the reply to it")
    check_equal(packet["frames"][0]["to_host"], True, "up into the host")
    strangers = craft.client_frame(DISCOVER.build(), ether_source=plan.ROUTER_CRA_MAC)
    (packet,) = simulate(lab, "eth0", [strangers])["packets"]
    check_equal(summary(packet), passed("other_host"), "another host's request")


def of_another_build(lab: Lab) -> None:
    """It runs its own programs, and says so if those that are attached are others."""
    newer = Dhcp46(lab.workspace.other_build, lab.at.cra, lab.cra.bpffs)
    frames = [craft.client_frame(DISCOVER.build())]
    for product, another in ((lab.cra, False), (newer, True)):
        answer = simulate(lab, "eth1", frames, by=product)
        check_equal(answer["another_build"], another, "another build")
        result = product.run("simulate", CRA_NAME, "--dev", "eth1", str(lab.work / "in.pcap"))
        check_equal("another build" in result.stderr, another, "warned")
        check("relayed by" in result.stdout, f"not in words: {result.stdout}")


def refuses(lab: Lab) -> None:
    frames = [craft.client_frame(DISCOVER.build())]
    good, cut, other = (lab.work / f"{name}.pcap" for name in ("good", "cut", "other"))
    wrpcap(str(good), frames)
    wrpcap(str(cut), frames, snaplen=96)
    wrpcap(str(other), [frames[0][IP]])
    for name, device, file, mentions in (
        ("nobody", "eth1", good, "no instance of this name"),
        (CRA_NAME, "lo", good, "its devices: eth0, eth1"),
        (CRA_NAME, "eth1", cut, "packet 1: only 96 of its"),
        (CRA_NAME, "eth1", other, "no Ethernet frames"),
    ):
        refused(lab.cra, FAILED, "simulate", name, "--dev", device, str(file), mentions=mentions)
    missing = Path("/none.pcap")
    result = lab.cra.run("simulate", CRA_NAME, "--dev", "eth1", str(missing), check=False)
    check_equal((result.status, result.stdout), (FAILED, ""), "a file that is not there")
    check_refusal(result, FAILED, "No such file")


def register() -> None:
    for xdp in ("native", "off"):
        case(f"cli.simulate.lcra.{xdp}", LabSpec(xdp=xdp))(both_ways)
        case(f"cli.simulate.hcra.{xdp}", LabSpec(cra="hcra", xdp=xdp))(on_the_host)
    case("cli.simulate.copies", LabSpec(), own_lab=True)(copies)
    case("cli.simulate.another-build", LabSpec())(of_another_build)
    case("cli.simulate.refuses", LabSpec())(refuses)


register()
