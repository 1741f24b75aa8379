// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The third executor of plans: on a frame in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dhcp46/core/plan.h"

namespace dhcp46 {

// The frame that `plan` makes of `frame`. The verdict is to relay, and the MAC addresses are in the
// plan's header.
std::vector<std::uint8_t> apply(dhcp46_plan plan, std::span<const std::uint8_t> frame);

} // namespace dhcp46
