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
    void add(const Expected &expected, Program program);

    std::size_t compared() const;
    std::size_t relayed(Program program) const { return of(program).relayed; }
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
    const Counts &of(Program program) const { return each_[static_cast<std::size_t>(program)]; }
    // Over all programs.
    template <typename Part> std::size_t sum(Part part) const {
        std::size_t all = 0;
        for (const Counts &counts : each_)
            all += part(counts);
        return all;
    }
    template <typename Part> void print_line(const char *fate, const char *name, Part part) const;

    std::array<Counts, std::size(all_programs)> each_;
};

} // namespace dhcp46::test
