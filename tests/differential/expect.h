// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What a program must do, from what the model says.
#pragma once

#include "differential/kernel.h"

namespace dhcp46::test {

struct Expected {
    std::uint32_t action = 0;
    Frame frame;
    bool relayed = false;
    bool punted = false;
    std::uint32_t link_id = 0;
    std::uint32_t type = DHCP46_TYPES;
    std::uint32_t reason = DHCP46_NO_REASON; // what is counted, besides `type`
    std::uint32_t skipped = 0;               // upstreams without a copy, which are counted too
};

Expected expect(const Outcome &outcome, Tier tier, const Frame &frame, bool controller_alive);

// Counts what is expected, as the program does.
void count(const Expected &expected, Tier tier, std::size_t octets, Stats &stats);

} // namespace dhcp46::test
