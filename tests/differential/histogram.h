// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// How often each fate was seen, and which fates a run has to see.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "differential/expect.h"

namespace dhcp46::test {

class Histogram {
  public:
    void add(const Expected &expected, Tier tier);

    std::size_t compared(Tier tier) const { return by_tier_[index(tier)].compared; }
    std::size_t relayed(Tier tier) const { return by_tier_[index(tier)].relayed; }
    // Of all comparisons, those that ended in a relayed packet; percent.
    double relay_share() const;
    // The reasons that counters.def gives to these paths and that were seen too seldom.
    std::vector<std::string> missing() const;
    void print() const;

  private:
    struct Counts {
        std::size_t compared = 0;
        std::size_t relayed = 0;
        std::array<std::size_t, DHCP46_TYPES + 1> types = {};
        std::array<std::size_t, DHCP46_REASONS + 1> reasons = {};
    };
    static std::size_t index(Tier tier) { return tier == Tier::xdp ? 0 : 1; }

    std::array<Counts, 2> by_tier_;
};

} // namespace dhcp46::test
