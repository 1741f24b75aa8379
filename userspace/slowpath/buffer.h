// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The third executor of plans: on a frame in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dhcp46/core/plan.h"

namespace dhcp46 {

// The frame that `plan` makes of `frame`. The verdict is to relay, and the MAC addresses are in the
// plan's header. The plan is then applied (dhcp46_plan_applied).
std::vector<std::uint8_t> apply(dhcp46_plan &plan, std::span<const std::uint8_t> frame);

// Turns the copy for one upstream, as apply() or this made it, into that for another, at which the
// plan has been aimed since (dhcp46_plan_aim).
void apply_aim(dhcp46_plan &plan, std::span<std::uint8_t> copy);

} // namespace dhcp46
