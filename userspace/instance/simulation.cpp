// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/simulation.h"

#include <string_view>

#include "instance/counters.h"

namespace dhcp46 {

Fate fate_of(const dhcp46_stats &moved) {
    Fate fate;
    for (const NamedRelayed &type : relayed_of(moved)) {
        if (type.count.xdp + type.count.tc + type.count.slow != 0) {
            fate.verdict = "relayed";
            fate.name = type.name;
        }
    }
    for (const NamedCount &reason : counts_of(moved)) {
        if (reason.count.packets == 0)
            continue;
        if (reason.section == std::string_view("noted")) {
            fate.notes.emplace_back(reason.name);
            continue;
        }
        fate.verdict = reason.section;
        fate.name = reason.name;
        fate.text = reason.text;
    }
    return fate;
}

} // namespace dhcp46
