// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which of our TC programs a device needs. Whether XDP runs in front of them is a choice, see
// xdp_choice.h.
#ifndef DHCP46_INSTANCE_HOOK_NEEDS_H
#define DHCP46_INSTANCE_HOOK_NEEDS_H

#include <map>

#include "instance/tables.h"
#include "net/network.h"

namespace dhcp46 {

enum class IngressProgram { ethernet, no_layer2 };

struct HookNeeds {
    IngressProgram ingress = IngressProgram::ethernet;
    bool egress = false;
};

// As one side of an instance.
HookNeeds hook_needs(dhcp46_role role, dhcp46_side side, const Device &device);
// Of every device that an instance takes packets on, by ifindex; and of the server's end of a tsv's
// link, which may have XDP. One that is gone keeps what it may have needed.
std::map<unsigned, HookNeeds> hook_needs(const Tables &tables, const Network &network);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_HOOK_NEEDS_H
