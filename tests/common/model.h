// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The whole data path outside the kernel: shell, core and buffer executor, with made-up routes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "common/tables.h"
#include "dhcp46/core/plan.h"

namespace dhcp46::test {

using Frame = std::vector<std::uint8_t>;
using Mac = std::array<std::uint8_t, 6>;

// What a route lookup would say of everything that leaves by a device.
struct Way {
    Mac own;
    Mac next_hop;
    std::uint32_t mtu;
};

struct Network {
    dhcp46_tables tables;
    std::map<std::uint32_t, Way> ways; // by ifindex
};

// Which program the model stands for; they differ in what they can know and in what they leave.
enum class Tier {
    buffer, // looks into everything, cannot tell a partial checksum
    xdp,    // hands the odd ones on (and then says `handed_on`)
    tc,     // knows a partial checksum when it has one
};

struct Outcome {
    std::uint32_t verdict = DHCP46_VERDICT_IGNORE;
    std::uint32_t reason = DHCP46_NO_REASON; // a note, if relayed
    std::uint32_t type = DHCP46_TYPES;       // if relayed
    std::uint32_t path = 0;                  // enum dhcp46_path
    std::uint32_t link_id = 0;
    std::uint32_t out_ifindex = 0;
    bool routed = false; // left by route: TC leaves the MAC addresses to the neighbour code
    bool handed_on = false;
    Frame out;
};

// Runs one frame that came in on `ifindex`. No controller is running.
Outcome run(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
            Tier tier);

} // namespace dhcp46::test
