// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <filesystem>

#include <fmt/format.h>

#include "bpf/deploy.h"
#include "bpf/hooks.h"
#include "bpf/privileges.h"
#include "bpf/root.h"
#include "bpf/store.h"
#include "instance/publish.h"

namespace dhcp46 {

Error no_such_instance(const std::string &name) {
    return {Exit::runtime, name, "there is no instance of this name",
            "`dhcp46 status` lists the instances"};
}

namespace {

// The lock and what is pinned under it, for a change; no store: nothing is attached.
struct Opened {
    BpfRoot root;
    std::optional<Store> store;
    Tables tables;
};

Result<Opened> open_for_change(const std::string &bpffs) {
    if (auto status = check_privileges(); !status)
        return status.error();
    auto root = BpfRoot::open(bpffs, Access::change);
    if (!root)
        return root.error();
    Opened opened{*std::move(root), std::nullopt, {}};
    if (opened.root.is_absent())
        return opened;
    auto store = Store::open(opened.root.directory());
    if (!store)
        return store.error();
    opened.store = *std::move(store);
    if (!opened.store)
        return opened;
    auto tables = opened.store->read();
    if (!tables)
        return tables.error();
    opened.tables = *std::move(tables);
    return opened;
}

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
    const Hooks hooks(opened.root.directory(), opened.store->xdp_program(),
                      opened.store->tc_program());
    auto network = read_network();
    if (!network)
        return network.error();
    HookMap remaining;
    for (const unsigned ifindex : devices_of(opened.tables, id)) {
        const HookState state = hooks.state(ifindex);
        remaining[ifindex] = {state.xdp && others_want_xdp(opened.tables, ifindex, id), state.tc,
                              state.tcx};
    }
    const Tables next = without_instance(opened.tables, id, remaining, *network);
    if (auto status = opened.store->apply(difference(opened.tables, next)); !status)
        return status;

    const auto still_used = devices_of(next);
    for (const auto &[ifindex, wanted] : remaining) {
        if (!still_used.contains(ifindex))
            hooks.detach_tc(ifindex);
        if (!still_used.contains(ifindex) || !wanted.xdp)
            hooks.detach_xdp(ifindex);
    }
    hooks.sweep(still_used);
    if (next.instances.empty())
        Store::remove(opened.root.directory());
    return {};
}

// What a call left that was killed half way: pins, and filters, which have none.
Status remove_leftovers(const Opened &opened) {
    const std::string directory = opened.root.directory();
    std::error_code error;
    if (!std::filesystem::exists(directory, error))
        return {};
    const auto network = read_network();
    if (!network)
        return network.error();
    const Hooks hooks(directory, -1, -1);
    for (const Device &device : network->devices)
        hooks.detach_tc(device.ifindex);
    hooks.sweep({});
    Store::remove(directory);
    return {};
}

Result<std::uint32_t> instance_for_change(const Opened &opened, const std::string &name) {
    const auto id = find_instance(opened.tables, name);
    if (!id)
        return no_such_instance(name);
    return *id;
}

} // namespace

Status detach_instance(const std::string &bpffs, const std::string &name) {
    const auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    const auto id = instance_for_change(*opened, name);
    if (!id)
        return id.error();
    return detach_one(*opened, *id);
}

Status detach_all(const std::string &bpffs) {
    for (;;) {
        const auto opened = open_for_change(bpffs);
        if (!opened)
            return opened.error();
        if (opened->tables.instances.empty())
            return opened->root.is_absent() ? Status() : remove_leftovers(*opened);
        if (auto status = detach_one(*opened, opened->tables.instances.begin()->first); !status)
            return status;
    }
}

static std::vector<std::pair<std::uint32_t, Ip6>> upstreams_of(const Tables &tables,
                                                               std::uint32_t instance) {
    std::vector<std::pair<std::uint32_t, Ip6>> upstreams;
    for (const auto &[key, upstream] : tables.upstreams) {
        if (key.instance == instance)
            upstreams.emplace_back(key.slot, from_array<Ip6>(upstream.address));
    }
    return upstreams;
}

Status add_upstream(const std::string &bpffs, const std::string &name, const std::string &address) {
    const auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    const auto id = instance_for_change(*opened, name);
    if (!id)
        return id.error();
    const dhcp46_role role = opened->tables.instances.at(*id).role;
    const auto parsed = parse_upstream(role, address);
    if (!parsed)
        return parsed.error();
    const auto network = read_network();
    if (!network)
        return network.error();
    if (auto status = check_upstream_is_foreign(role, *parsed, *network); !status)
        return status;
    for (const auto &[slot, existing] : upstreams_of(opened->tables, *id)) {
        if (existing == *parsed)
            return {};
        return Error{
            Exit::config, name,
            fmt::format("it has upstream {}, and several upstreams are not available in "
                        "this version",
                        upstream_text(role, existing)),
            fmt::format("`dhcp46 upstream del {} {}` first", name, upstream_text(role, existing))};
    }
    Tables next = opened->tables;
    dhcp46_upstream entry = {};
    to_array(entry.address, *parsed);
    entry.port = 67;
    entry.flags = DHCP46_UPSTREAM_ONLY;
    entry.origin = DHCP46_ORIGIN_CLI;
    next.upstreams[{*id, 0}] = entry;
    return opened->store->apply(difference(opened->tables, next));
}

Status delete_upstream(const std::string &bpffs, const std::string &name,
                       const std::string &address) {
    const auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    const auto id = instance_for_change(*opened, name);
    if (!id)
        return id.error();
    const auto parsed = parse_upstream(opened->tables.instances.at(*id).role, address);
    if (!parsed)
        return parsed.error();
    Tables next = opened->tables;
    for (const auto &[slot, existing] : upstreams_of(opened->tables, *id)) {
        if (existing == *parsed)
            next.upstreams.erase({*id, slot});
    }
    if (next.upstreams.size() == opened->tables.upstreams.size())
        return Error{Exit::runtime, name, fmt::format("it has no upstream {}", address),
                     fmt::format("`dhcp46 upstream list {}` shows what it has", name)};
    return opened->store->apply(difference(opened->tables, next));
}

} // namespace dhcp46
