// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The slow path's decision on one packet: the core's, without the limits that the verifier sets.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dhcp46/core/plan.h"
#include "slowpath/lookups.h"

namespace dhcp46 {

// An Ethernet frame that is to leave. Where the way is a route its MAC addresses are zero.
struct Departure {
    dhcp46_way way = DHCP46_WAY_ROUTE;
    std::uint32_t ifindex = 0; // see enum dhcp46_way
    std::uint32_t mtu = 0;     // octets, of that device; 0: the route knows
    std::vector<std::uint8_t> frame;
};

struct Decision {
    dhcp46_verdict verdict = DHCP46_VERDICT_IGNORE; // never to punt
    std::uint32_t link_id = 0;                      // where it is counted; not if it is ignored
    std::uint32_t reason = DHCP46_NO_REASON;        // enum dhcp46_reason, or DHCP46_NO_REASON
    std::uint32_t type = DHCP46_TYPES;              // enum dhcp46_type, of what is relayed
    std::vector<Departure> departures;              // of what is relayed: one to each upstream
};

// `frame` came in on `ifindex`, or was on its way out there, if an HCRA's client has sent it. It
// has an Ethernet header, or none at all.
Decision decide(std::span<const std::uint8_t> frame, bool has_ethernet, std::uint32_t ifindex,
                const Lookups &lookups);

} // namespace dhcp46
