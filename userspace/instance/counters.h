// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The names of struct dhcp46_stats, from counters.def.
#ifndef DHCP46_INSTANCE_COUNTERS_H
#define DHCP46_INSTANCE_COUNTERS_H

#include <vector>

#include "dhcp46/abi.h"

namespace dhcp46 {

struct NamedRelayed {
    const char *name;
    dhcp46_relayed count;
};

struct NamedCount {
    const char *section; // dropped, passed, punted or noted
    const char *name;
    const char *text; // what it means
    dhcp46_count count;
};

std::vector<NamedRelayed> relayed_of(const dhcp46_stats &stats);
std::vector<NamedCount> counts_of(const dhcp46_stats &stats);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_COUNTERS_H
