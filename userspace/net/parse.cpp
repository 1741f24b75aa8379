// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/parse.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#include <cstring>
#include <iterator>
#include <utility>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

namespace dhcp46 {

// From linux/netdev.h, which the headers of older systems lack.
namespace netdev {
constexpr int a_ifindex = 1;
constexpr int a_xdp_features = 3;
constexpr int a_max = 16;
constexpr std::uint64_t act_basic = 1;
constexpr std::uint64_t act_redirect = 2;
constexpr std::uint64_t act_ndo_xmit = 4;
} // namespace netdev

template <typename T> static void copy_octets(const void *from, std::size_t size, T &into) {
    if (from && size == into.octets.size())
        std::memcpy(into.octets.data(), from, size);
}

// All zero if it is of another kind.
template <typename T> static T octets_of(const nl_addr *address) {
    T value;
    if (address)
        copy_octets(nl_addr_get_binary_addr(address), nl_addr_get_len(address), value);
    return value;
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

std::optional<Device> parse_link(rtnl_link *link) {
    const char *name = rtnl_link_get_name(link);
    const int ifindex = rtnl_link_get_ifindex(link);
    if (!name || *name == '\0' || ifindex <= 0)
        return std::nullopt;
    Device device;
    device.ifindex = static_cast<unsigned>(ifindex);
    device.name = name;
    if (const char *kind = rtnl_link_get_type(link))
        device.kind = kind;
    device.ethernet = rtnl_link_get_arptype(link) == ARPHRD_ETHER;
    device.bare_ip = has_bare_ip(rtnl_link_get_arptype(link));
    const unsigned flags = rtnl_link_get_flags(link);
    device.loopback = flags & IFF_LOOPBACK;
    device.up = flags & IFF_UP;
    device.mtu = rtnl_link_get_mtu(link);
    device.mac = octets_of<Mac>(rtnl_link_get_addr(link));
    if (device.kind == "veth")
        device.peer = veth_peer(link);
    return device;
}

static void add_ipv4(rtnl_addr *address, Device &device) {
    const int length = rtnl_addr_get_prefixlen(address);
    const auto own = octets_of<Ip4>(rtnl_addr_get_local(address));
    if (own.is_set() && length >= 0 && length <= 32)
        device.addresses4.push_back(
            {own, static_cast<unsigned>(length), octets_of<Ip4>(rtnl_addr_get_broadcast(address))});
}

static void add_ipv6(rtnl_addr *address, Device &device) {
    const unsigned flags = rtnl_addr_get_flags(address);
    Address6 entry;
    entry.address = octets_of<Ip6>(rtnl_addr_get_local(address));
    entry.temporary = flags & IFA_F_TEMPORARY;
    entry.deprecated = flags & IFA_F_DEPRECATED;
    // An optimistic address may be used before detection ends; one that failed it never may.
    entry.tentative =
        (flags & IFA_F_DADFAILED) || ((flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC));
    entry.permanent = flags & IFA_F_PERMANENT;
    if (entry.address.is_set())
        device.addresses6.push_back(entry);
}

void parse_address(rtnl_addr *address, Network &network) {
    const auto ifindex = static_cast<unsigned>(rtnl_addr_get_ifindex(address));
    auto *device = const_cast<Device *>(std::as_const(network).find(ifindex));
    if (!device)
        return;
    if (rtnl_addr_get_family(address) == AF_INET)
        add_ipv4(address, *device);
    else if (rtnl_addr_get_family(address) == AF_INET6)
        add_ipv6(address, *device);
}

std::optional<unsigned> parse_route(rtnl_route *route) {
    const int type = rtnl_route_get_type(route);
    rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);
    const int ifindex = hop ? rtnl_route_nh_get_ifindex(hop) : 0;
    if ((type != RTN_UNICAST && type != RTN_LOCAL) || ifindex <= 0)
        return std::nullopt;
    return static_cast<unsigned>(ifindex);
}

void parse_features(nl_msg *message, FeatureMap &features) {
    nlmsghdr *header = nlmsg_hdr(message);
    if (!genlmsg_valid_hdr(header, 0))
        return;
    nla_policy policy[netdev::a_max + 1] = {};
    policy[netdev::a_ifindex].type = NLA_U32;
    policy[netdev::a_xdp_features].type = NLA_U64;
    nlattr *attributes[netdev::a_max + 1] = {};
    const auto *generic = static_cast<const genlmsghdr *>(nlmsg_data(header));
    if (nla_parse(attributes, netdev::a_max, genlmsg_attrdata(generic, 0),
                  genlmsg_attrlen(generic, 0), policy) < 0)
        return;
    if (!attributes[netdev::a_ifindex] || !attributes[netdev::a_xdp_features])
        return;
    const std::uint64_t bits = nla_get_u64(attributes[netdev::a_xdp_features]);
    XdpFeatures device;
    device.basic = bits & netdev::act_basic;
    device.redirect = bits & netdev::act_redirect;
    device.ndo_xmit = bits & netdev::act_ndo_xmit;
    features.emplace(nla_get_u32(attributes[netdev::a_ifindex]), device);
}

template <typename T> static bool take_octets(const nlattr *attribute, T &into) {
    if (!attribute || static_cast<std::size_t>(nla_len(attribute)) != into.octets.size())
        return false;
    copy_octets(nla_data(attribute), into.octets.size(), into);
    return true;
}

void parse_permanent_neighbour(nl_msg *message, Neighbours &neighbours) {
    nlmsghdr *header = nlmsg_hdr(message);
    nlattr *attributes[NDA_MAX + 1] = {};
    if (nlmsg_parse(header, sizeof(ndmsg), attributes, NDA_MAX, nullptr) < 0)
        return;
    const auto *neighbour = static_cast<const ndmsg *>(nlmsg_data(header));
    PermanentNeighbour known;
    if ((neighbour->ndm_state & NUD_PERMANENT) && take_octets(attributes[NDA_DST], known.address) &&
        take_octets(attributes[NDA_LLADDR], known.mac))
        neighbours.push_back(known);
}

} // namespace dhcp46
