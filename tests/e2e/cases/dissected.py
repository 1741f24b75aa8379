# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Option 82 as an independent dissector reads it."""

from harness.registry import case
from lab import plan
from lab.capture import write_pcap
from lab.checks import check
from lab.lab import Lab, LabSpec
from lab.parley import parley
from lab.shell import run


def by_tshark(lab: Lab) -> None:
    """tshark finds CRA6ADDR under option 82, its length and value, and nothing malformed."""
    with parley(lab) as talk:
        talk.there_and_back()
    path = lab.work / "server.pcap"
    write_pcap(path, lab.captures["server"].frames())
    request = run("tshark", "-n", "-r", path, "-Y", "dhcp.type == 1", "-O", "dhcp").stdout
    start = request.index("Option: (82) Agent Information Option")
    option = request[start : request.index("Option: (255) End")]
    for line in (
        "Length: 18",
        f"Option 82 Suboption: ({plan.CRA6ADDR_CODE})",
        "Length: 16",
        "Value: 20010db8000a00000000000000000001",
    ):
        check(line in option, f"{line!r} is not in\n{option}")
    broken = "_ws.malformed || udp.checksum.status == 0 || ip.checksum.status == 0"
    checks = ("-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    wanted = f"udp.dstport == 67 && ({broken})"
    found = run("tshark", "-n", "-r", path, *checks, "-Y", wanted).stdout
    check(not found, f"tshark objects to\n{found}")


def register() -> None:
    for xdp in ("native", "off"):
        case(f"option-82.by-tshark.{xdp}", LabSpec(xdp=xdp), ("R-SUB-1", "R-SUB-2"))(by_tshark)


register()
