// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/counters.h"

#include <array>
#include <bit>

namespace dhcp46 {

const std::vector<CounterSection> &counter_sections() {
    static const std::vector<CounterSection> sections = {
#define DHCP46_SECTION(macro, name, text) {#name, text},
#include "dhcp46/counters.def"
    };
    return sections;
}

std::vector<NamedRelayed> relayed_of(const dhcp46_stats &stats) {
    return {
#define DHCP46_TYPE(name, value) {#name, stats.relayed.name},
#include "dhcp46/counters.def"
    };
}

std::vector<NamedCount> counts_of(const dhcp46_stats &stats) {
    return {
#define DHCP46_DROP(name, paths, text) {"dropped", #name, text, stats.dropped.name},
#include "dhcp46/counters.def"
#define DHCP46_PASS(name, paths, text) {"passed", #name, text, stats.passed.name},
#include "dhcp46/counters.def"
#define DHCP46_PUNT(name, paths, text) {"punted", #name, text, stats.punted.name},
#include "dhcp46/counters.def"
#define DHCP46_NOTE(name, paths, text) {"noted", #name, text, stats.noted.name},
#include "dhcp46/counters.def"
    };
}

// The struct is counters and nothing else.
void add_stats(dhcp46_stats &total, const dhcp46_stats &more) {
    using Words = std::array<std::uint64_t, sizeof(dhcp46_stats) / sizeof(std::uint64_t)>;
    auto sum = std::bit_cast<Words>(total);
    const auto one = std::bit_cast<Words>(more);
    for (std::size_t i = 0; i < sum.size(); i++)
        sum[i] += one[i];
    total = std::bit_cast<dhcp46_stats>(sum);
}

} // namespace dhcp46
