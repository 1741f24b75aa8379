// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/network.h"

#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include "net/netlink.h"
#include "net/parse.h"
#include "net/xdp_features.h"
#include "util/fd.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace dhcp46 {

template <typename Match> static const Device *find_device(const Network &network, Match match) {
    const auto found = std::find_if(network.devices.begin(), network.devices.end(), match);
    return found == network.devices.end() ? nullptr : &*found;
}

const Device *Network::find(const std::string &name) const {
    return find_device(*this, [&](const Device &device) { return device.name == name; });
}

const Device *Network::find(unsigned ifindex) const {
    return find_device(*this, [&](const Device &device) { return device.ifindex == ifindex; });
}

const Address6 *Network::find(const Ip6 &address) const {
    for (const Device &device : devices) {
        for (const Address6 &own : device.addresses6) {
            if (own.address == address)
                return &own;
        }
    }
    return nullptr;
}

template <typename List, typename Address>
static bool contains(const List &list, const Address &address) {
    return std::any_of(list.begin(), list.end(),
                       [&](const auto &entry) { return entry.address == address; });
}

const Device *Network::owner(const Ip6 &address) const {
    return find_device(*this,
                       [&](const Device &device) { return contains(device.addresses6, address); });
}

const Device *Network::owner(const Ip4 &address) const {
    return find_device(*this,
                       [&](const Device &device) { return contains(device.addresses4, address); });
}

Ip4 directed_broadcast(const Address4 &address) {
    if (address.broadcast.is_set())
        return address.broadcast;
    if (address.prefix_length > 30)
        return {};
    Ip4 broadcast = address.address;
    for (unsigned bit = address.prefix_length; bit < 32; bit++)
        broadcast.octets[bit / 8] |= static_cast<std::uint8_t>(0x80u >> (bit % 8));
    return broadcast;
}

static bool read_switch(const std::string &path) {
    std::ifstream file(path);
    int value = 0;
    return file >> value && value != 0;
}

// What netlink does not say.
static void read_switches(Device &device) {
    const auto conf = [&](const char *family, const char *name) {
        return read_switch(fmt::format("/proc/sys/net/{}/conf/{}/{}", family, device.name, name));
    };
    device.forwarding4 = conf("ipv4", "forwarding");
    device.forwarding6 = conf("ipv6", "forwarding");
    if (device.kind == "veth")
        device.ipv6_enabled = !conf("ipv6", "disable_ipv6");
}

static Status read_devices(nl_sock *socket, Network &network) {
    nl_cache *raw = nullptr;
    if (const int error = rtnl_link_alloc_cache(socket, AF_UNSPEC, &raw); error < 0)
        return netlink_error(error);
    const NlCache cache(raw);
    for (nl_object *object = nl_cache_get_first(raw); object; object = nl_cache_get_next(object)) {
        auto device = parse_link(reinterpret_cast<rtnl_link *>(object));
        if (!device)
            continue;
        read_switches(*device);
        network.devices.push_back(*std::move(device));
    }
    return {};
}

static Status read_addresses(nl_sock *socket, Network &network) {
    nl_cache *raw = nullptr;
    if (const int error = rtnl_addr_alloc_cache(socket, &raw); error < 0)
        return netlink_error(error);
    const NlCache cache(raw);
    for (nl_object *object = nl_cache_get_first(raw); object; object = nl_cache_get_next(object))
        parse_address(reinterpret_cast<rtnl_addr *>(object), network);
    return {};
}

static void read_features(Network &network) {
    const auto features = read_xdp_features();
    if (!features)
        return;
    for (Device &device : network.devices) {
        const auto found = features->find(device.ifindex);
        device.xdp = found == features->end() ? XdpFeatures{} : found->second;
    }
}

Result<Network> read_network() {
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return socket.error();
    Network network;
    if (auto status = read_devices(socket->get(), network); !status)
        return status.error();
    if (auto status = read_addresses(socket->get(), network); !status)
        return status.error();
    read_features(network);
    return network;
}

static NlAddress nl_address(const Ip6 &address) {
    if (kind_of(address) == Ip6Kind::v4_mapped) {
        const Ip4 ip4 = from_v4_mapped(address);
        return NlAddress(nl_addr_build(AF_INET, ip4.octets.data(), ip4.octets.size()));
    }
    return NlAddress(nl_addr_build(AF_INET6, address.octets.data(), address.octets.size()));
}

std::optional<unsigned> route_device(const Ip6 &destination) {
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return std::nullopt;
    const NlAddress address = nl_address(destination);
    rtnl_route *raw = nullptr;
    if (!address || rtnl_route_lookup(socket->get(), address.get(), &raw) < 0 || !raw)
        return std::nullopt;
    const NlRoute route(raw);
    return parse_route(raw);
}

Result<std::uint64_t> netns_cookie() {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    std::uint64_t cookie = 0;
    socklen_t length = sizeof(cookie);
    if (!socket || getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) != 0)
        return Error{Exit::kernel, "cannot tell the network namespaces apart",
                     "SO_NETNS_COOKIE: " + errno_text(errno), "Linux 6.1 or newer is needed"};
    return cookie;
}

} // namespace dhcp46
