// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/upstreams.h"

#include <algorithm>

namespace dhcp46 {

Upstreams upstreams_of(const Tables &tables, std::uint32_t instance) {
    Upstreams upstreams;
    for (const auto &[key, upstream] : tables.upstreams) {
        if (key.instance == instance)
            upstreams[key.slot] = upstream;
    }
    return upstreams;
}

static std::optional<std::uint32_t> slot_of(const Upstreams &upstreams, const Ip6 &address) {
    for (const auto &[slot, upstream] : upstreams) {
        if (from_array<Ip6>(upstream.address) == address)
            return slot;
    }
    return std::nullopt;
}

static std::optional<std::uint32_t> free_slot(const Upstreams &upstreams) {
    for (std::uint32_t slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        if (!upstreams.contains(slot))
            return slot;
    }
    return std::nullopt;
}

static dhcp46_upstream entry_of(const Ip6 &address, dhcp46_origin origin) {
    dhcp46_upstream entry = {};
    to_array(entry.address, address);
    entry.port = 67;
    entry.origin = origin;
    return entry;
}

static void put_upstreams(Tables &tables, std::uint32_t instance, const Upstreams &upstreams) {
    std::erase_if(tables.upstreams,
                  [&](const auto &entry) { return entry.first.instance == instance; });
    for (const auto &[slot, upstream] : upstreams) {
        const bool is_last = slot == upstreams.rbegin()->first;
        dhcp46_upstream &entry = tables.upstreams[{instance, slot}];
        entry = upstream;
        entry.flags = static_cast<std::uint16_t>((upstream.flags & ~DHCP46_UPSTREAM_LAST) |
                                                 (is_last ? DHCP46_UPSTREAM_LAST : 0));
    }
}

// What a file does not speak of: the command line, a hook and bpftool have added it.
static Upstreams others(const Upstreams &before, const std::vector<Ip6> &wanted) {
    Upstreams kept;
    for (const auto &[slot, upstream] : before) {
        const bool is_wanted = std::find(wanted.begin(), wanted.end(),
                                         from_array<Ip6>(upstream.address)) != wanted.end();
        if (upstream.origin != DHCP46_ORIGIN_FILE && !is_wanted)
            kept[slot] = upstream;
    }
    return kept;
}

bool set_upstreams(Tables &tables, std::uint32_t instance, const Upstreams &before,
                   const std::vector<Ip6> &wanted, dhcp46_origin origin) {
    Upstreams next = origin == DHCP46_ORIGIN_FILE ? others(before, wanted) : Upstreams{};
    const bool is_single = next.empty() && wanted.size() == 1;
    for (const Ip6 &address : wanted) {
        const auto slot = is_single ? std::nullopt : slot_of(before, address);
        if (slot)
            next[*slot] = entry_of(address, origin);
    }
    for (const Ip6 &address : wanted) {
        if (slot_of(next, address))
            continue;
        const auto slot = free_slot(next);
        if (!slot)
            return false;
        next[*slot] = entry_of(address, origin);
    }
    put_upstreams(tables, instance, next);
    return true;
}

UpstreamChange add_upstream(Tables &tables, std::uint32_t instance, const Ip6 &address) {
    Upstreams upstreams = upstreams_of(tables, instance);
    if (slot_of(upstreams, address))
        return UpstreamChange::none;
    const auto slot = free_slot(upstreams);
    if (!slot)
        return UpstreamChange::full;
    upstreams[*slot] = entry_of(address, DHCP46_ORIGIN_CLI);
    put_upstreams(tables, instance, upstreams);
    return UpstreamChange::done;
}

UpstreamChange delete_upstream(Tables &tables, std::uint32_t instance, const Ip6 &address) {
    Upstreams upstreams = upstreams_of(tables, instance);
    const std::size_t before = upstreams.size();
    // bpftool may have written it into several slots.
    std::erase_if(upstreams, [&](const auto &entry) {
        return from_array<Ip6>(entry.second.address) == address;
    });
    if (upstreams.size() == before)
        return UpstreamChange::none;
    put_upstreams(tables, instance, upstreams);
    return UpstreamChange::done;
}

static bool is_gone(const dhcp46_upstream &upstream, const std::vector<Ip6> &learned) {
    return upstream.origin == DHCP46_ORIGIN_HOOK &&
           std::find(learned.begin(), learned.end(), from_array<Ip6>(upstream.address)) ==
               learned.end();
}

UpstreamChange learn_upstreams(Tables &tables, std::uint32_t instance,
                               const std::vector<Ip6> &learned) {
    Upstreams upstreams = upstreams_of(tables, instance);
    auto changed =
        std::erase_if(upstreams, [&](const auto &entry) { return is_gone(entry.second, learned); });
    for (const Ip6 &address : learned) {
        if (slot_of(upstreams, address))
            continue;
        const auto slot = free_slot(upstreams);
        if (!slot)
            return UpstreamChange::full;
        upstreams[*slot] = entry_of(address, DHCP46_ORIGIN_HOOK);
        changed++;
    }
    if (changed == 0)
        return UpstreamChange::none;
    put_upstreams(tables, instance, upstreams);
    return UpstreamChange::done;
}

} // namespace dhcp46
