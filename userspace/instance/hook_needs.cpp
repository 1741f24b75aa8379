// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/hook_needs.h"

#include "instance/server_link.h"

namespace dhcp46 {

// Where copies leave that need next hops of their own, and where an HCRA catches its client's
// requests. A TSV has one server, so its copies are one.
static bool sends_copies(dhcp46_role role, dhcp46_side side) {
    switch (role) {
    case DHCP46_ROLE_LCRA:
    case DHCP46_ROLE_HCRA:
        return side == DHCP46_SIDE_IPV6;
    case DHCP46_ROLE_TRA:
        return side == DHCP46_SIDE_SERVER;
    case DHCP46_ROLE_TSV:
    case DHCP46_ROLE_NONE:
        break;
    }
    return false;
}

HookNeeds hook_needs(dhcp46_role role, dhcp46_side side, const Device &device) {
    const bool catches = role == DHCP46_ROLE_HCRA && side == DHCP46_SIDE_CLIENT;
    HookNeeds needs;
    needs.ingress = device.ethernet ? IngressProgram::ethernet : IngressProgram::no_layer2;
    needs.egress = device.ethernet && (catches || sends_copies(role, side));
    return needs;
}

std::map<unsigned, HookNeeds> hook_needs(const Tables &tables, const Network &network) {
    Device gone;
    gone.ethernet = true;
    std::map<unsigned, HookNeeds> all;
    for (const auto &[key, link] : tables.links) {
        const auto instance = tables.instances.find(link.instance);
        const dhcp46_role role =
            instance == tables.instances.end() ? DHCP46_ROLE_NONE : instance->second.role;
        const Device *device = network.find(key.ifindex);
        const HookNeeds needs = hook_needs(role, side_of(key), device ? *device : gone);
        HookNeeds &merged = all[key.ifindex];
        merged.ingress = needs.ingress;
        merged.egress |= needs.egress;
    }
    for (const unsigned ifindex : server_ends(tables, network))
        all.try_emplace(ifindex);
    return all;
}

} // namespace dhcp46
