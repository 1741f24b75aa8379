// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dhcp46 {

// The Ethernet frames in which an IPv4 packet without options crosses a link with this MTU
// (octets): itself if it fits, else its fragments. No link has less than 68 (RFC 791): that is
// taken for none. A packet socket sends what it is given, and a link takes no more.
std::vector<std::vector<std::uint8_t>> fragment_ipv4(std::span<const std::uint8_t> frame,
                                                     std::uint32_t mtu);

} // namespace dhcp46
