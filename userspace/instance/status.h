// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// How the instances are: the tables compared with the network and the hooks. Pure.
#ifndef DHCP46_INSTANCE_STATUS_H
#define DHCP46_INSTANCE_STATUS_H

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "instance/health.h"
#include "instance/hook_state.h"
#include "instance/tables.h"
#include "net/network.h"
#include "net/server_link.h"

namespace dhcp46 {

struct DeviceStatus {
    std::string name; // once it is gone, that which it had
    unsigned ifindex = 0;
    dhcp46_side side = DHCP46_SIDE_NONE;
    bool gone = false;
    bool up = false;
    bool native_xdp = false;
    std::string why; // native or TC alone
    std::string tc;  // tcx, clsact or none
    dhcp46_link link = {};
    bool forwarding4 = false;
    bool forwarding6 = false;
    // Whether the route of what comes in here is asked for, which is answered only where that
    // family's forwarding is on: by XDP always, by TC if there are several ways out.
    bool asks_route4 = false;
    bool asks_route6 = false;
};

struct UpstreamStatus {
    std::uint32_t slot = 0;
    std::string address;
    unsigned port = 67;
    dhcp46_origin origin = DHCP46_ORIGIN_BPFTOOL;
    UpstreamHealth health = {};
};

struct PrefixStatus {
    std::string prefix;
    bool allowed = true;
    Ip4 link_selection;
};

// The link of a tsv to its server.
struct ServerLinkStatus {
    std::string device;        // our end
    std::string server_device; // the server's; empty: it is not in this network namespace
    bool up = false;           // the server's end
    bool native_xdp = false;   // our program is on the server's end, so that ours takes redirects
};

struct InstanceStatus {
    dhcp46_instance instance = {};
    Ip6 service_address;                         // not of a CRA
    Ip4 giaddr;                                  // not of a CRA
    std::optional<ServerLinkStatus> server_link; // TSV
    std::vector<UpstreamStatus> upstreams;
    std::vector<PrefixStatus> cra_prefixes;
    std::vector<DeviceStatus> devices;
    bool another_build = false;       // than this dhcp46 attached the programs
    std::vector<std::string> missing; // why it cannot relay
    std::vector<std::string> warnings;

    bool ready() const { return missing.empty(); }
};

struct Observed {
    Network network;
    HookMap hooks;
    std::map<unsigned, std::string> foreign_xdp;
    RouteLookup route;
    std::map<unsigned, Neighbours> neighbours = {};       // permanent ones, by ifindex
    std::map<std::uint32_t, std::uint64_t> unechoed = {}; // replies without CRA6ADDR, by link id
    bool another_build = false;                           // programs that are not this binary's run
    std::map<dhcp46_upstream_key, UpstreamHealth, BytesLess> health = {};
};

// Ordered by name.
std::vector<InstanceStatus> describe(const Tables &tables, const Observed &observed);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_STATUS_H
