// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What holds for every frame that leaves, computed without the product's code.
#pragma once

#include <cstdint>
#include <span>

namespace dhcp46::test {

// Aborts with the property's name if the frame is not one well-formed UDP datagram over IP.
void check_emitted(std::span<const std::uint8_t> frame);

// Whether a frame without tags and extension headers is UDP in one piece whose checksum is right;
// what stands behind the datagram does not matter.
bool has_good_udp_csum(std::span<const std::uint8_t> frame);

} // namespace dhcp46::test
