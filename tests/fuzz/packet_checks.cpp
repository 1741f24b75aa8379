// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "fuzz/packet_checks.h"

#include "fuzz/input.h"

namespace dhcp46::test {

namespace {

using Octets = std::span<const std::uint8_t>;

std::size_t word_at(Octets octets, std::size_t offset) {
    return static_cast<std::size_t>(octets[offset] << 8 | octets[offset + 1]);
}

std::uint32_t sum_of(Octets octets, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < octets.size(); i++)
        sum += i % 2 ? octets[i] : static_cast<std::uint32_t>(octets[i] << 8);
    return sum;
}

bool is_all_ones(std::uint32_t sum) {
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

bool is_ipv6(Octets frame) {
    return word_at(frame, 12) == 0x86dd;
}

std::size_t header_length(Octets ip, bool ipv6) {
    return ipv6 ? 40 : (ip[0] & 0xfu) * 4;
}

} // namespace

bool has_good_udp_csum(Octets frame) {
    const Octets ip = frame.subspan(14);
    const bool ipv6 = is_ipv6(frame);
    const Octets addresses = ipv6 ? ip.subspan(8, 32) : ip.subspan(12, 8);
    const Octets udp = ip.subspan(header_length(ip, ipv6));
    const std::size_t length = word_at(udp, 4);

    return word_at(udp, 6) != 0 && length >= 8 && length <= udp.size() &&
           is_all_ones(sum_of(udp.first(length),
                              sum_of(addresses, static_cast<std::uint32_t>(17 + length))));
}

void check_emitted(Octets frame) {
    require(frame.size() >= 14 + 28 + 236, "what leaves is as long as a BOOTP message");
    const Octets ip = frame.subspan(14);

    if (is_ipv6(frame)) {
        require(ip[0] >> 4 == 6 && ip[6] == 17, "IPv6, UDP");
        require(word_at(ip, 4) == ip.size() - 40, "IPv6 payload length");
        require(word_at(ip, 44) == ip.size() - 40, "UDP length over IPv6");
        require(word_at(ip, 46) != 0, "a UDP checksum over IPv6");
        return;
    }
    require(word_at(frame, 12) == 0x0800 && ip[0] == 0x45 && ip[9] == 17, "IPv4, UDP");
    require(word_at(ip, 2) == ip.size(), "IPv4 total length");
    require(is_all_ones(sum_of(ip.first(20))), "IPv4 header checksum");
    require(word_at(ip, 24) == ip.size() - 20, "UDP length over IPv4");
}

} // namespace dhcp46::test
