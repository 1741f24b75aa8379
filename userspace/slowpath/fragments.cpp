// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/fragments.h"

#include <algorithm>

#include "dhcp46/core/bytes.h"
#include "slowpath/frame.h"

namespace dhcp46 {

namespace {

constexpr std::size_t headers = ETH_LENGTH + IPV4_LENGTH;
constexpr std::uint16_t more_fragments = 0x2000;
constexpr std::uint32_t least_mtu = 68; // RFC 791

} // namespace

std::vector<std::vector<std::uint8_t>> fragment_ipv4(std::span<const std::uint8_t> frame,
                                                     std::uint32_t mtu) {
    if (mtu < least_mtu || frame.size() <= ETH_LENGTH + std::size_t{mtu})
        return {{frame.begin(), frame.end()}};

    const std::size_t most = std::size_t{mtu - IPV4_LENGTH} / 8 * 8; // offsets count eight octets
    const auto payload = frame.subspan(headers);
    std::vector<std::vector<std::uint8_t>> fragments;
    for (std::size_t at = 0; at < payload.size(); at += most) {
        const std::size_t length = std::min(most, payload.size() - at);
        const bool is_last = at + length == payload.size();
        std::vector<std::uint8_t> fragment(headers + length);
        std::copy_n(frame.begin(), headers, fragment.begin());
        std::copy_n(payload.begin() + static_cast<std::ptrdiff_t>(at), length,
                    fragment.begin() + headers);
        std::uint8_t *ip = fragment.data() + ETH_LENGTH;
        const auto field = static_cast<std::uint16_t>(at / 8 | (is_last ? 0 : more_fragments));
        dhcp46_store16(ip + IPV4_TOTAL,
                       dhcp46_swap16(static_cast<std::uint16_t>(IPV4_LENGTH + length)));
        dhcp46_store16(ip + IPV4_FRAG, dhcp46_swap16(field));
        store_ipv4_csum(ip);
        fragments.push_back(std::move(fragment));
    }
    return fragments;
}

} // namespace dhcp46
