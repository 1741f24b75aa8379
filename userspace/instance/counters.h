// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What is counted, and its names from counters.def.
#ifndef DHCP46_INSTANCE_COUNTERS_H
#define DHCP46_INSTANCE_COUNTERS_H

#include <string>
#include <vector>

#include "dhcp46/abi.h"

namespace dhcp46 {

struct LinkStats {
    std::string device; // once it is gone, the name that it had
    unsigned ifindex = 0;
    dhcp46_side side = DHCP46_SIDE_NONE;
    dhcp46_stats stats = {};
};

struct InstanceStats {
    std::string name;
    dhcp46_role role = DHCP46_ROLE_NONE;
    std::vector<LinkStats> links;
};

// The reasons of one fate that is not "relayed".
struct CounterSection {
    const char *name; // dropped, passed, punted or noted
    const char *text; // what becomes of these packets
};

struct NamedRelayed {
    const char *name;
    dhcp46_relayed count;
};

struct NamedCount {
    const char *section;
    const char *name;
    const char *text; // what it means
    dhcp46_count count;
};

const std::vector<CounterSection> &counter_sections();
std::vector<NamedRelayed> relayed_of(const dhcp46_stats &stats);
std::vector<NamedCount> counts_of(const dhcp46_stats &stats);
void add_stats(dhcp46_stats &total, const dhcp46_stats &more);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_COUNTERS_H
