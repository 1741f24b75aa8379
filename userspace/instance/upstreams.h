// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The upstreams of an instance in their slots. Pure: changes tables, difference() gives the steps.
//
// An upstream stays in its slot while others come and go. To move one would, for a moment, send a
// copy twice or none.
#ifndef DHCP46_INSTANCE_UPSTREAMS_H
#define DHCP46_INSTANCE_UPSTREAMS_H

#include <vector>

#include "instance/tables.h"
#include "util/address.h"

namespace dhcp46 {

using Upstreams = std::map<std::uint32_t, dhcp46_upstream>; // by slot

Upstreams upstreams_of(const Tables &tables, std::uint32_t instance);

// Makes them the only ones of the instance, which had `before`; of origin file, the only ones of
// that origin. A single one comes to slot 0, where the kernel looks first. False: there is no room
// for all, and nothing is changed.
bool set_upstreams(Tables &tables, std::uint32_t instance, const Upstreams &before,
                   const std::vector<Ip6> &wanted, dhcp46_origin origin = DHCP46_ORIGIN_CLI);

enum class UpstreamChange { done, none, full };

// none: it is there; full: all slots are.
UpstreamChange add_upstream(Tables &tables, std::uint32_t instance, const Ip6 &address);
// none: it is not there.
UpstreamChange delete_upstream(Tables &tables, std::uint32_t instance, const Ip6 &address);

// Makes them the only ones of origin hook. Those of other origins stay as they are, also if they
// are among `learned`. A new one takes the slot of one that is gone: no packet meets neither.
// none: nothing changes; full: there is no room for all, and nothing changes.
UpstreamChange learn_upstreams(Tables &tables, std::uint32_t instance,
                               const std::vector<Ip6> &learned);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_UPSTREAMS_H
