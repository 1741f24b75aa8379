// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What a bound socket has received: the host's stack has put fragments together, and has done with
// extension headers and the checksum (E-29, E-30).
#pragma once

#include <cstdint>
#include <vector>

#include "util/address.h"

namespace dhcp46 {

struct Datagram {
    bool ipv6 = false;
    Ip6 source; // IPv4 as v4-mapped
    Ip6 destination;
    std::uint16_t source_port = 0; // host order
    std::uint32_t ifindex = 0;     // where it came in
    std::vector<std::uint8_t> message;
};

// The Ethernet frame that would have brought it in one piece. Its checksum says "to be summed", as
// that of a sender with checksum offload.
std::vector<std::uint8_t> frame_of(const Datagram &datagram);

} // namespace dhcp46
