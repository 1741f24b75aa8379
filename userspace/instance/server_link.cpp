// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/server_link.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace dhcp46 {

// Locally administered: 02, "d46", two octets of the name, of which the last bit says which end.
static constexpr std::array<std::uint8_t, 4> mac_mark = {0x02, 'd', '4', '6'};

static Mac mac_of(const std::string &instance, bool servers) {
    std::uint32_t hash = 2166136261; // FNV-1a
    for (const char c : instance)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 16777619;
    Mac mac;
    std::copy(mac_mark.begin(), mac_mark.end(), mac.octets.begin());
    mac.octets[4] = static_cast<std::uint8_t>(hash >> 24);
    mac.octets[5] = static_cast<std::uint8_t>((hash >> 16 & 0xfe) | (servers ? 1 : 0));
    return mac;
}

static bool is_veth_of_ours(const Device &device) {
    return device.kind == "veth" && device.name.ends_with(our_end_suffix) &&
           std::equal(mac_mark.begin(), mac_mark.end(), device.mac.octets.begin());
}

ServerLink server_link_of(const Spec &spec) {
    ServerLink link;
    link.ours = our_end_name(spec.name);
    link.servers = spec.server_end;
    link.our_mac = mac_of(spec.name, false);
    link.server_mac = mac_of(spec.name, true);
    link.server = from_v4_mapped(spec.upstreams.front());
    link.giaddr = spec.giaddr.value_or(Ip4{});
    return link;
}

bool is_there(const ServerLink &link, const Network &network) {
    const Device *ours = network.find(link.ours);
    const Device *servers = network.find(link.servers);
    return ours && servers && ours->kind == "veth" && ours->peer == servers->ifindex;
}

static Error other_end(const ServerLink &link, const Device &ours, const Network &network) {
    const std::string instance =
        ours.name.substr(0, ours.name.size() - std::strlen(our_end_suffix));
    const Device *peer = network.find(ours.peer);
    if (!peer)
        return {Exit::runtime, ours.name, "its other end is in another network namespace",
                fmt::format("bring it back, or `dhcp46 detach {}` first", instance)};
    return {Exit::runtime, ours.name,
            fmt::format("its other end is {}, not {}", peer->name, link.servers),
            fmt::format("give --server-dev {}, or `dhcp46 detach {}` first", peer->name, instance)};
}

static Status check_names(const ServerLink &link, const Network &network) {
    const Device *ours = network.find(link.ours);
    const Device *servers = network.find(link.servers);
    if (is_there(link, network) || (!ours && !servers))
        return {};
    if (ours && is_veth_of_ours(*ours))
        return other_end(link, *ours, network);
    const Device &foreign = ours ? *ours : *servers;
    return Error{Exit::runtime, foreign.name,
                 "a device has this name already, and it is no link of this instance's server",
                 ours ? "delete or rename that device, or choose another instance name"
                      : "delete or rename that device, or choose another name with --server-dev"};
}

static Device future_end(const std::string &name, const Mac &mac) {
    Device device;
    device.name = name;
    device.kind = "veth";
    device.ethernet = device.up = true;
    device.mac = mac;
    device.mtu = server_link_mtu;
    device.ipv6_enabled = false;
    device.xdp = XdpFeatures{true, true, false};
    return device;
}

Result<Network> with_server_link(const Spec &spec, const Network &network) {
    Network planned = network;
    if (spec.role != DHCP46_ROLE_TSV)
        return planned;
    const ServerLink link = server_link_of(spec);
    if (auto status = check_names(link, network); !status)
        return status.error();
    if (is_there(link, network))
        return planned;
    Device ours = future_end(link.ours, link.our_mac);
    Device servers = future_end(link.servers, link.server_mac);
    ours.ifindex = std::numeric_limits<unsigned>::max();
    servers.ifindex = ours.peer = ours.ifindex - 1;
    servers.peer = ours.ifindex;
    ours.forwarding6 = true;
    planned.devices.push_back(std::move(ours));
    planned.devices.push_back(std::move(servers));
    return planned;
}

std::string server_end_now(const Spec &spec, const Network &network) {
    const Device *ours = network.find(our_end_name(spec.name));
    const Device *servers = ours ? network.find(ours->peer) : nullptr;
    return spec.role == DHCP46_ROLE_TSV && servers ? servers->name : "";
}

Network without_server_link(const Spec &spec, Network network) {
    const std::string ours = our_end_name(spec.name);
    const std::string servers = server_end_now(spec, network);
    std::erase_if(network.devices, [&](const Device &device) {
        return !servers.empty() && (device.name == ours || device.name == servers);
    });
    return network;
}

std::vector<unsigned> server_ends(const Tables &tables, const Network &network) {
    std::vector<unsigned> ends;
    for (const auto &[key, link] : tables.links) {
        const auto instance = tables.instances.find(link.instance);
        const Device *ours = network.find(key.ifindex);
        if (side_of(key) == DHCP46_SIDE_SERVER && instance != tables.instances.end() &&
            instance->second.role == DHCP46_ROLE_TSV && ours && ours->peer)
            ends.push_back(ours->peer);
    }
    return ends;
}

std::vector<std::string> server_links_of(const Tables &tables, std::uint32_t instance,
                                         const Network &network) {
    std::vector<std::string> names;
    const auto found = tables.instances.find(instance);
    if (found == tables.instances.end())
        return names;
    for (const auto &[key, link] : tables.links) {
        const Device *device = network.find(key.ifindex);
        // Another device may have the ifindex by now.
        const bool ours =
            device && device->kind == "veth" &&
            (is_veth_of_ours(*device) || device->name == our_end_name(found->second.name));
        if (link.instance == instance && side_of(key) == DHCP46_SIDE_SERVER && ours)
            names.push_back(device->name);
    }
    return names;
}

std::vector<std::string> stray_server_links(const Tables &tables, const Network &network,
                                            const std::string &name) {
    std::vector<std::string> names;
    for (const Device &device : network.devices) {
        if (!is_veth_of_ours(device) || (!name.empty() && device.name != our_end_name(name)))
            continue;
        const bool used =
            std::any_of(tables.links.begin(), tables.links.end(),
                        [&](const auto &entry) { return entry.first.ifindex == device.ifindex; });
        if (!used)
            names.push_back(device.name);
    }
    return names;
}

} // namespace dhcp46
