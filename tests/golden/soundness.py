# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""What must hold for every frame that leaves, computed without scapy: a check on the generator."""

import world
from case import ETHERNET, has_ethernet


def ones_sum(octets):
    """The ones' complement sum of 16-bit words, folded."""
    octets = octets + b"\0" * (len(octets) % 2)
    total = sum(int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Datagram:
    """Addresses and UDP of an untagged frame without IPv6 extension headers."""

    def __init__(self, frame):
        packet = frame[ETHERNET:]
        if frame[12:14] == b"\x08\x00":
            self.version, header = 4, (packet[0] & 15) * 4
            self.header, addresses = packet[:header], packet[12:20]
            self.ip_length = int.from_bytes(packet[2:4], "big")
        else:
            self.version, header = 6, 40
            self.header, addresses = packet[:header], packet[8:40]
            self.ip_length = int.from_bytes(packet[4:6], "big") + 40
        self.frame_holds = len(packet)
        self.destination = addresses[len(addresses) // 2:]
        length = int.from_bytes(packet[header + 4:header + 6], "big")
        self.udp = packet[header:header + length]
        self.udp_reaches_to = header + length
        self.checksum = int.from_bytes(self.udp[6:8], "big")
        self.pseudo = ones_sum(addresses + b"\0\x11" + length.to_bytes(2, "big"))
        self.payload = self.udp[8:]

    def right(self):
        """True if the checksum is there and right."""
        return self.checksum != 0 and ones_sum(self.pseudo.to_bytes(2, "big") + self.udp) == 0xFFFF

    def absent(self):
        return self.checksum in (0, self.pseudo)


def with_ethernet(case, device, text):
    """A frame with an Ethernet header, as if the device had one."""
    frame = bytes.fromhex(text)
    if has_ethernet(case["world"], device):
        return frame
    return bytes(12) + (b"\x08\0" if frame[0] >> 4 == 4 else b"\x86\xdd") + frame


def check(case):
    incoming = Datagram(with_ethernet(case, case["on"], case["in"]))
    assert incoming.udp_reaches_to <= incoming.ip_length <= incoming.frame_holds, "lengths in"
    if incoming.version == 4:
        assert ones_sum(incoming.header) == 0xFFFF, "IPv4 header checksum in"
    assert case["partial"] in (False, incoming.absent() and incoming.checksum != 0), "partial"
    sent = [Datagram(with_ethernet(case, case["to"], each)) for each in case["out"]]
    for out in sent:
        check_sent(case, incoming, out)
    check_copies(case, sent)


def check_copies(case, sent):
    """One to each upstream that has a way, and all the same but for where they go (R-CRA-10)."""
    skipped = case["notes"].count("upstream_skipped")
    wanted = case["set"].get("upstreams", world.WORLDS[case["world"]]["upstreams"])
    assert sent and (case["name"].split("/")[0].endswith("reply") or len(sent) == len(wanted) - skipped), "copies"
    assert len({out.payload for out in sent}) == 1, "payloads"
    assert len({out.destination for out in sent}) == len(sent), "destinations"


def check_sent(case, incoming, out):
    assert out.udp_reaches_to == out.ip_length == out.frame_holds, "lengths"
    if out.version == 4:
        assert ones_sum(out.header) == 0xFFFF, "IPv4 header checksum"
        assert out.header[0:2] == b"\x45\xc0" and out.header[4:6] == out.payload[6:8], "IPv4 header"
        assert out.header[6:9] == b"\0\0\x40", "IPv4 header"
    else:
        assert out.header[0:4] == b"\x6c\0\0\0" and out.header[6:8] == b"\x11\x40", "IPv6 header"
    assert out.right() == (incoming.right() or incoming.absent()), "UDP checksum"
    assert out.checksum != 0
    assert ("checksum-wrong" in case["name"]) == (not out.right()), "a checksum that is wrong by mistake"
    check_payload(case, incoming.payload, out.payload)


def check_payload(case, before, after):
    path = case["name"].split("/")[0].replace("hcra", "cra").replace("tsv", "tra")
    if path == "cra-request":
        assert after == before[:3] + bytes([before[3] + 1]) + before[4:], "only hops changes"
    elif path == "cra-reply":
        assert after == before, "nothing changes"
    elif path == "tra-request":
        assert after[:3] == before[:3] and after[3] == before[3] + 1 and after[4:24] == before[4:24]
        assert after[24:28] == bytes(map(int, world.GIADDR.split("."))) and after[28:240] == before[28:240]
        assert len(after) == len(before) or len(after) >= 300 and len(after) > len(before), "E-19"
    else:
        assert len(after) == len(before) and after[:240] == before[:240], "only option 82 changes"
        assert len(set(after[i] for i in range(len(after)) if after[i] != before[i]) - {0, 255}) == 0
