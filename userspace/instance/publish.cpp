// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/publish.h"

#include <algorithm>

#include <fmt/format.h>

#include "instance/upstreams.h"
#include "instance/xdp_choice.h"

namespace dhcp46 {

// The flags of a link that tell of hooks, as these hooks change them. That native XDP was refused
// stays until it runs.
static std::uint16_t renewed_flags(unsigned flags, const HookState &hooks) {
    flags &= ~static_cast<unsigned>(DHCP46_LINK_XDP | DHCP46_LINK_TCX |
                                    (hooks.xdp ? DHCP46_LINK_XDP_REFUSED : 0));
    flags |= hooks.xdp ? DHCP46_LINK_XDP : 0;
    flags |= hooks.tcx ? DHCP46_LINK_TCX : 0;
    flags |= hooks.xdp_refused ? DHCP46_LINK_XDP_REFUSED : 0;
    return static_cast<std::uint16_t>(flags);
}

namespace {

// Writes the entries of one resolved instance into tables that hold none of it.
class Publisher {
  public:
    Publisher(const Tables &current, const Resolved &resolved, const HookMap &hooks, Published &out)
        : current_(current), resolved_(resolved), hooks_(hooks), out_(out) {}

    Status run() {
        publish_instance();
        if (auto status = publish_upstreams(); !status)
            return status;
        publish_prefixes();
        for (const ResolvedLink &link : resolved_.links) {
            if (auto status = publish_link(link); !status)
                return status;
        }
        if (is_cra(resolved_.spec.role))
            publish_cra_addresses();
        else
            publish_tra_addresses();
        return {};
    }

  private:
    void publish_instance() {
        dhcp46_instance instance = {};
        const Spec &spec = resolved_.spec;
        spec.name.copy(instance.name, DHCP46_NAME_SIZE - 1);
        instance.role = spec.role;
        instance.xdp_mode = spec.xdp_mode;
        instance.policy = spec.policy;
        instance.origin = spec.origin;
        to_array(instance.client_source, spec.client_source.value_or(Ip4{}));
        to_array(instance.giaddr, spec.giaddr.value_or(Ip4{}));
        out_.tables.instances[out_.instance] = instance;
    }

    Status publish_upstreams() {
        const Spec &spec = resolved_.spec;
        if (set_upstreams(out_.tables, out_.instance, upstreams_before(), spec.upstreams,
                          spec.origin))
            return {};
        return Error{Exit::runtime, spec.name,
                     "there is no room for all of the file's upstreams beside those of others",
                     fmt::format("`dhcp46 upstream list {}` shows them, `upstream del` makes room",
                                 spec.name)};
    }

    // A file that takes over what the command line attached replaces its upstreams.
    Upstreams upstreams_before() const {
        Upstreams before = upstreams_of(current_, out_.instance);
        const auto was = current_.instances.find(out_.instance);
        const bool taken_over = resolved_.spec.origin == DHCP46_ORIGIN_FILE &&
                                was != current_.instances.end() &&
                                was->second.origin == DHCP46_ORIGIN_CLI;
        for (auto &[slot, upstream] : before) {
            if (taken_over && upstream.origin == DHCP46_ORIGIN_CLI)
                upstream.origin = DHCP46_ORIGIN_FILE;
        }
        return before;
    }

    void publish_prefixes() {
        if (is_cra(resolved_.spec.role))
            return;
        for (const ServedPrefix &served : served_prefixes(resolved_.spec)) {
            dhcp46_prefix_key key = {32 + served.prefix.length, out_.instance, {}};
            to_array(key.prefix, served.prefix.address);
            dhcp46_prefix &entry = out_.tables.cra_prefixes[key];
            entry.allowed = 1;
            to_array(entry.link_selection, served.link_selection);
        }
    }

    Status publish_link(const ResolvedLink &link) {
        const Device &device = link.device;
        const dhcp46_link_key key = key_of(link);
        dhcp46_link entry = {};
        const auto id = link_id(key);
        if (!id)
            return Error{Exit::runtime, device.name,
                         fmt::format("all {} links are taken", current_.max_links - 1),
                         "detach an instance, or detach --all and attach with a larger "
                         "--max-links"};
        entry.link_id = *id;
        entry.instance = out_.instance;
        to_array(entry.mac, device.mac);
        entry.flags = flags_of(link);
        entry.mtu = device.mtu;
        if (!device.addresses4.empty() && !is_hcra()) {
            to_array(entry.ipv4, device.addresses4.front().address);
            to_array(entry.ipv4_broadcast, directed_broadcast(device.addresses4.front()));
        }
        to_array(entry.source6, link.source6);
        if (const Device *way_out = only_device(opposite(link.side))) {
            entry.out_ifindex = way_out->ifindex;
            entry.out_mtu = way_out->mtu;
        }
        entry.policy = resolved_.spec.policy;
        entry.position = positions_[link.side]++;
        device.name.copy(entry.device, sizeof(entry.device) - 1);
        out_.tables.links[key] = entry;
        return {};
    }

    // A reply's address names the client link, whichever uplink it comes in on.
    void publish_cra_addresses() {
        for (const ResolvedLink &client : resolved_.links) {
            if (client.side != DHCP46_SIDE_CLIENT || !client.source6.is_set())
                continue;
            for (const ResolvedLink &uplink : resolved_.links) {
                if (uplink.side != DHCP46_SIDE_IPV6)
                    continue;
                dhcp46_address entry = address_of(uplink);
                to_array(entry.out_mac, client.device.mac);
                entry.out_ifindex = client.device.ifindex;
                entry.out_mtu = client.device.mtu;
                to_array(entry.source4, source_towards(client.device));
                put_address(client.source6, uplink, entry);
            }
        }
    }

    // E-12. Not an hcra's own: to this host a packet from its own address is a martian.
    Ip4 source_towards(const Device &clients) const {
        if (!clients.addresses4.empty() && !is_hcra())
            return clients.addresses4.front().address;
        return resolved_.spec.client_source.value_or(Ip4{});
    }

    // The IPv4 address of its device comes with the leases that it relays, and goes with them.
    bool is_hcra() const { return resolved_.spec.role == DHCP46_ROLE_HCRA; }

    void publish_tra_addresses() {
        for (const ResolvedLink &link : resolved_.links) {
            const bool server = link.side == DHCP46_SIDE_SERVER;
            dhcp46_address entry = address_of(link);
            if (const Device *way_out = only_device(opposite(link.side))) {
                entry.out_ifindex = way_out->ifindex;
                entry.out_mtu = way_out->mtu;
            }
            to_array(entry.source4, resolved_.giaddr);
            if (server)
                to_array(entry.source6, service_address());
            else if (resolved_.spec.role == DHCP46_ROLE_TSV)
                lead_to_server(entry);
            const Ip6 own = server ? v4_mapped(resolved_.giaddr) : link.source6;
            if (server ? resolved_.giaddr.is_set() : own.is_set())
                put_address(own, link, entry);
        }
    }

    // A link with two ends: there is no neighbour to ask for.
    void lead_to_server(dhcp46_address &entry) const {
        if (const Device *ours = only_device(DHCP46_SIDE_SERVER))
            to_array(entry.out_mac, ours->mac);
        to_array(entry.next_mac, resolved_.server_end.mac);
    }

    dhcp46_address address_of(const ResolvedLink &link) const {
        dhcp46_address entry = {};
        entry.instance = out_.instance;
        entry.link_id = out_.tables.links.at(key_of(link)).link_id;
        entry.role = resolved_.spec.role;
        entry.side = link.side;
        to_array(entry.in_mac, link.device.mac);
        entry.policy = resolved_.spec.policy;
        return entry;
    }

    void put_address(const Ip6 &address, const ResolvedLink &link, const dhcp46_address &entry) {
        dhcp46_address_key key = {};
        to_array(key.address, address);
        key.ifindex = link.device.ifindex;
        out_.tables.addresses[key] = entry;
    }

    dhcp46_link_key key_of(const ResolvedLink &link) const {
        const bool client = link.side == DHCP46_SIDE_CLIENT;
        return {link.device.ifindex, 0, 0, static_cast<std::uint16_t>(link.side),
                static_cast<std::uint16_t>(client ? 0 : out_.instance)};
    }

    // Keeps what a link had, so that its counters go on. 0 is left out: it is what an entry says
    // that somebody forgot to fill in.
    std::optional<std::uint32_t> link_id(const dhcp46_link_key &key) {
        const auto old = current_.links.find(key);
        if (old != current_.links.end() && old->second.instance == out_.instance)
            return old->second.link_id;
        std::set<std::uint32_t> taken = out_.fresh_link_ids;
        for (const auto &[other, link] : current_.links)
            taken.insert(link.link_id);
        for (std::uint32_t id = 1; id < current_.max_links; id++) {
            if (taken.insert(id).second) {
                out_.fresh_link_ids.insert(id);
                return id;
            }
        }
        return std::nullopt;
    }

    std::uint16_t flags_of(const ResolvedLink &link) const {
        unsigned flags = link.source_given ? DHCP46_LINK_SOURCE_GIVEN : 0;
        flags |= link.by_route ? DHCP46_LINK_BY_ROUTE : 0;
        flags |= is_hcra() && link.side == DHCP46_SIDE_CLIENT ? DHCP46_LINK_HOST : 0;
        const auto hooks = hooks_.find(link.device.ifindex);
        return renewed_flags(flags, hooks == hooks_.end() ? HookState{} : hooks->second);
    }

    dhcp46_side opposite(dhcp46_side side) const {
        if (side != DHCP46_SIDE_IPV6)
            return DHCP46_SIDE_IPV6;
        return is_cra(resolved_.spec.role) ? DHCP46_SIDE_CLIENT : DHCP46_SIDE_SERVER;
    }

    const Device *only_device(dhcp46_side side) const {
        const Device *only = nullptr;
        for (const ResolvedLink &link : resolved_.links) {
            if (link.side != side)
                continue;
            if (only)
                return nullptr;
            only = &link.device;
        }
        return only;
    }

    Ip6 service_address() const {
        for (const ResolvedLink &link : resolved_.links) {
            if (link.side == DHCP46_SIDE_IPV6)
                return link.source6;
        }
        return {};
    }

    const Tables &current_;
    const Resolved &resolved_;
    const HookMap &hooks_;
    Published &out_;
    std::map<dhcp46_side, std::uint32_t> positions_; // the next one of each side
};

} // namespace

static void erase_instance(Tables &tables, std::uint32_t id) {
    std::erase_if(tables.instances, [&](const auto &entry) { return entry.first == id; });
    std::erase_if(tables.links, [&](const auto &entry) { return entry.second.instance == id; });
    std::erase_if(tables.addresses, [&](const auto &entry) { return entry.second.instance == id; });
    std::erase_if(tables.upstreams, [&](const auto &entry) { return entry.first.instance == id; });
    std::erase_if(tables.cra_prefixes,
                  [&](const auto &entry) { return entry.first.instance == id; });
}

static void add_own(Tables &tables, const Ip6 &address, const dhcp46_link &link) {
    dhcp46_address_key key = {};
    to_array(key.address, address);
    dhcp46_address entry = {};
    entry.instance = link.instance;
    entry.link_id = link.link_id;
    entry.role = tables.instances.at(link.instance).role;
    tables.addresses.emplace(key, entry);
}

// The entries with ifindex 0, "is ours" (E-5, E-48): the addresses that peers use, and the others
// of the attached devices. Computed for all instances together, because instances that share a
// device share its addresses.
static void renew_own_addresses(Tables &tables, const Network &network) {
    std::erase_if(tables.addresses, [](const auto &entry) { return entry.first.ifindex == 0; });
    std::map<std::uint32_t, dhcp46_link> by_id;
    for (const auto &[key, link] : tables.links) {
        by_id[link.link_id] = link;
        const Device *device = network.find(key.ifindex);
        if (!device || !tables.instances.contains(link.instance))
            continue;
        for (const Address4 &own : device->addresses4)
            add_own(tables, v4_mapped(own.address), link);
        for (const Address6 &own : device->addresses6) {
            if (is_usable(own.address))
                add_own(tables, own.address, link);
        }
    }
    const auto peers_use = tables.addresses;
    for (const auto &[key, entry] : peers_use) {
        const auto link = by_id.find(entry.link_id);
        if (key.ifindex != 0 && link != by_id.end() &&
            tables.instances.contains(link->second.instance))
            add_own(tables, from_array<Ip6>(key.address), link->second);
    }
}

// Flags and tx_devices follow the hooks that the devices have now, for every instance.
static void renew_hooks(Tables &tables, const HookMap &hooks, const Network &network) {
    tables.tx_devices.clear();
    for (auto &[key, link] : tables.links) {
        if (const auto found = hooks.find(key.ifindex); found != hooks.end())
            link.flags = renewed_flags(link.flags, found->second);
        if (!(link.flags & DHCP46_LINK_XDP))
            continue;
        const auto instance = tables.instances.find(link.instance);
        const bool native =
            instance != tables.instances.end() && instance->second.xdp_mode == DHCP46_XDP_NATIVE;
        for (const unsigned ifindex : out_devices(tables, key, link)) {
            const Device *device = network.find(ifindex);
            if (device && takes_redirects(*device, native))
                tables.tx_devices[ifindex] = ifindex;
        }
    }
}

static std::optional<std::uint32_t> free_instance_id(const Tables &tables) {
    for (std::uint32_t id = 1; id < DHCP46_MAX_INSTANCES; id++) {
        if (!tables.instances.contains(id))
            return id;
    }
    return std::nullopt;
}

// While the host has an address that a CRA sent from before, replies to it are still for the link.
static void keep_previous_sources(Tables &next, const Tables &current, std::uint32_t instance,
                                  const Network &network) {
    for (const auto &[key, old] : current.addresses) {
        if (old.instance != instance || key.ifindex == 0 || !is_cra(old.role) ||
            next.addresses.contains(key) || !network.owner(from_array<Ip6>(key.address)))
            continue;
        for (const auto &[other, entry] : next.addresses) {
            if (entry.instance == instance && other.ifindex == key.ifindex &&
                entry.out_ifindex == old.out_ifindex) {
                const dhcp46_address same_link = entry;
                next.addresses[key] = same_link;
                break;
            }
        }
    }
}

Result<Published> with_instance(const Tables &current, const Resolved &resolved,
                                const HookMap &hooks, const Network &network) {
    Published published;
    published.tables = current;
    const auto existing = find_instance(current, resolved.spec.name);
    const auto id = existing ? existing : free_instance_id(current);
    if (!id)
        return Error{Exit::runtime, resolved.spec.name,
                     fmt::format("all {} instances are taken", DHCP46_MAX_INSTANCES - 1),
                     "detach an instance first"};
    published.instance = *id;
    erase_instance(published.tables, *id);
    if (auto status = Publisher(current, resolved, hooks, published).run(); !status)
        return status.error();
    keep_previous_sources(published.tables, current, *id, network);
    renew_own_addresses(published.tables, network);
    renew_hooks(published.tables, hooks, network);
    return published;
}

Tables without_instance(const Tables &current, std::uint32_t instance, const HookMap &hooks,
                        const Network &network) {
    Tables tables = current;
    erase_instance(tables, instance);
    renew_own_addresses(tables, network);
    renew_hooks(tables, hooks, network);
    return tables;
}

std::set<unsigned> devices_of(const Tables &tables) {
    std::set<unsigned> devices;
    for (const auto &[key, link] : tables.links)
        devices.insert(key.ifindex);
    return devices;
}

std::set<unsigned> devices_of(const Tables &tables, std::uint32_t instance) {
    std::set<unsigned> devices;
    for (const auto &[key, link] : tables.links) {
        if (link.instance == instance)
            devices.insert(key.ifindex);
    }
    return devices;
}

std::set<unsigned> out_devices(const Tables &tables, const dhcp46_link_key &key,
                               const dhcp46_link &link) {
    std::set<unsigned> devices;
    const auto instance = tables.instances.find(link.instance);
    if (instance != tables.instances.end() && instance->second.role == DHCP46_ROLE_HCRA)
        return devices;
    for (const auto &[other_key, other] : tables.links) {
        const bool ipv6 = other_key.side == DHCP46_SIDE_IPV6;
        if (other.instance == link.instance && ipv6 != (key.side == DHCP46_SIDE_IPV6))
            devices.insert(other_key.ifindex);
    }
    return devices;
}

} // namespace dhcp46
