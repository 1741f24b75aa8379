// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The one configuration of this layer: devices, instances of both roles with every kind of policy,
// routes. The model reads it as a Network, the kernel gets it as maps, devices and routes.
#pragma once

#include <string>
#include <vector>

#include "common/model.h"
#include "util/address.h"

namespace dhcp46::test {

struct Device {
    std::uint32_t ifindex;
    const char *name;
    std::uint32_t mtu;
};

struct Upstream {
    std::uint32_t slot;
    std::string address; // IPv6 of a CRA's, IPv4 of a TRA's
    std::uint16_t port;
    bool only;
};

struct Cra {
    std::uint32_t id;
    std::uint32_t client; // devices, by ifindex
    std::uint32_t uplink;
    std::string source6;
    std::string ipv4; // of the client device
    std::string broadcast;
    dhcp46_policy policy;
    std::vector<Upstream> upstreams;
};

struct AllowedPrefix {
    std::string text;
    bool allowed;
};

struct Tra {
    std::uint32_t id;
    std::uint32_t v6; // devices, by ifindex
    std::uint32_t v4;
    bool routed_only; // its servers are behind no single device
    std::string service6;
    std::string giaddr;
    bool addresses_known; // else it has no address to send from yet, on either side
    dhcp46_policy policy;
    std::vector<Upstream> upstreams;
    std::vector<AllowedPrefix> prefixes;
};

const std::vector<Device> &devices();
const std::vector<Cra> &cras();
const std::vector<Tra> &tras();

std::uint32_t mtu_of(std::uint32_t ifindex);
Mac mac_of(std::uint32_t ifindex);
Mac next_hop_of(std::uint32_t ifindex);

// Link ids are below this.
inline constexpr std::uint32_t link_ids = 32;

Network make_network();

} // namespace dhcp46::test
