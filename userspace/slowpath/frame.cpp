// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/frame.h"

#include "dhcp46/core/csum.h"

namespace dhcp46 {

namespace {

std::uint64_t sum_of(std::span<const std::uint8_t> octets) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); i++)
        sum += i % 2 ? DHCP46_BE16(octets[i]) : DHCP46_BE16(octets[i] << 8);
    return sum;
}

bool is_ipv6(std::span<const std::uint8_t> ip) {
    return ip[0] >> 4 == 6;
}

std::size_t header_length(std::span<const std::uint8_t> ip) {
    return is_ipv6(ip) ? std::size_t{IPV6_LENGTH} : (ip[0] & 0xfu) * std::size_t{4};
}

std::uint64_t pseudo_sum(std::span<const std::uint8_t> ip) {
    const std::uint8_t *udp = ip.data() + header_length(ip);
    const std::uint64_t addresses =
        is_ipv6(ip) ? sum_of(ip.subspan(IPV6_SRC, 32)) : sum_of(ip.subspan(IPV4_SRC, 8));
    return addresses + DHCP46_BE16(UDP_PROTOCOL) + dhcp46_load16(udp + UDP_LEN);
}

} // namespace

void store_ipv4_csum(std::uint8_t *ip) {
    dhcp46_store16(ip + IPV4_CSUM, 0);
    const std::uint64_t sum = sum_of({ip, (ip[0] & 0xfu) * std::size_t{4}});
    dhcp46_store16(ip + IPV4_CSUM, static_cast<std::uint16_t>(~dhcp46_csum_fold16(sum)));
}

void store_unfinished_csum(std::span<std::uint8_t> frame, std::size_t l3) {
    const auto ip = frame.subspan(l3);
    dhcp46_store16(ip.data() + header_length(ip) + UDP_CSUM, dhcp46_csum_fold16(pseudo_sum(ip)));
}

bool is_csum_acceptable(std::span<const std::uint8_t> frame, std::size_t l3) {
    const auto ip = frame.subspan(l3);
    const auto udp = ip.subspan(header_length(ip));
    const std::uint16_t field = dhcp46_load16(udp.data() + UDP_CSUM);
    const std::size_t length = dhcp46_swap16(dhcp46_load16(udp.data() + UDP_LEN));
    const std::uint64_t pseudo = pseudo_sum(ip);

    if (field == 0 || field == dhcp46_csum_fold16(pseudo))
        return true;
    return dhcp46_csum_fold16(pseudo + sum_of(udp.first(length))) == 0xffff;
}

} // namespace dhcp46
