// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/refresh.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "instance/names.h"

namespace dhcp46 {

namespace {

struct OwnLink {
    dhcp46_link_key key;
    dhcp46_link value;
};

// By side, in the order in which attach was given the devices.
std::vector<OwnLink> links_of(const Tables &tables, std::uint32_t instance) {
    std::vector<OwnLink> links;
    for (const auto &[key, link] : tables.links) {
        if (link.instance == instance)
            links.push_back({key, link});
    }
    const auto order = [](const OwnLink &link) {
        return std::tuple(link.key.side, link.value.position);
    };
    std::sort(links.begin(), links.end(),
              [&](const auto &a, const auto &b) { return order(a) < order(b); });
    return links;
}

std::vector<std::string> *devices_on(Spec &spec, dhcp46_side side) {
    switch (side) {
    case DHCP46_SIDE_CLIENT:
        return &spec.client_devices;
    case DHCP46_SIDE_IPV6:
        return &spec.ipv6_devices;
    case DHCP46_SIDE_SERVER:
        return &spec.server_devices;
    case DHCP46_SIDE_NONE:
        break;
    }
    return nullptr;
}

void rebuild_devices(Spec &spec, const std::vector<OwnLink> &links, const Network &network) {
    for (const OwnLink &link : links) {
        const Device *device = device_of(link.key, link.value, network);
        if (auto *devices = devices_on(spec, side_of(link.key)))
            devices->push_back(device ? device->name : name_of(link.value));
        if (!device)
            continue;
        const Device *peer = network.find(device->peer);
        if (spec.role == DHCP46_ROLE_TSV && side_of(link.key) == DHCP46_SIDE_SERVER && peer)
            spec.server_end = peer->name;
    }
}

bool found_by_route(const std::vector<OwnLink> &links) {
    return std::all_of(links.begin(), links.end(), [](const OwnLink &link) {
        return side_of(link.key) != DHCP46_SIDE_IPV6 || (link.value.flags & DHCP46_LINK_BY_ROUTE);
    });
}

// Somebody may have deleted entries by hand, or a detach was killed half way.
Status check_is_whole(const Spec &spec) {
    const auto &far_side = is_cra(spec.role) ? spec.client_devices : spec.server_devices;
    if (spec.role != DHCP46_ROLE_NONE && !spec.ipv6_devices.empty() && !far_side.empty())
        return {};
    return Error{Exit::runtime, spec.name, "not all of its entries are there",
                 fmt::format("`dhcp46 detach {}`, and attach it again", spec.name)};
}

// An LCRA has one for each client link, the others have one.
void rebuild_sources(Spec &spec, const std::vector<OwnLink> &links) {
    const dhcp46_side side = is_cra(spec.role) ? DHCP46_SIDE_CLIENT : DHCP46_SIDE_IPV6;
    const bool one = side == DHCP46_SIDE_IPV6 || spec.client_devices.size() == 1;
    std::size_t position = 0;
    for (const OwnLink &link : links) {
        if (side_of(link.key) != side)
            continue;
        const std::string device = one ? "" : spec.client_devices[position++];
        if (!(link.value.flags & DHCP46_LINK_SOURCE_GIVEN))
            continue;
        spec.sources.push_back({device, from_array<Ip6>(link.value.source6)});
        if (one)
            return;
    }
}

void rebuild_upstreams(Spec &spec, const Tables &tables, std::uint32_t instance) {
    for (const auto &[key, upstream] : tables.upstreams) {
        const auto address = from_array<Ip6>(upstream.address);
        auto &known = spec.upstreams; // bpftool may have written one into several slots
        if (key.instance == instance &&
            std::find(known.begin(), known.end(), address) == known.end())
            known.push_back(address);
    }
}

// Without --cra-prefix everybody is served, and an entry for ::/0 says so (D-3). Whether a prefix
// with a link selection was given for that alone, or also to limit who is served, comes to the
// same.
void rebuild_prefixes(Spec &spec, const Tables &tables, std::uint32_t instance) {
    bool all = false;
    for (const auto &[key, entry] : tables.cra_prefixes) {
        if (key.instance != instance || !entry.allowed || key.prefixlen < 32)
            continue;
        const Prefix6 prefix = {from_array<Ip6>(key.prefix), key.prefixlen - 32};
        const auto selection = from_array<Ip4>(entry.link_selection);
        all |= prefix.length == 0;
        if (selection.is_set())
            spec.link_selections.push_back({prefix, selection});
        else
            spec.cra_prefixes.push_back(prefix);
    }
    if (all && spec.cra_prefixes == std::vector<Prefix6>(1))
        spec.cra_prefixes.clear();
    if (!all && spec.cra_prefixes.empty()) {
        for (const LinkSelection &selection : spec.link_selections)
            spec.cra_prefixes.push_back(selection.prefix);
    }
}

template <typename Address> std::optional<Address> if_set(const Address &address) {
    return address.is_set() ? std::optional(address) : std::nullopt;
}

Ip4 published_giaddr(const Tables &tables, std::uint32_t instance) {
    for (const auto &[key, entry] : tables.addresses) {
        if (entry.instance == instance && key.ifindex != 0 && entry.side == DHCP46_SIDE_SERVER)
            return from_array<Ip4>(entry.source4);
    }
    return {};
}

enum class Gain { none, some, loss };

template <typename Address> Gain gain_of(const Address &before, const Address &now) {
    if (before == now)
        return Gain::none;
    return now.is_set() ? Gain::some : Gain::loss;
}

} // namespace

Result<Spec> rebuilt_spec(const Tables &tables, std::uint32_t instance, const Network &network) {
    const dhcp46_instance &entry = tables.instances.at(instance);
    const auto links = links_of(tables, instance);
    Spec spec;
    spec.name = entry.name;
    spec.role = entry.role;
    spec.origin = entry.origin;
    spec.xdp_mode = entry.xdp_mode;
    spec.policy = entry.policy;
    spec.client_source = if_set(from_array<Ip4>(entry.client_source));
    spec.giaddr = if_set(from_array<Ip4>(entry.giaddr));
    rebuild_devices(spec, links, network);
    if (auto status = check_is_whole(spec); !status)
        return status.error();
    rebuild_sources(spec, links);
    rebuild_upstreams(spec, tables, instance);
    if (found_by_route(links) && !spec.upstreams.empty())
        spec.ipv6_devices.clear();
    rebuild_prefixes(spec, tables, instance);
    return spec;
}

std::vector<AbsentDevice> leave_out_absent(Spec &spec, const Network &network) {
    std::vector<AbsentDevice> absent;
    const auto is_absent = [&](const std::string &name) { return !network.find(name); };
    for (const dhcp46_side side : {DHCP46_SIDE_CLIENT, DHCP46_SIDE_IPV6, DHCP46_SIDE_SERVER}) {
        auto &devices = *devices_on(spec, side);
        if (spec.role == DHCP46_ROLE_TSV && side == DHCP46_SIDE_SERVER)
            continue; // attach makes it
        if (std::all_of(devices.begin(), devices.end(), is_absent))
            continue; // none is left: attach says so
        for (std::uint32_t position = 0; position < devices.size(); position++) {
            if (is_absent(devices[position]))
                absent.push_back({devices[position], side, position});
        }
        std::erase_if(devices, is_absent);
    }
    std::erase_if(spec.sources, [&](const SourceOption &source) {
        return std::any_of(absent.begin(), absent.end(), [&](const AbsentDevice &device) {
            return device.name == source.device;
        });
    });
    return absent;
}

void keep_absent(Tables &next, const Tables &current, std::uint32_t instance,
                 const std::vector<AbsentDevice> &absent) {
    for (const OwnLink &own : links_of(next, instance)) {
        std::uint32_t &position = next.links.at(own.key).position;
        for (const AbsentDevice &device : absent) // by position
            position += device.side == side_of(own.key) && device.position <= position ? 1 : 0;
    }
    for (const AbsentDevice &device : absent) {
        for (const OwnLink &own : links_of(current, instance)) {
            if (side_of(own.key) != device.side || name_of(own.value) != device.name)
                continue;
            const auto [kept, is_new] = next.links.emplace(own.key, own.value);
            if (is_new)
                kept->second.position = device.position;
        }
    }
}

bool brings_address(const Tables &tables, std::uint32_t instance, const Resolved &now) {
    std::vector<Gain> gains = {gain_of(published_giaddr(tables, instance), now.giaddr)};
    for (const OwnLink &link : links_of(tables, instance)) {
        for (const ResolvedLink &resolved : now.links) {
            if (resolved.side == side_of(link.key) && resolved.device.ifindex == link.key.ifindex)
                gains.push_back(gain_of(from_array<Ip6>(link.value.source6), resolved.source6));
        }
    }
    const auto any = [&](Gain gain) {
        return std::find(gains.begin(), gains.end(), gain) != gains.end();
    };
    return any(Gain::some) && !any(Gain::loss);
}

void keep_edited(Tables &next, const Tables &current, std::uint32_t instance) {
    const auto keep = [&](auto &into, const auto &from) {
        std::erase_if(into, [&](const auto &entry) { return entry.first.instance == instance; });
        for (const auto &[key, value] : from) {
            if (key.instance == instance)
                into[key] = value;
        }
    };
    keep(next.upstreams, current.upstreams);
    keep(next.cra_prefixes, current.cra_prefixes);
}

} // namespace dhcp46
