// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/server_link.h"

#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <fstream>

#include <fmt/format.h>
#include <netlink/attr.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>

#include "net/netlink.h"
#include "net/network.h"
#include "net/parse.h"

namespace dhcp46 {

namespace {

struct Free {
    void operator()(rtnl_link *link) const { rtnl_link_put(link); }
    void operator()(rtnl_addr *address) const { rtnl_addr_put(address); }
    void operator()(rtnl_neigh *neighbour) const { rtnl_neigh_put(neighbour); }
};
using Link = std::unique_ptr<rtnl_link, Free>;
using Address = std::unique_ptr<rtnl_addr, Free>;
using Neighbour = std::unique_ptr<rtnl_neigh, Free>;

Error failed(const std::string &what, int error) {
    return {Exit::runtime, what, nl_geterror(error),
            "run again with -v to see the steps before it"};
}

template <typename T> NlAddress nl_address(int family, const T &value) {
    return NlAddress(nl_addr_build(family, value.octets.data(), value.octets.size()));
}

void set_end(rtnl_link *end, const std::string &name, const Mac &mac) {
    rtnl_link_set_name(end, name.c_str());
    rtnl_link_set_addr(end, nl_address(AF_LLC, mac).get());
    rtnl_link_set_mtu(end, server_link_mtu);
}

// Best effort: /proc/sys is read-only in many containers. status says what is not as it should be.
void set_switch(const std::string &device, const char *name) {
    std::ofstream(fmt::format("/proc/sys/net/ipv6/conf/{}/{}", device, name)) << "1" << std::flush;
}

// Without IPv6 there is no link-local address and no route to it. With forwarding on,
// bpf_fib_lookup answers for what comes in.
void set_switches(const ServerLink &link) {
    set_switch(link.ours, "disable_ipv6");
    set_switch(link.servers, "disable_ipv6");
    set_switch(link.ours, "forwarding");
}

Status set_mtu_and_up(nl_sock *socket, const Device &device) {
    if (device.up && device.mtu == server_link_mtu)
        return {};
    const Link which(rtnl_link_alloc());
    const Link change(rtnl_link_alloc());
    int error = -NLE_NOMEM;
    if (which && change) {
        rtnl_link_set_ifindex(which.get(), static_cast<int>(device.ifindex));
        rtnl_link_set_mtu(change.get(), server_link_mtu);
        rtnl_link_set_flags(change.get(), IFF_UP);
        error = rtnl_link_change(socket, which.get(), change.get(), 0);
    }
    if (error < 0)
        return failed(device.name, error);
    return {};
}

Address address_of(const Device &device, const Ip4 &local) {
    Address address(rtnl_addr_alloc());
    if (!address)
        return address;
    const NlAddress own = nl_address(AF_INET, local);
    rtnl_addr_set_ifindex(address.get(), static_cast<int>(device.ifindex));
    rtnl_addr_set_local(address.get(), own.get());
    rtnl_addr_set_prefixlen(address.get(), 32);
    return address;
}

// Not point to point, with giaddr as the peer: Kea takes the peer's address for its own.
Status add_address(nl_sock *socket, const Device &device, const ServerLink &link) {
    const Address address = address_of(device, link.server);
    const int error = address ? rtnl_addr_add(socket, address.get(), 0) : -NLE_NOMEM;
    if (error < 0 && error != -NLE_EXIST)
        return failed(fmt::format("{}/32 on {}", to_string(link.server), device.name), error);
    return {};
}

NlRoute route_of(const Device &device, const Ip4 &giaddr) {
    NlRoute route(rtnl_route_alloc());
    rtnl_nexthop *hop = route ? rtnl_route_nh_alloc() : nullptr;
    if (!hop)
        return nullptr;
    rtnl_route_nh_set_ifindex(hop, static_cast<int>(device.ifindex));
    rtnl_route_add_nexthop(route.get(), hop); // it belongs to the route now
    rtnl_route_set_dst(route.get(), nl_address(AF_INET, giaddr).get());
    rtnl_route_set_scope(route.get(), RT_SCOPE_LINK);
    rtnl_route_set_protocol(route.get(), RTPROT_STATIC);
    return route;
}

// After the device is up, which a route needs.
Status add_route(nl_sock *socket, const Device &servers, const ServerLink &link) {
    const NlRoute route = route_of(servers, link.giaddr);
    int error = -NLE_NOMEM;
    if (route) {
        rtnl_route_set_pref_src(route.get(), nl_address(AF_INET, link.server).get());
        error = rtnl_route_add(socket, route.get(), NLM_F_CREATE | NLM_F_REPLACE);
    }
    if (error < 0)
        return failed(fmt::format("route to {} by {}", to_string(link.giaddr), servers.name),
                      error);
    return {};
}

Neighbour neighbour_of(const Device &device, const Ip4 &address) {
    Neighbour neighbour(rtnl_neigh_alloc());
    if (!neighbour)
        return neighbour;
    const NlAddress destination = nl_address(AF_INET, address);
    rtnl_neigh_set_ifindex(neighbour.get(), static_cast<int>(device.ifindex));
    rtnl_neigh_set_dst(neighbour.get(), destination.get());
    return neighbour;
}

// After the device is up: going down, it loses even its permanent neighbours.
Status add_neighbour(nl_sock *socket, const Device &servers, const Device &ours,
                     const ServerLink &link) {
    const Neighbour neighbour = neighbour_of(servers, link.giaddr);
    int error = -NLE_NOMEM;
    if (neighbour) {
        const NlAddress mac = nl_address(AF_LLC, ours.mac);
        rtnl_neigh_set_lladdr(neighbour.get(), mac.get());
        rtnl_neigh_set_state(neighbour.get(), NUD_PERMANENT);
        error = rtnl_neigh_add(socket, neighbour.get(), NLM_F_CREATE | NLM_F_REPLACE);
    }
    if (error < 0)
        return failed(fmt::format("neighbour {} on {}", to_string(link.giaddr), servers.name),
                      error);
    return {};
}

struct Ends {
    Device ours;
    Device servers;
};

Result<Ends> read_ends(const ServerLink &link) {
    const auto network = read_network();
    if (!network)
        return network.error();
    const Device *ours = network->find(link.ours);
    const Device *servers = network->find(link.servers);
    if (!ours || !servers)
        return Error{Exit::runtime, ours ? link.servers : link.ours, "it is gone",
                     "something else deletes devices here"};
    return Ends{*ours, *servers};
}

} // namespace

Status make_server_link(const ServerLink &link) {
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return socket.error();
    rtnl_link *pair = rtnl_link_veth_alloc();
    if (!pair)
        return failed(link.ours, -NLE_NOMEM);
    set_end(pair, link.ours, link.our_mac);
    rtnl_link *peer = rtnl_link_veth_get_peer(pair);
    set_end(peer, link.servers, link.server_mac);
    rtnl_link_put(peer);
    const int error = rtnl_link_add(socket->get(), pair, NLM_F_CREATE | NLM_F_EXCL);
    rtnl_link_veth_release(pair);
    if (error < 0)
        return failed(fmt::format("veth pair {}, {}", link.ours, link.servers), error);
    return {};
}

Status prepare_server_link(const ServerLink &link) {
    set_switches(link);
    const auto ends = read_ends(link);
    if (!ends)
        return ends.error();
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return socket.error();
    if (auto status = add_address(socket->get(), ends->servers, link); !status)
        return status;
    for (const Device &end : {ends->ours, ends->servers}) {
        if (auto status = set_mtu_and_up(socket->get(), end); !status)
            return status;
    }
    // Before the route: tidy_server_link() goes by the neighbours.
    if (auto status = add_neighbour(socket->get(), ends->servers, ends->ours, link); !status)
        return status;
    return add_route(socket->get(), ends->servers, link);
}

Status tidy_server_link(const ServerLink &link) {
    const auto ends = read_ends(link);
    if (!ends)
        return ends.error();
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return socket.error();
    for (const PermanentNeighbour &known : permanent_neighbours(ends->servers.ifindex)) {
        if (known.address == link.giaddr)
            continue;
        const NlRoute route = route_of(ends->servers, known.address);
        const Neighbour neighbour = neighbour_of(ends->servers, known.address);
        if (route)
            rtnl_route_delete(socket->get(), route.get(), 0);
        if (neighbour)
            rtnl_neigh_delete(socket->get(), neighbour.get(), 0);
    }
    for (const Address4 &own : ends->servers.addresses4) {
        if (own.address == link.server || own.prefix_length != 32)
            continue;
        const Address address = address_of(ends->servers, own.address);
        if (address)
            rtnl_addr_delete(socket->get(), address.get(), 0);
    }
    return {};
}

Status remove_server_link(const std::string &ours) {
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return socket.error();
    const Link link(rtnl_link_alloc());
    if (!link)
        return failed(ours, -NLE_NOMEM);
    rtnl_link_set_name(link.get(), ours.c_str());
    const int error = rtnl_link_delete(socket->get(), link.get());
    if (error < 0 && error != -NLE_NODEV && error != -NLE_OBJ_NOTFOUND)
        return failed(ours, error);
    return {};
}

static int take_permanent(nl_msg *message, void *neighbours) {
    parse_permanent_neighbour(message, *static_cast<Neighbours *>(neighbours));
    return NL_OK;
}

// Asked for one device: a router has many, and rtnl_neigh_alloc_cache() reads all.
Neighbours permanent_neighbours(unsigned ifindex) {
    Neighbours found;
    auto socket = open_netlink(NETLINK_ROUTE);
    const NlMessage message(nlmsg_alloc_simple(RTM_GETNEIGH, NLM_F_DUMP));
    if (!socket || !message)
        return found;
    ndmsg query = {};
    query.ndm_family = AF_INET;
    nl_socket_modify_cb(socket->get(), NL_CB_VALID, NL_CB_CUSTOM, take_permanent, &found);
    if (nlmsg_append(message.get(), &query, sizeof(query), NLMSG_ALIGNTO) < 0 ||
        nla_put_u32(message.get(), NDA_IFINDEX, ifindex) < 0 ||
        nl_send_auto(socket->get(), message.get()) < 0 || nl_recvmsgs_default(socket->get()) < 0)
        found.clear();
    return found;
}

} // namespace dhcp46
