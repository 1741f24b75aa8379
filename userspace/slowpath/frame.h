// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Checksums of a frame in memory. `l3` is the offset of its IP header; UDP follows the IP header,
// and all of it is there.
#pragma once

#include <cstdint>
#include <span>

namespace dhcp46 {

// Of an IPv4 header, options included.
void store_ipv4_csum(std::uint8_t *ip);

// The sum of the pseudo-header, which is what a sender with checksum offload leaves.
void store_unfinished_csum(std::span<std::uint8_t> frame, std::size_t l3);

// Whether the UDP checksum is right, unfinished, or not there.
bool is_csum_acceptable(std::span<const std::uint8_t> frame, std::size_t l3);

} // namespace dhcp46
