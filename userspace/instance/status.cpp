// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/status.h"

#include <algorithm>

#include <fmt/format.h>

#include "instance/hook_needs.h"
#include "instance/publish.h"
#include "instance/resolve.h"
#include "instance/xdp_choice.h"

namespace dhcp46 {

namespace {

constexpr const char *attach_again = "run attach again";

// Of the addresses by which packets from this side go on; 0: the maps say where.
unsigned routed_family(dhcp46_role role, dhcp46_side side) {
    if (role == DHCP46_ROLE_LCRA && side == DHCP46_SIDE_CLIENT)
        return 6;
    if (role == DHCP46_ROLE_TRA && side == DHCP46_SIDE_IPV6)
        return 4;
    return side == DHCP46_SIDE_SERVER ? 6 : 0;
}

class Describer {
  public:
    Describer(const Tables &tables, const Observed &observed, std::uint32_t id)
        : tables_(tables), observed_(observed), id_(id) {
        status_.instance = tables.instances.at(id);
        status_.another_build = observed.another_build;
    }

    InstanceStatus run() {
        if (status_.instance.role == DHCP46_ROLE_NONE) {
            missing(fmt::format("a detach was killed half way: `dhcp46 detach {}`",
                                status_.instance.name));
            return std::move(status_);
        }
        add_upstreams();
        add_prefixes();
        for (const auto &[key, link] : tables_.links) {
            if (link.instance == id_)
                add_device(key, link);
        }
        std::stable_sort(status_.devices.begin(), status_.devices.end(),
                         [](const auto &a, const auto &b) { return a.side < b.side; });
        if (!is_cra(status_.instance.role))
            describe_tra();
        check_sides_up();
        if (status_.another_build)
            warn("the programs are of another build than this dhcp46: attach again, or start run");
        return std::move(status_);
    }

  private:
    void missing(std::string what) { status_.missing.push_back(std::move(what)); }
    void warn(std::string what) { status_.warnings.push_back(std::move(what)); }

    void add_upstreams() {
        for (const auto &[key, upstream] : tables_.upstreams) {
            if (key.instance != id_)
                continue;
            const auto address = from_array<Ip6>(upstream.address);
            const auto health = observed_.health.find(key);
            status_.upstreams.push_back(
                {key.slot, upstream_text(status_.instance.role, address),
                 upstream.port ? upstream.port : 67u, upstream.origin,
                 health == observed_.health.end() ? UpstreamHealth() : health->second});
            check_route(address);
            check_silence(status_.upstreams.back());
        }
        if (status_.upstreams.empty())
            missing(
                fmt::format("no upstream: `dhcp46 upstream add {} ADDR`", status_.instance.name));
    }

    // Replies and requests use the devices of attach; a route elsewhere is mostly a mistake.
    void check_route(const Ip6 &upstream) {
        if (!is_cra(status_.instance.role) || !observed_.route)
            return;
        const auto ifindex = observed_.route(upstream);
        const std::string text = to_string(upstream);
        if (!ifindex) {
            warn(fmt::format("there is no route to upstream {}", text));
            return;
        }
        const dhcp46_link_key key = {*ifindex, 0, 0, DHCP46_SIDE_IPV6,
                                     static_cast<std::uint16_t>(id_)};
        const Device *device = observed_.network.find(*ifindex);
        if (!tables_.links.contains(key))
            warn(fmt::format("the route to upstream {} leaves by {}, which is no uplink of this "
                             "instance",
                             text, device ? device->name : fmt::format("ifindex {}", *ifindex)));
    }

    void check_silence(const UpstreamStatus &upstream) {
        if (const auto silent_for = upstream.health.silent_for)
            warn(fmt::format(
                "upstream {} was asked {} s ago, and has not replied since", upstream.address,
                std::chrono::duration_cast<std::chrono::seconds>(*silent_for).count()));
    }

    void add_prefixes() {
        for (const auto &[key, prefix] : tables_.cra_prefixes) {
            if (key.instance != id_)
                continue;
            const Prefix6 text = {from_array<Ip6>(key.prefix),
                                  key.prefixlen >= 32 ? key.prefixlen - 32 : 0};
            status_.cra_prefixes.push_back(
                {to_string(text), prefix.allowed != 0, from_array<Ip4>(prefix.link_selection)});
            if (text.length == 0 && prefix.allowed)
                warn("no --cra-prefix limits which CRAs are served");
        }
        if (!is_cra(status_.instance.role) && status_.cra_prefixes.empty())
            missing("no CRA prefix is allowed");
    }

    void add_device(const dhcp46_link_key &key, const dhcp46_link &link) {
        DeviceStatus device;
        device.ifindex = key.ifindex;
        device.side = side_of(key);
        device.link = link;
        const Device *now = observed_.network.find(key.ifindex);
        device.gone = !now;
        device.name = now ? now->name : name_of(link);
        if (!now) {
            device.why = "the device is gone";
            device.tc = "none";
            missing(fmt::format("the {} device {} is gone: {}", side_name(device.side), device.name,
                                attach_again));
        } else {
            device.up = now->up;
            device.forwarding4 = now->forwarding4;
            device.forwarding6 = now->forwarding6;
            add_hooks(device, key, *now);
            check_forwarding(device);
            check_drift(device, *now);
            check_source(device, *now);
        }
        status_.devices.push_back(std::move(device));
    }

    void add_hooks(DeviceStatus &device, const dhcp46_link_key &key, const Device &now) {
        const auto found = observed_.hooks.find(key.ifindex);
        const HookState hooks = found == observed_.hooks.end() ? HookState{} : found->second;
        device.tc = !hooks.tc ? "none" : hooks.tcx ? "tcx" : "clsact";
        device.native_xdp = hooks.xdp;
        if (!hooks.tc)
            missing(
                fmt::format("the TC program is not on {} any more: {}", now.name, attach_again));
        if (hook_needs(status_.instance.role, device.side, now).egress && !hooks.egress)
            missing(fmt::format("the TC egress program is not on {} any more: {}", now.name,
                                attach_again));
        if ((device.link.flags & DHCP46_LINK_XDP) && !hooks.xdp)
            warn(fmt::format("the XDP program is not on {} any more: {}", now.name, attach_again));
        device.why = why(device, choose(key, device.link, now));
        if (device.native_xdp)
            check_takers(key, device.link);
    }

    void check_forwarding(DeviceStatus &device) {
        const auto family = routed_family(status_.instance.role, device.side);
        const bool several = device.link.out_ifindex == 0;
        if (family == 0 || (!device.native_xdp && !several))
            return;
        device.asks_route4 = family == 4;
        device.asks_route6 = family == 6;
        if (several && !(family == 4 ? device.forwarding4 : device.forwarding6))
            missing(fmt::format("there are several ways out, and none is found while IPv{} "
                                "forwarding is off on {}: sysctl -w net.ipv{}.conf.{}.forwarding=1",
                                family, device.name, family, device.name));
    }

    // What XDP hands to a device that does not take it any more is lost, and nobody says so.
    void check_takers(const dhcp46_link_key &key, const dhcp46_link &link) {
        for (const unsigned ifindex : out_devices(tables_, key, link)) {
            const Device *out = observed_.network.find(ifindex);
            if (out && tables_.tx_devices.contains(ifindex) && !takes_redirects(*out, true))
                missing(fmt::format("{} takes no XDP redirects any more, packets are lost: {}",
                                    out->name, attach_again));
        }
    }

    XdpChoice choose(const dhcp46_link_key &key, const dhcp46_link &link, const Device &now) {
        std::vector<const Device *> outs;
        for (const unsigned ifindex : out_devices(tables_, key, link)) {
            if (const Device *out = observed_.network.find(ifindex))
                outs.push_back(out);
        }
        const auto foreign = observed_.foreign_xdp.find(key.ifindex);
        return choose_xdp(status_.instance.xdp_mode, now, outs,
                          foreign == observed_.foreign_xdp.end()
                              ? std::nullopt
                              : std::optional<std::string>(foreign->second));
    }

    std::string why(const DeviceStatus &device, const XdpChoice &choice) const {
        if (device.native_xdp == choice.native)
            return choice.why;
        if (device.native_xdp)
            return status_.instance.xdp_mode == DHCP46_XDP_OFF
                       ? "another instance on this device runs XDP"
                       : fmt::format("it was possible when attached; now {}", choice.why);
        if (device.link.flags & DHCP46_LINK_XDP_REFUSED)
            return "the driver refused native XDP when it was attached; --xdp native says why";
        return fmt::format("native XDP was not possible when attached; it may be now: {}",
                           attach_again);
    }

    void check_drift(const DeviceStatus &device, const Device &now) {
        const dhcp46_link &link = device.link;
        const auto drifted = [&](const char *what, const std::string &is, const std::string &was) {
            if (is != was)
                warn(fmt::format("{}: the {} is {} now, attached with {}: {}", now.name, what, is,
                                 was, attach_again));
        };
        drifted("MAC address", to_string(now.mac), to_string(from_array<Mac>(link.mac)));
        drifted("MTU", fmt::format("{}", now.mtu), fmt::format("{}", link.mtu));
        if (status_.instance.role == DHCP46_ROLE_HCRA)
            return; // its IPv4 address comes and goes, and is not recorded
        const Ip4 own = now.addresses4.empty() ? Ip4{} : now.addresses4.front().address;
        drifted("IPv4 address", own.is_set() ? to_string(own) : "none",
                from_array<Ip4>(link.ipv4).is_set() ? to_string(from_array<Ip4>(link.ipv4))
                                                    : "none");
    }

    void check_source(const DeviceStatus &device, const Device &now) {
        const bool cra = device.side == DHCP46_SIDE_CLIENT;
        if (!cra && is_cra(status_.instance.role))
            return;
        if (device.side == DHCP46_SIDE_SERVER)
            return;
        const auto source = from_array<Ip6>(device.link.source6);
        const char *what = cra ? "source" : "service";
        if (!source.is_set()) {
            missing(fmt::format("no IPv6 {} address for {}: assign a global or unique-local "
                                "address and {}",
                                what, now.name, attach_again));
            return;
        }
        const std::string which =
            fmt::format("the {} address {} of {}", what, to_string(source), now.name);
        const Address6 *own = observed_.network.find(source);
        if (!own)
            missing(fmt::format("{} is no longer on this host: {}", which, attach_again));
        else if (own->tentative)
            missing(fmt::format("{} has not passed duplicate address detection", which));
        else if (own->deprecated && !(device.link.flags & DHCP46_LINK_SOURCE_GIVEN))
            missing(fmt::format("{} is deprecated: assign another and {}", which, attach_again));
    }

    // E-24: RFC 3046 allows a server not to copy option 82, but then its replies cannot be relayed.
    void check_echo() {
        std::uint64_t replies = 0;
        for (const auto &[key, link] : tables_.links) {
            const auto found = observed_.unechoed.find(link.link_id);
            if (link.instance == id_ && found != observed_.unechoed.end())
                replies += found->second;
        }
        std::vector<std::string> servers;
        for (const UpstreamStatus &upstream : status_.upstreams)
            servers.push_back(upstream.address);
        if (replies != 0)
            warn(fmt::format("{} replies came without option 82, and were dropped: have {}{} echo "
                             "it (RFC 3046)",
                             replies, servers.size() > 1 ? "each of " : "the server ",
                             fmt::join(servers, ", ")));
    }

    void describe_tra() {
        check_echo();
        for (const auto &[key, entry] : tables_.addresses) {
            if (entry.instance != id_ || key.ifindex == 0)
                continue;
            const auto own = from_array<Ip6>(key.address);
            if (entry.side == DHCP46_SIDE_IPV6)
                status_.service_address = own;
            else
                status_.giaddr = from_v4_mapped(own);
        }
        if (status_.instance.role == DHCP46_ROLE_TSV)
            describe_server_link();
        else if (!status_.giaddr.is_set())
            missing(fmt::format("no IPv4 address for giaddr: assign one to the server side's "
                                "first device and {}",
                                attach_again));
        else if (!observed_.network.owner(status_.giaddr))
            missing(fmt::format("giaddr {} is no longer on this host: {}",
                                to_string(status_.giaddr), attach_again));
    }

    void describe_server_link() {
        for (const DeviceStatus &device : status_.devices) {
            const Device *ours = observed_.network.find(device.ifindex);
            if (device.side != DHCP46_SIDE_SERVER || !ours)
                continue;
            status_.server_link = {ours->name, "", false, false};
            const Device *servers = observed_.network.find(ours->peer);
            if (!servers) {
                missing(fmt::format("the other end of {} is not in this network namespace",
                                    ours->name));
                return;
            }
            status_.server_link->server_device = servers->name;
            status_.server_link->up = servers->up;
            const auto hooks = observed_.hooks.find(servers->ifindex);
            status_.server_link->native_xdp = hooks != observed_.hooks.end() && hooks->second.xdp;
            check_server_end(*ours, *servers);
            check_switches(device, *ours, *servers);
        }
        if (const Device *owner = observed_.network.owner(status_.giaddr))
            missing(fmt::format("giaddr {} is an address of {} now, so the server's answers do not "
                                "come to us",
                                to_string(status_.giaddr), owner->name));
    }

    Ip4 server() const {
        const auto first = tables_.upstreams.find({id_, 0});
        return first == tables_.upstreams.end()
                   ? Ip4{}
                   : from_v4_mapped(from_array<Ip6>(first->second.address));
    }

    bool has_neighbour(unsigned ifindex, const Ip4 &address, const Mac &mac) const {
        const auto on_device = observed_.neighbours.find(ifindex);
        return on_device != observed_.neighbours.end() &&
               std::any_of(on_device->second.begin(), on_device->second.end(),
                           [&](const PermanentNeighbour &known) {
                               return known.address == address && known.mac == mac;
                           });
    }

    // What the server needs, and somebody may have taken away.
    void check_server_end(const Device &ours, const Device &servers) {
        const std::string &name = servers.name;
        const auto &own = servers.addresses4;
        const bool has_address = std::any_of(own.begin(), own.end(), [&](const Address4 &entry) {
            return entry.address == server();
        });
        if (!servers.up)
            missing(fmt::format("{}, the server's end of {}, is down: {}", name, ours.name,
                                attach_again));
        if (!has_address)
            missing(fmt::format("{} is not on {} any more: {}", to_string(server()), name,
                                attach_again));
        if (observed_.route && observed_.route(v4_mapped(status_.giaddr)) != servers.ifindex)
            missing(fmt::format("the route to {} is not by {} any more: {}",
                                to_string(status_.giaddr), name, attach_again));
        if (!has_neighbour(servers.ifindex, status_.giaddr, ours.mac))
            missing(fmt::format("the permanent neighbour {} is not on {} any more: {}",
                                to_string(status_.giaddr), name, attach_again));
        for (const auto &[key, entry] : tables_.addresses) {
            if (entry.instance == id_ && entry.side == DHCP46_SIDE_IPV6 &&
                from_array<Mac>(entry.next_mac) != servers.mac)
                missing(fmt::format("{}: the MAC address is {} now, attached with {}: {}", name,
                                    to_string(servers.mac),
                                    to_string(from_array<Mac>(entry.next_mac)), attach_again));
        }
    }

    // What attach cannot set where /proc/sys is read-only, and what works without it.
    void check_switches(const DeviceStatus &our_end, const Device &ours, const Device &servers) {
        for (const Device *end : {&ours, &servers}) {
            if (end->ipv6_enabled)
                warn(fmt::format("IPv6 is on on {}, which nobody needs: "
                                 "sysctl -w net.ipv6.conf.{}.disable_ipv6=1",
                                 end->name, end->name));
        }
        if (our_end.native_xdp && !ours.forwarding6)
            warn(fmt::format("XDP leaves the server's answers to TC: "
                             "sysctl -w net.ipv6.conf.{}.forwarding=1",
                             ours.name));
        const auto &devices = observed_.network.devices;
        const bool elsewhere =
            std::any_of(devices.begin(), devices.end(), [&](const Device &device) {
                return device.ifindex != servers.ifindex &&
                       std::any_of(device.addresses4.begin(), device.addresses4.end(),
                                   [&](const Address4 &own) { return own.address == server(); });
            });
        if (!elsewhere)
            warn(fmt::format("the server's address {} is on no other device: clients that renew "
                             "by IPv4 reach it only if it is routed here",
                             to_string(server())));
    }

    bool has_side(dhcp46_side side) const {
        const bool cra = is_cra(status_.instance.role);
        return side == DHCP46_SIDE_IPV6 || side == (cra ? DHCP46_SIDE_CLIENT : DHCP46_SIDE_SERVER);
    }

    // One device that is down holds up nothing else; a side with none that is up does.
    void check_sides_up() {
        for (const dhcp46_side side : {DHCP46_SIDE_CLIENT, DHCP46_SIDE_IPV6, DHCP46_SIDE_SERVER}) {
            std::vector<std::string> down;
            bool any_up = false;
            bool any = false;
            for (const DeviceStatus &device : status_.devices) {
                any |= device.side == side;
                if (device.side != side || device.gone)
                    continue;
                any_up |= device.up;
                if (!device.up)
                    down.push_back(
                        fmt::format("{} ({} side) is down", device.name, side_name(side)));
            }
            if (!any && has_side(side))
                missing(fmt::format("no device is left on the {} side: detach, and attach again",
                                    side_name(side)));
            auto &list = any_up ? status_.warnings : status_.missing;
            list.insert(list.end(), down.begin(), down.end());
        }
    }

    const Tables &tables_;
    const Observed &observed_;
    std::uint32_t id_;
    InstanceStatus status_;
};

} // namespace

std::vector<InstanceStatus> describe(const Tables &tables, const Observed &observed) {
    std::vector<InstanceStatus> list;
    for (const auto &[id, instance] : tables.instances)
        list.push_back(Describer(tables, observed, id).run());
    std::sort(list.begin(), list.end(), [](const auto &a, const auto &b) {
        return std::strcmp(a.instance.name, b.instance.name) < 0;
    });
    return list;
}

} // namespace dhcp46
