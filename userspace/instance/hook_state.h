// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_INSTANCE_HOOK_STATE_H
#define DHCP46_INSTANCE_HOOK_STATE_H

#include <map>

namespace dhcp46 {

// Which of our programs are on a device.
struct HookState {
    bool xdp = false;
    bool tc = false;
    bool tcx = false; // TC by a tcx link, else by a clsact filter
};
using HookMap = std::map<unsigned, HookState>; // by ifindex

} // namespace dhcp46

#endif // DHCP46_INSTANCE_HOOK_STATE_H
