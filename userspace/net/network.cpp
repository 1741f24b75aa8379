// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/network.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include "net/netlink.h"
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

static bool has_bare_ip(unsigned type) {
    switch (type) {
    case ARPHRD_NONE: // tun, WireGuard
    case ARPHRD_PPP:
    case ARPHRD_RAWIP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
        return true;
    default:
        return false;
    }
}

static unsigned veth_peer(rtnl_link *link) {
    int other_namespace = 0;
    const int peer = rtnl_link_get_link(link);
    const bool here = rtnl_link_get_link_netnsid(link, &other_namespace) < 0;
    return here && peer > 0 ? static_cast<unsigned>(peer) : 0;
}

static Device device_of(rtnl_link *link) {
    Device device;
    device.ifindex = static_cast<unsigned>(rtnl_link_get_ifindex(link));
    device.name = rtnl_link_get_name(link);
    if (const char *kind = rtnl_link_get_type(link))
        device.kind = kind;
    device.ethernet = rtnl_link_get_arptype(link) == ARPHRD_ETHER;
    device.bare_ip = has_bare_ip(rtnl_link_get_arptype(link));
    const unsigned flags = rtnl_link_get_flags(link);
    device.loopback = flags & IFF_LOOPBACK;
    device.up = flags & IFF_UP;
    device.mtu = rtnl_link_get_mtu(link);
    const nl_addr *mac = rtnl_link_get_addr(link);
    if (mac && nl_addr_get_len(mac) == device.mac.octets.size())
        std::memcpy(device.mac.octets.data(), nl_addr_get_binary_addr(mac),
                    device.mac.octets.size());
    device.forwarding4 =
        read_switch(fmt::format("/proc/sys/net/ipv4/conf/{}/forwarding", device.name));
    device.forwarding6 =
        read_switch(fmt::format("/proc/sys/net/ipv6/conf/{}/forwarding", device.name));
    if (device.kind == "veth") {
        device.peer = veth_peer(link);
        device.ipv6_enabled =
            !read_switch(fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", device.name));
    }
    return device;
}

template <typename Address> static Address octets_of(const nl_addr *address) {
    Address value;
    if (address && nl_addr_get_len(address) == value.octets.size())
        std::memcpy(value.octets.data(), nl_addr_get_binary_addr(address), value.octets.size());
    return value;
}

static void add_address(Device &device, rtnl_addr *address) {
    const unsigned flags = rtnl_addr_get_flags(address);
    const nl_addr *local = rtnl_addr_get_local(address);
    if (rtnl_addr_get_family(address) == AF_INET) {
        device.addresses4.push_back({octets_of<Ip4>(local),
                                     static_cast<unsigned>(rtnl_addr_get_prefixlen(address)),
                                     octets_of<Ip4>(rtnl_addr_get_broadcast(address))});
        return;
    }
    Address6 entry;
    entry.address = octets_of<Ip6>(local);
    entry.temporary = flags & IFA_F_TEMPORARY;
    entry.deprecated = flags & IFA_F_DEPRECATED;
    // An optimistic address may be used before detection ends; one that failed it never may.
    entry.tentative =
        (flags & IFA_F_DADFAILED) || ((flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC));
    entry.permanent = flags & IFA_F_PERMANENT;
    device.addresses6.push_back(entry);
}

static Status read_devices(nl_sock *socket, Network &network) {
    nl_cache *raw = nullptr;
    if (const int error = rtnl_link_alloc_cache(socket, AF_UNSPEC, &raw); error < 0)
        return netlink_error(error);
    const NlCache cache(raw);
    for (nl_object *object = nl_cache_get_first(raw); object; object = nl_cache_get_next(object))
        network.devices.push_back(device_of(reinterpret_cast<rtnl_link *>(object)));
    return {};
}

static Status read_addresses(nl_sock *socket, Network &network) {
    nl_cache *raw = nullptr;
    if (const int error = rtnl_addr_alloc_cache(socket, &raw); error < 0)
        return netlink_error(error);
    const NlCache cache(raw);
    for (nl_object *object = nl_cache_get_first(raw); object; object = nl_cache_get_next(object)) {
        auto *address = reinterpret_cast<rtnl_addr *>(object);
        const int family = rtnl_addr_get_family(address);
        const auto ifindex = static_cast<unsigned>(rtnl_addr_get_ifindex(address));
        auto *device = const_cast<Device *>(std::as_const(network).find(ifindex));
        if (device && (family == AF_INET || family == AF_INET6))
            add_address(*device, address);
    }
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
    if (rtnl_route_get_type(raw) != RTN_UNICAST && rtnl_route_get_type(raw) != RTN_LOCAL)
        return std::nullopt;
    rtnl_nexthop *hop = rtnl_route_nexthop_n(raw, 0);
    const int ifindex = hop ? rtnl_route_nh_get_ifindex(hop) : 0;
    return ifindex > 0 ? std::optional<unsigned>(static_cast<unsigned>(ifindex)) : std::nullopt;
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
