// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The whole data path outside the kernel: shell, core and buffer executor, with made-up routes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "common/tables.h"
#include "dhcp46/core/plan.h"
#include "util/address.h"

namespace dhcp46::test {

using Frame = std::vector<std::uint8_t>;
using Mac = std::array<std::uint8_t, 6>;

// A device, and what a route lookup would say of everything that leaves by it.
struct Way {
    Mac own;
    Mac next_hop;
    std::uint32_t mtu;
    std::uint32_t l2_length = 14; // octets: 14, or 0
};

// What a route lookup says of a single destination.
struct Route {
    std::uint32_t ifindex = 0; // 0: unreachable
    Mac next_hop = {};
    std::uint32_t mtu = 0;
};

struct Network {
    dhcp46_tables tables;
    std::map<std::uint32_t, Way> ways; // by ifindex
    std::map<Ip6, Route> routes; // IPv4 as v4-mapped; the others are behind the plan's own device
};

// Which program the model stands for; they differ in what they can know and in what they leave.
enum class Tier {
    buffer, // looks into everything, cannot tell a partial checksum
    xdp,    // hands the odd ones on (and then says `handed_on`)
    tc,     // knows a partial checksum when it has one
};

enum class Hook { ingress, egress };

// A frame that leaves.
struct Sent {
    std::uint8_t way = 0;      // enum dhcp46_way
    std::uint32_t ifindex = 0; // where it leaves; of what goes up into the host, where it came in
    Frame frame;               // without layer-2 header, where the device has none

    bool operator==(const Sent &) const = default;
    // Left by route: TC leaves the MAC addresses to the neighbour code.
    bool is_routed() const { return way == DHCP46_WAY_ROUTE || way == DHCP46_WAY_DEVICE; }
};

struct Outcome {
    std::uint32_t verdict = DHCP46_VERDICT_IGNORE;
    std::uint32_t reason = DHCP46_NO_REASON; // a note, if relayed
    std::uint32_t skipped = 0;               // upstreams that got no copy
    std::uint32_t type = DHCP46_TYPES;       // if relayed
    std::uint32_t path = 0;                  // enum dhcp46_path
    std::uint32_t link_id = 0;
    bool handed_on = false;
    std::vector<Sent> out; // if relayed: in the order of upstreams

    bool operator==(const Outcome &) const = default;
};

// Runs one frame that came in, or is on its way out, on `ifindex`. No controller is running.
Outcome run(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
            Tier tier, Hook hook = Hook::ingress);

} // namespace dhcp46::test
