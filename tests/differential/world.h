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
    std::uint32_t l2_length = 14; // 0: frames there begin with the IP header
};

struct Upstream {
    std::uint32_t slot;
    std::string address; // IPv6 of a CRA's, IPv4 of a TRA's
    std::uint16_t port;
    bool last;
    std::uint32_t by = 0; // a device of its own; 0: that of the instance
    bool reachable = true;
};

struct Cra {
    std::uint32_t id;
    dhcp46_role role;
    std::uint32_t client; // devices, by ifindex; of an HCRA one and the same
    std::uint32_t uplink;
    std::string source6;
    std::string ipv4; // the IPv4 source towards clients; of an LCRA the client device's own
    std::string broadcast;
    dhcp46_policy policy;
    std::vector<Upstream> upstreams;
};

struct AllowedPrefix {
    std::string text;
    bool allowed;
    std::string link_selection = {};
};

struct Tra {
    std::uint32_t id;
    dhcp46_role role;
    std::uint32_t v6; // devices, by ifindex
    std::uint32_t v4; // of a TSV our end of the server's link
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
std::uint32_t l2_length_of(std::uint32_t ifindex);

// Our end of the link of a TSV's server.
std::uint32_t tsv_link();

// The kernel takes each frame of a test run for Ethernet. Where there is none, the addresses are
// such that the octets which it takes for the EtherType say what the packet is.
bool is_known_ether_type(const Frame &frame);

// Link ids are below this.
inline constexpr std::uint32_t link_ids = 48;

Network make_network();

} // namespace dhcp46::test
