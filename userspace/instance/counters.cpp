// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/counters.h"

namespace dhcp46 {

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

} // namespace dhcp46
