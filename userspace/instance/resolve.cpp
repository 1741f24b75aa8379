// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/resolve.h"

#include <algorithm>

#include <fmt/format.h>

namespace dhcp46 {

static Error invalid(std::string what, std::string why, std::string hint) {
    return {Exit::config, std::move(what), std::move(why), std::move(hint)};
}

std::optional<Ip6> best_address6(const Device &device, const AddressPredicate &taken) {
    const auto rank = [&](const Address6 &entry) {
        return (taken && taken(entry.address) ? 0 : 4) +
               (kind_of(entry.address) == Ip6Kind::global ? 2 : 0) + (entry.permanent ? 1 : 0);
    };
    const Address6 *best = nullptr;
    for (const Address6 &entry : device.addresses6) {
        if (!is_usable(entry.address) || entry.temporary || entry.deprecated || entry.tentative)
            continue;
        // Among equals the oldest, so that a new address moves nothing: the kernel lists it first.
        if (!best || rank(entry) >= rank(*best))
            best = &entry;
    }
    return best ? std::optional(best->address) : std::nullopt;
}

// The device on whose link the address means everybody.
static const Device *broadcasts_on(const Ip4 &address, const Network &network) {
    for (const Device &device : network.devices) {
        for (const Address4 &own : device.addresses4) {
            if (directed_broadcast(own) == address)
                return &device;
        }
    }
    return nullptr;
}

Status check_upstream(dhcp46_role role, const Ip6 &upstream, const Network &network) {
    const bool v4 = kind_of(upstream) == Ip6Kind::v4_mapped;
    if (const Device *link = v4 ? broadcasts_on(from_v4_mapped(upstream), network) : nullptr)
        return invalid(fmt::format("server {}", upstream_text(role, upstream)),
                       fmt::format("it is the broadcast address of the link on {}", link->name),
                       "give the server's own address");
    const Device *owner = v4 ? network.owner(from_v4_mapped(upstream)) : network.owner(upstream);
    if (!owner || role == DHCP46_ROLE_TSV)
        return {};
    return invalid(fmt::format("upstream {}", upstream_text(role, upstream)),
                   fmt::format("it is an address of this host, on {}", owner->name),
                   "give the address of another host");
}

// Clients are answered by MAC address. Behind a device without one there are peers alone.
static Status check_kind(const Device &device, bool has_clients) {
    if (device.ethernet || (device.bare_ip && !has_clients))
        return {};
    if (device.bare_ip)
        return invalid(device.name, "it is no Ethernet device, and clients are served on no other",
                       "choose a device with link/ether");
    return invalid(device.name, "it is neither Ethernet nor a device of bare IP packets",
                   "choose a device with link/ether, link/none or link/ppp");
}

static Result<Device> find_device(const std::string &name, const Network &network) {
    const Device *device = network.find(name);
    if (!device)
        return Error{Exit::runtime, name, "there is no such device in this network namespace",
                     "`ip link` lists the devices"};
    return *device;
}

static Status add_links(Resolved &resolved, dhcp46_side side, const std::vector<std::string> &names,
                        const Network &network) {
    for (const std::string &name : names) {
        auto device = find_device(name, network);
        if (!device)
            return device.error();
        const bool has_clients =
            side == DHCP46_SIDE_CLIENT || resolved.spec.role == DHCP46_ROLE_HCRA;
        if (auto status = check_kind(*device, has_clients); !status)
            return status;
        ResolvedLink link;
        link.side = side;
        link.device = *std::move(device);
        resolved.links.push_back(std::move(link));
    }
    return {};
}

// Where the kernel would send to the upstream. A route that is gone for a moment takes no uplink
// along.
static std::vector<const Device *> ways_to(const Ip6 &upstream, const Spec &spec,
                                           const Network &network, const RouteLookup &route,
                                           const Tables &attached) {
    const auto ifindex = route(upstream);
    const Device *device = ifindex ? network.find(*ifindex) : nullptr;
    if (device)
        return {device};
    std::vector<const Device *> devices;
    const auto id = find_instance(attached, spec.name);
    for (const auto &[key, link] : attached.links) {
        const Device *uplink = network.find(key.ifindex);
        if (id == link.instance && (link.flags & DHCP46_LINK_BY_ROUTE) && uplink)
            devices.push_back(uplink);
    }
    return devices;
}

// Without --uplink-dev the kernel's routes say where the upstreams are.
static Result<std::vector<std::string>> uplinks_by_route(const Spec &spec, const Network &network,
                                                         const RouteLookup &route,
                                                         const Tables &attached) {
    std::vector<std::string> names;
    for (const Ip6 &upstream : spec.upstreams) {
        const auto devices = ways_to(upstream, spec, network, route, attached);
        if (devices.empty())
            return Error{Exit::runtime, fmt::format("upstream {}", to_string(upstream)),
                         "there is no route to it, so the uplink device is not known",
                         "name it with --uplink-dev DEV, or add the route first"};
        for (const Device *device : devices) {
            if (std::find(names.begin(), names.end(), device->name) == names.end())
                names.push_back(device->name);
        }
    }
    return names;
}

static std::vector<ResolvedLink *> links_on(Resolved &resolved, dhcp46_side side) {
    std::vector<ResolvedLink *> links;
    for (ResolvedLink &link : resolved.links) {
        if (link.side == side)
            links.push_back(&link);
    }
    return links;
}

static Status check_source_is_ours(const Ip6 &address, const Network &network) {
    if (network.owner(address))
        return {};
    std::string devices;
    for (const Device &device : network.devices)
        devices += (devices.empty() ? "" : ", ") + device.name;
    return invalid(fmt::format("--source {}", to_string(address)),
                   "no device has this address, so no reply would come back to it",
                   fmt::format("assign it first with `ip -6 addr add`; looked on {}", devices));
}

// An hcra's link is known by an address of its own device.
static Status check_source_is_on(const Ip6 &address, const Device &device) {
    const auto &own = device.addresses6;
    if (std::any_of(own.begin(), own.end(),
                    [&](const Address6 &entry) { return entry.address == address; }))
        return {};
    return invalid(fmt::format("--source {}", to_string(address)),
                   fmt::format("{} does not have this address", device.name),
                   fmt::format("give an address of {}, or leave --source out", device.name));
}

// The addresses that are another instance's where replies come in.
static AddressPredicate taken_by_others(Resolved &resolved, const Tables &attached) {
    const auto own = find_instance(attached, resolved.spec.name);
    std::vector<unsigned> uplinks;
    for (const ResolvedLink *uplink : links_on(resolved, DHCP46_SIDE_IPV6))
        uplinks.push_back(uplink->device.ifindex);
    return [&attached, own, uplinks](const Ip6 &address) {
        return std::any_of(uplinks.begin(), uplinks.end(), [&](unsigned ifindex) {
            const auto user = find_address_user(attached, address, ifindex);
            return user && user != own;
        });
    };
}

// D-10: --source, else the client device's own, else (one client link only) the uplink's.
static Status choose_client_source(Resolved &resolved, ResolvedLink &client, const Network &network,
                                   const Tables &attached) {
    for (const SourceOption &source : resolved.spec.sources) {
        if (!source.device.empty() && source.device != client.device.name)
            continue;
        if (auto status = resolved.spec.role == DHCP46_ROLE_HCRA
                              ? check_source_is_on(source.address, client.device)
                              : check_source_is_ours(source.address, network);
            !status)
            return status;
        client.source6 = source.address;
        client.source_given = true;
        return {};
    }
    const AddressPredicate taken = taken_by_others(resolved, attached);
    auto found = best_address6(client.device, taken);
    if (!found && links_on(resolved, DHCP46_SIDE_CLIENT).size() == 1) {
        for (const ResolvedLink *uplink : links_on(resolved, DHCP46_SIDE_IPV6)) {
            if (!found)
                found = best_address6(uplink->device, taken);
        }
    }
    client.source6 = found.value_or(Ip6{});
    return {};
}

// E-32: the address to which a reply comes says which client link it is for.
static Status check_sources_differ(const std::vector<ResolvedLink *> &clients) {
    for (std::size_t i = 0; i < clients.size(); i++) {
        for (std::size_t j = 0; j < i; j++) {
            if (clients[i]->source6.is_set() && clients[i]->source6 == clients[j]->source6)
                return invalid(fmt::format("client links {} and {}", clients[j]->device.name,
                                           clients[i]->device.name),
                               fmt::format("both would send from {}, and the reply's address "
                                           "must name one link",
                                           to_string(clients[i]->source6)),
                               "give each link its own address, --source DEV=V6ADDR");
        }
    }
    return {};
}

static Status resolve_cra(Resolved &resolved, const Network &network, const RouteLookup &route,
                          const Tables &attached) {
    const Spec &spec = resolved.spec;
    std::vector<std::string> uplinks = spec.ipv6_devices;
    if (auto status = add_links(resolved, DHCP46_SIDE_CLIENT, spec.client_devices, network);
        !status)
        return status;
    if (uplinks.empty()) {
        auto found = uplinks_by_route(spec, network, route, attached);
        if (!found)
            return found.error();
        uplinks = *std::move(found);
    }
    if (auto status = add_links(resolved, DHCP46_SIDE_IPV6, uplinks, network); !status)
        return status;
    for (ResolvedLink *uplink : links_on(resolved, DHCP46_SIDE_IPV6))
        uplink->by_route = spec.ipv6_devices.empty();
    for (ResolvedLink *client : links_on(resolved, DHCP46_SIDE_CLIENT)) {
        if (auto status = choose_client_source(resolved, *client, network, attached); !status)
            return status;
    }
    return check_sources_differ(links_on(resolved, DHCP46_SIDE_CLIENT));
}

static Status choose_service_address(Resolved &resolved, const Network &network) {
    const auto links = links_on(resolved, DHCP46_SIDE_IPV6);
    Ip6 address;
    const bool given = !resolved.spec.sources.empty();
    if (given) {
        address = resolved.spec.sources.front().address;
        if (auto status = check_source_is_ours(address, network); !status)
            return status;
    } else {
        address = best_address6(links.front()->device).value_or(Ip6{});
    }
    for (ResolvedLink *link : links) {
        link->source6 = address;
        link->source_given = given;
    }
    return {};
}

static Status choose_giaddr(Resolved &resolved, const Network &network) {
    if (resolved.spec.giaddr) {
        if (!network.owner(*resolved.spec.giaddr))
            return invalid(fmt::format("--giaddr {}", to_string(*resolved.spec.giaddr)),
                           "no device of this host has it, so no server's answer would come back",
                           "assign it first with `ip addr add`, or leave --giaddr out");
        resolved.giaddr = *resolved.spec.giaddr;
        return {};
    }
    const Device &first = links_on(resolved, DHCP46_SIDE_SERVER).front()->device;
    if (!first.addresses4.empty())
        resolved.giaddr = first.addresses4.front().address;
    return {};
}

static Status resolve_tra(Resolved &resolved, const Network &network) {
    const Spec &spec = resolved.spec;
    if (auto status = add_links(resolved, DHCP46_SIDE_IPV6, spec.ipv6_devices, network); !status)
        return status;
    if (auto status = add_links(resolved, DHCP46_SIDE_SERVER, spec.server_devices, network);
        !status)
        return status;
    if (auto status = choose_service_address(resolved, network); !status)
        return status;
    return choose_giaddr(resolved, network);
}

// The kernel must send what is for giaddr to our end, and not take it for its own.
static Status check_giaddr_is_nobodys(const Ip4 &giaddr, const Network &network) {
    const Device *owner = network.owner(giaddr);
    const Device *link = broadcasts_on(giaddr, network);
    if (!owner && !link)
        return {};
    return invalid(fmt::format("--giaddr {}", to_string(giaddr)),
                   owner ? fmt::format("it is an address of this host, on {}", owner->name)
                         : fmt::format("it is the broadcast address of the link on {}", link->name),
                   "give an address that no device of this host has");
}

static Status resolve_tsv(Resolved &resolved, const Network &network) {
    const Spec &spec = resolved.spec;
    if (auto status = add_links(resolved, DHCP46_SIDE_IPV6, spec.ipv6_devices, network); !status)
        return status;
    if (auto status = add_links(resolved, DHCP46_SIDE_SERVER, spec.server_devices, network);
        !status)
        return status;
    auto server_end = find_device(spec.server_end, network);
    if (!server_end)
        return server_end.error();
    resolved.server_end = *std::move(server_end);
    resolved.giaddr = *spec.giaddr;
    if (auto status = check_giaddr_is_nobodys(resolved.giaddr, network); !status)
        return status;
    return choose_service_address(resolved, network);
}

static Status resolve_role(Resolved &resolved, const Network &network, const RouteLookup &route,
                           const Tables &attached) {
    if (is_cra(resolved.spec.role))
        return resolve_cra(resolved, network, route, attached);
    return resolved.spec.role == DHCP46_ROLE_TSV ? resolve_tsv(resolved, network)
                                                 : resolve_tra(resolved, network);
}

// With several ways out the kernel's route decides, and bpf_fib_lookup answers only where the
// device that the packet came in on forwards.
static Status check_forwarding(Resolved &resolved, dhcp46_side from, dhcp46_side to) {
    if (links_on(resolved, to).size() < 2)
        return {};
    const bool v4 = to == DHCP46_SIDE_SERVER;
    for (const ResolvedLink *link : links_on(resolved, from)) {
        const Device &device = link->device;
        if (v4 ? device.forwarding4 : device.forwarding6)
            continue;
        const char *family = v4 ? "ipv4" : "ipv6";
        return invalid(fmt::format("several devices on the {} side", side_name(to)),
                       fmt::format("the route must choose, and {} forwarding is off on {}", family,
                                   device.name),
                       fmt::format("sysctl -w net.{}.conf.{}.forwarding=1, or give one device",
                                   family, device.name));
    }
    return {};
}

static Status check_ways_out(Resolved &resolved) {
    // A reply at a CRA has its client link by address; only requests need the route.
    if (is_cra(resolved.spec.role))
        return check_forwarding(resolved, DHCP46_SIDE_CLIENT, DHCP46_SIDE_IPV6);
    if (auto status = check_forwarding(resolved, DHCP46_SIDE_IPV6, DHCP46_SIDE_SERVER); !status)
        return status;
    return check_forwarding(resolved, DHCP46_SIDE_SERVER, DHCP46_SIDE_IPV6);
}

Result<Resolved> resolve(const Spec &spec, const Network &network, const RouteLookup &route,
                         const Tables &attached) {
    if (auto status = validate(spec); !status)
        return status.error();
    for (const Ip6 &upstream : spec.upstreams) {
        if (auto status = check_upstream(spec.role, upstream, network); !status)
            return status.error();
    }
    Resolved resolved;
    resolved.spec = spec;
    if (auto status = resolve_role(resolved, network, route, attached); !status)
        return status.error();
    if (auto status = check_ways_out(resolved); !status)
        return status.error();
    return resolved;
}

} // namespace dhcp46
