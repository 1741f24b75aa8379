// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <filesystem>

#include <fmt/format.h>

#include "bpf/change.h"
#include "bpf/deploy.h"
#include "bpf/hooks.h"
#include "bpf/server_link.h"
#include "instance/publish.h"

namespace dhcp46 {

namespace {

bool others_want_xdp(const Tables &tables, unsigned ifindex, std::uint32_t without) {
    for (const auto &[key, link] : tables.links) {
        const auto instance = tables.instances.find(link.instance);
        if (key.ifindex == ifindex && link.instance != without &&
            instance != tables.instances.end() && instance->second.xdp_mode != DHCP46_XDP_OFF)
            return true;
    }
    return false;
}

// Entries first, in the order of difference(); then the hooks that nobody needs any more.
Status detach_one(const Opened &opened, std::uint32_t id) {
    const Hooks hooks(opened.root.directory(), opened.store->programs());
    auto network = read_network_with(hooks);
    if (!network)
        return network.error();
    HookMap remaining;
    for (const unsigned ifindex : devices_of(opened.tables, id)) {
        HookState &state = remaining[ifindex];
        state = hooks.state(ifindex);
        state.xdp = state.xdp && others_want_xdp(opened.tables, ifindex, id);
    }
    const Tables next = without_instance(opened.tables, id, remaining, *network);
    if (auto status = opened.store->apply(difference(opened.tables, next)); !status)
        return status;

    const auto needed = hook_needs(next, *network);
    for (const auto &[ifindex, wanted] : remaining) {
        const auto needs = needed.find(ifindex);
        if (needs == needed.end())
            hooks.detach_ingress(ifindex);
        if (needs == needed.end() || !needs->second.egress)
            hooks.detach_egress(ifindex);
        if (needs == needed.end() || !wanted.xdp)
            hooks.detach_xdp(ifindex);
    }
    hooks.sweep(needed);
    remove_server_links(server_links_of(opened.tables, id, *network));
    remove_server_links(stray_server_links(next, *network, opened.tables.instances.at(id).name));
    if (next.instances.empty())
        Store::remove(opened.root.directory());
    return {};
}

// What a call left that was killed half way: pins; and filters and veth pairs, which have none.
Status remove_leftovers(const std::string &directory) {
    const auto network = read_network();
    if (!network)
        return network.error();
    const Hooks hooks(directory, {});
    for (const Device &device : network->devices) {
        hooks.detach_ingress(device.ifindex);
        hooks.detach_egress(device.ifindex);
    }
    hooks.sweep({});
    remove_server_links(stray_server_links({}, *network, ""));
    Store::remove(directory);
    return {};
}

// The veth pair that an attach of this name left which was killed.
bool remove_stray(const Opened &opened, const std::string &name) {
    const auto network = read_network();
    if (!network || opened.root.is_absent())
        return false;
    const auto strays = stray_server_links(opened.tables, *network, name);
    remove_server_links(strays);
    return !strays.empty();
}

} // namespace

Status detach_instance(const std::string &bpffs, const std::string &name) {
    const auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    const auto id = instance_for_change(*opened, name);
    if (!id)
        return remove_stray(*opened, name) ? Status() : id.error();
    return detach_one(*opened, *id);
}

Status detach_all(const std::string &bpffs) {
    bool anything = false;
    for (;;) {
        const auto opened = open_for_change(bpffs);
        if (!opened)
            return opened.error();
        std::error_code error;
        const std::string directory = opened->root.directory();
        // Where nothing of ours ever was, what looks like ours goes with the pins of another bpffs.
        anything |= !opened->root.is_absent() && std::filesystem::exists(directory, error);
        if (opened->tables.instances.empty())
            return anything ? remove_leftovers(directory) : Status();
        if (auto status = detach_one(*opened, opened->tables.instances.begin()->first); !status)
            return status;
    }
}

} // namespace dhcp46
