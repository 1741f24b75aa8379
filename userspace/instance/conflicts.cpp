// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What an instance may not be, given the other instances and what it was before.
#include <algorithm>

#include <fmt/format.h>

#include "instance/publish.h"

namespace dhcp46 {

using SideDevice = std::pair<dhcp46_side, unsigned>;

static std::set<SideDevice> shape_of(const Tables &tables, std::uint32_t instance) {
    std::set<SideDevice> shape;
    for (const auto &[key, link] : tables.links) {
        if (link.instance == instance)
            shape.emplace(side_of(key), key.ifindex);
    }
    return shape;
}

static std::size_t count_side(const std::set<SideDevice> &shape, dhcp46_side side) {
    return static_cast<std::size_t>(std::count_if(
        shape.begin(), shape.end(), [&](const auto &entry) { return entry.first == side; }));
}

// The same devices, where a device that was deleted and made again counts as the same.
static bool is_same_shape(const std::set<SideDevice> &before, const std::set<SideDevice> &after,
                          const Network &network) {
    for (const dhcp46_side side : {DHCP46_SIDE_CLIENT, DHCP46_SIDE_IPV6, DHCP46_SIDE_SERVER}) {
        if (count_side(before, side) != count_side(after, side))
            return false;
    }
    return std::all_of(before.begin(), before.end(), [&](const SideDevice &entry) {
        return after.contains(entry) || !network.find(entry.second);
    });
}

static Status check_same_shape(const Tables &current, std::uint32_t id, const Resolved &resolved,
                               const Network &network) {
    const std::string &name = resolved.spec.name;
    const std::string hint = fmt::format("`dhcp46 detach {}` first, or choose another name", name);
    const dhcp46_role role = current.instances.at(id).role;
    if (role != resolved.spec.role)
        return Error{Exit::runtime, name, fmt::format("it exists as {}", role_name(role)), hint};
    std::set<SideDevice> wanted;
    for (const ResolvedLink &link : resolved.links)
        wanted.emplace(link.side, link.device.ifindex);
    if (!is_same_shape(shape_of(current, id), wanted, network))
        return Error{Exit::runtime, name, "it exists with other devices", hint};
    return {};
}

static std::string instance_name(const Tables &tables, std::uint32_t id) {
    const auto found = tables.instances.find(id);
    return found == tables.instances.end() ? fmt::format("instance {}", id) : found->second.name;
}

static Status check_client_links(const Tables &current, std::uint32_t id,
                                 const Resolved &resolved) {
    for (const ResolvedLink &link : resolved.links) {
        if (link.side != DHCP46_SIDE_CLIENT)
            continue;
        const auto taken = current.links.find({link.device.ifindex, 0, 0, DHCP46_SIDE_CLIENT, 0});
        if (taken != current.links.end() && taken->second.instance != id)
            return Error{Exit::runtime, link.device.name,
                         fmt::format("its clients are served by instance {} already",
                                     instance_name(current, taken->second.instance)),
                         fmt::format("`dhcp46 detach {}` first, or choose another device",
                                     instance_name(current, taken->second.instance))};
    }
    return {};
}

static Status check_address(const Tables &current, std::uint32_t id, const Ip6 &address,
                            const Device &device, const char *hint) {
    const auto user = find_address_user(current, address, device.ifindex);
    if (!address.is_set() || !user || *user == id)
        return {};
    const bool v4 = kind_of(address) == Ip6Kind::v4_mapped;
    return Error{Exit::runtime, v4 ? to_string(from_v4_mapped(address)) : to_string(address),
                 fmt::format("instance {} uses this address on {} already, and it must name one "
                             "instance",
                             instance_name(current, *user), device.name),
                 hint};
}

static Status check_addresses(const Tables &current, std::uint32_t id, const Resolved &resolved) {
    for (const ResolvedLink &link : resolved.links) {
        const bool service = !is_cra(resolved.spec.role) && link.side == DHCP46_SIDE_IPV6;
        if (link.side == DHCP46_SIDE_SERVER && resolved.giaddr.is_set()) {
            if (auto status = check_address(current, id, v4_mapped(resolved.giaddr), link.device,
                                            "give each instance its own with --giaddr V4ADDR");
                !status)
                return status;
        }
        for (const ResolvedLink &way_in : resolved.links) {
            const bool pair =
                service ? &way_in == &link
                        : link.side == DHCP46_SIDE_CLIENT && way_in.side == DHCP46_SIDE_IPV6;
            if (!pair)
                continue;
            if (auto status = check_address(current, id, link.source6, way_in.device,
                                            "give each instance its own with --source V6ADDR");
                !status)
                return status;
        }
    }
    return {};
}

// Two links with one giaddr would be two routes to it.
static Status check_giaddr(const Tables &current, std::uint32_t id, const Resolved &resolved) {
    if (resolved.spec.role != DHCP46_ROLE_TSV)
        return {};
    for (const auto &[key, entry] : current.addresses) {
        if (key.ifindex != 0 && entry.instance != id &&
            from_array<Ip6>(key.address) == v4_mapped(resolved.giaddr))
            return Error{
                Exit::runtime, fmt::format("--giaddr {}", to_string(resolved.giaddr)),
                fmt::format("instance {} has it already", instance_name(current, entry.instance)),
                "give each instance its own with --giaddr V4ADDR"};
    }
    return {};
}

// A CRA's address that it does not send from any more, see keep_previous_sources().
static bool is_previous_source(const Tables &tables, const dhcp46_address_key &key,
                               const dhcp46_address &entry) {
    return is_cra(entry.role) && key.ifindex != 0 &&
           std::none_of(tables.links.begin(), tables.links.end(), [&](const auto &link) {
               return link.second.instance == entry.instance &&
                      from_array<Ip6>(link.second.source6) == from_array<Ip6>(key.address);
           });
}

// What others have and keep.
static Tables claims(const Tables &current, const std::set<std::string> &yielding) {
    std::set<std::uint32_t> gone;
    for (const auto &[id, instance] : current.instances) {
        if (yielding.contains(instance.name))
            gone.insert(id);
    }
    Tables claims = current;
    std::erase_if(claims.links,
                  [&](const auto &entry) { return gone.contains(entry.second.instance); });
    std::erase_if(claims.addresses, [&](const auto &entry) {
        return gone.contains(entry.second.instance) ||
               is_previous_source(current, entry.first, entry.second);
    });
    return claims;
}

Status check_conflicts(const Tables &current, const Resolved &resolved, const Network &network,
                       Shape shape, const std::set<std::string> &yielding) {
    const auto existing = find_instance(current, resolved.spec.name);
    const std::uint32_t id = existing.value_or(0);
    if (existing && shape == Shape::stays) {
        if (auto status = check_same_shape(current, id, resolved, network); !status)
            return status;
    }
    const Tables others = claims(current, yielding);
    if (auto status = check_client_links(others, id, resolved); !status)
        return status;
    if (auto status = check_giaddr(others, id, resolved); !status)
        return status;
    return check_addresses(others, id, resolved);
}

} // namespace dhcp46
