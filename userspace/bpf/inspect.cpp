// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/inspect.h"

#include <algorithm>

#include <fmt/format.h>

#include "bpf/change.h"
#include "bpf/deploy.h"
#include "bpf/hooks.h"
#include "bpf/server_link.h"
#include "instance/publish.h"

namespace dhcp46 {

Result<std::vector<InstanceStatus>> inspect_status(const std::string &bpffs,
                                                   const std::string &name) {
    const auto opened = open_for_reading(bpffs, name);
    if (!opened)
        return opened.error();
    if (!opened->store)
        return std::vector<InstanceStatus>();
    const Hooks hooks(opened->root.directory(), opened->store->programs());
    auto network = read_network_with(hooks);
    if (!network)
        return network.error();
    Observed observed{*std::move(network), {}, {}, route_device, {}};
    observed.another_build = !opened->store->is_of_this_build();
    for (const auto &[ifindex, needs] : hook_needs(opened->tables, observed.network)) {
        observed.hooks[ifindex] = hooks.state(ifindex);
        observed.another_build |= !hooks.is_current(ifindex);
        if (auto foreign = hooks.foreign_xdp(ifindex))
            observed.foreign_xdp[ifindex] = *foreign;
    }
    for (const unsigned ifindex : server_ends(opened->tables, observed.network))
        observed.neighbours[ifindex] = permanent_neighbours(ifindex);
    for (const auto &[key, link] : opened->tables.links) {
        const auto counts = opened->store->stats(link.link_id);
        if (counts && side_of(key) == DHCP46_SIDE_SERVER)
            observed.unechoed[link.link_id] = counts->dropped.no_cra6addr.packets;
    }
    const Now now = Now::read();
    for (const auto &[key, upstream] : opened->tables.upstreams) {
        const auto health = opened->store->health(key, now);
        if (!health)
            return health.error();
        observed.health[key] = *health;
    }
    auto list = describe(opened->tables, observed);
    std::erase_if(list, [&](const InstanceStatus &status) {
        return !name.empty() && name != status.instance.name;
    });
    return list;
}

static Result<InstanceStats> stats_of(const Opened &opened, std::uint32_t id,
                                      const Network &network) {
    InstanceStats stats;
    const dhcp46_instance &instance = opened.tables.instances.at(id);
    stats.name = instance.name;
    stats.role = instance.role;
    for (const auto &[key, link] : opened.tables.links) {
        if (link.instance != id)
            continue;
        const auto counts = opened.store->stats(link.link_id);
        if (!counts)
            return counts.error();
        const Device *device = network.find(key.ifindex);
        stats.links.push_back(
            {device ? device->name : name_of(link), key.ifindex, side_of(key), *counts});
    }
    std::stable_sort(stats.links.begin(), stats.links.end(),
                     [](const auto &a, const auto &b) { return a.side < b.side; });
    return stats;
}

Result<std::vector<InstanceStats>> inspect_stats(const std::string &bpffs,
                                                 const std::string &name) {
    const auto opened = open_for_reading(bpffs, name);
    if (!opened)
        return opened.error();
    const auto network = read_network();
    if (!network)
        return network.error();
    std::vector<InstanceStats> list;
    for (const auto &[id, instance] : opened->tables.instances) {
        if (!name.empty() && name != instance.name)
            continue;
        auto stats = stats_of(*opened, id, *network);
        if (!stats)
            return stats.error();
        list.push_back(*std::move(stats));
    }
    std::sort(list.begin(), list.end(),
              [](const auto &a, const auto &b) { return a.name < b.name; });
    return list;
}

} // namespace dhcp46
