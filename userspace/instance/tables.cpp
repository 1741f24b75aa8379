// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/tables.h"

#include <algorithm>

namespace dhcp46 {

template <typename T> static std::vector<std::byte> bytes_of(const T &value) {
    std::vector<std::byte> bytes(sizeof(T));
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
}

template <typename Map>
static void add_writes(std::vector<Change> &changes, const char *name, const Map &from,
                       const Map &to) {
    for (const auto &[key, value] : to) {
        const auto old = from.find(key);
        if (old == from.end() || !same_bytes(old->second, value))
            changes.push_back({name, false, bytes_of(key), bytes_of(value)});
    }
}

template <typename Map>
static void add_deletions(std::vector<Change> &changes, const char *name, const Map &from,
                          const Map &to) {
    for (const auto &[key, value] : from) {
        if (!to.contains(key))
            changes.push_back({name, true, bytes_of(key), {}});
    }
}

using UpstreamTable = Table<dhcp46_upstream_key, dhcp46_upstream>;

static bool has_upstream_behind(const UpstreamTable &upstreams, const dhcp46_upstream_key &key) {
    return std::any_of(upstreams.begin(), upstreams.end(), [&](const auto &entry) {
        return entry.first.instance == key.instance && entry.first.slot > key.slot;
    });
}

static dhcp46_upstream without_mark(dhcp46_upstream upstream) {
    upstream.flags = static_cast<std::uint16_t>(upstream.flags & ~DHCP46_UPSTREAM_LAST);
    return upstream;
}

// `to` without the marks that are not true while entries of `from` are still there, or that those
// of `from` would keep when others come.
static UpstreamTable without_untrue_marks(const UpstreamTable &from, const UpstreamTable &to) {
    UpstreamTable table = to;
    for (auto &[key, upstream] : table) {
        if (has_upstream_behind(from, key))
            upstream = without_mark(upstream);
    }
    for (const auto &[key, upstream] : from) {
        if ((upstream.flags & DHCP46_UPSTREAM_LAST) && has_upstream_behind(to, key))
            table.emplace(key, without_mark(upstream));
    }
    return table;
}

// Instances that go are marked first, for whoever comes if we are killed on the way.
static std::map<std::uint32_t, dhcp46_instance> with_marks_of_going(const Tables &from,
                                                                    const Tables &to) {
    auto instances = from.instances;
    for (auto &[id, instance] : instances) {
        if (!to.instances.contains(id))
            instance.role = DHCP46_ROLE_NONE;
    }
    return instances;
}

std::vector<Change> difference(const Tables &from, const Tables &to) {
    const UpstreamTable unmarked = without_untrue_marks(from.upstreams, to.upstreams);
    std::vector<Change> changes;
    add_writes(changes, "tx_devices", from.tx_devices, to.tx_devices);
    add_writes(changes, "upstreams", from.upstreams, unmarked); // by slot: the mark goes first
    add_writes(changes, "cra_prefixes", from.cra_prefixes, to.cra_prefixes);
    add_writes(changes, "addresses", from.addresses, to.addresses);
    add_writes(changes, "links", from.links, to.links);
    add_writes(changes, "instances", from.instances, to.instances);
    add_writes(changes, "instances", from.instances, with_marks_of_going(from, to));
    add_deletions(changes, "links", from.links, to.links);
    add_deletions(changes, "addresses", from.addresses, to.addresses);
    add_deletions(changes, "cra_prefixes", from.cra_prefixes, to.cra_prefixes);
    add_deletions(changes, "upstreams", from.upstreams, to.upstreams);
    add_writes(changes, "upstreams", unmarked, to.upstreams);
    add_deletions(changes, "tx_devices", from.tx_devices, to.tx_devices);
    add_deletions(changes, "instances", from.instances, to.instances);
    return changes;
}

Tables without_unfinished(const Tables &tables) {
    Tables kept = tables;
    std::erase_if(kept.instances,
                  [](const auto &entry) { return entry.second.role == DHCP46_ROLE_NONE; });
    const auto unfinished = [&](std::uint32_t instance) {
        return !kept.instances.contains(instance);
    };
    std::erase_if(kept.links, [&](const auto &entry) { return unfinished(entry.second.instance); });
    std::erase_if(kept.addresses,
                  [&](const auto &entry) { return unfinished(entry.second.instance); });
    std::erase_if(kept.upstreams,
                  [&](const auto &entry) { return unfinished(entry.first.instance); });
    std::erase_if(kept.cra_prefixes,
                  [&](const auto &entry) { return unfinished(entry.first.instance); });
    return kept;
}

std::optional<std::uint32_t> find_instance(const Tables &tables, const std::string &name) {
    for (const auto &[id, instance] : tables.instances) {
        if (name == instance.name)
            return id;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> find_address_user(const Tables &tables, const Ip6 &address,
                                               unsigned ifindex) {
    dhcp46_address_key key = {};
    to_array(key.address, address);
    key.ifindex = ifindex;
    const auto found = tables.addresses.find(key);
    return found == tables.addresses.end() ? std::nullopt : std::optional(found->second.instance);
}

dhcp46_side side_of(const dhcp46_link_key &key) {
    return static_cast<dhcp46_side>(key.side);
}

std::string name_of(const dhcp46_link &link) {
    return {link.device, strnlen(link.device, sizeof(link.device))};
}

} // namespace dhcp46
