// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_INSTANCE_HOOK_STATE_H
#define DHCP46_INSTANCE_HOOK_STATE_H

#include <map>

namespace dhcp46 {

// Which of our programs are on a device.
struct HookState {
    bool xdp = false;
    bool tc = false;          // on TC ingress
    bool tcx = false;         // TC by tcx links, else by clsact filters
    bool egress = false;      // on TC egress
    bool xdp_refused = false; // by the driver, just now
};
using HookMap = std::map<unsigned, HookState>; // by ifindex

} // namespace dhcp46

#endif // DHCP46_INSTANCE_HOOK_STATE_H
