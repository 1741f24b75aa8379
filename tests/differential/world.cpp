// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/world.h"

#include <algorithm>

namespace dhcp46::test {

namespace {

constexpr std::uint32_t uplink = 20, v6 = 30, server1 = 31, server2 = 32, both = 14;

constexpr dhcp46_policy plain = {16, 254, DHCP46_GIADDR_REPLACE, 0};

// The link of an instance's n-th side.
std::uint32_t link_id(std::uint32_t instance, std::uint32_t side) {
    return instance * 2 + side;
}

Ip4 ip4(const std::string &text) {
    return parse_ip4(text).value_or(Ip4{});
}

Ip6 ip6(const std::string &text) {
    return parse_ip6(text).value_or(Ip6{});
}

// Enters an own address where it comes in, and as ours at all.
void add_address(Network &network, const Ip6 &address, std::uint32_t ifindex,
                 const dhcp46_address &value) {
    dhcp46_address_key key = {};
    to_array(key.address, address);
    network.tables.addresses[key] = value;
    key.ifindex = ifindex;
    network.tables.addresses[key] = value;
}

void add_upstreams(Network &network, std::uint32_t instance,
                   const std::vector<Upstream> &upstreams) {
    for (const Upstream &upstream : upstreams) {
        const auto four = parse_ip4(upstream.address);
        dhcp46_upstream value = {};
        to_array(value.address, four ? v4_mapped(*four) : ip6(upstream.address));
        value.port = upstream.port;
        value.flags = upstream.only ? DHCP46_UPSTREAM_ONLY : 0;
        network.tables.upstreams[{instance, upstream.slot}] = value;
    }
}

void add_cra_link(Network &network, const Cra &cra) {
    dhcp46_link_key key = {};
    dhcp46_link value = {};
    key.ifindex = cra.client;
    key.side = DHCP46_SIDE_CLIENT;
    value.link_id = link_id(cra.id, 0);
    value.instance = cra.id;
    to_array(value.mac, dhcp46::Mac{mac_of(cra.client)});
    value.mtu = mtu_of(cra.client);
    to_array(value.ipv4, ip4(cra.ipv4));
    to_array(value.ipv4_broadcast, ip4(cra.broadcast));
    to_array(value.source6, ip6(cra.source6));
    value.out_ifindex = cra.uplink;
    value.out_mtu = mtu_of(cra.uplink);
    value.policy = cra.policy;
    network.tables.links[key] = value;
}

void add_cra(Network &network, const Cra &cra) {
    add_cra_link(network, cra);
    add_upstreams(network, cra.id, cra.upstreams);
    if (cra.source6.empty())
        return;
    dhcp46_address value = {};
    value.instance = cra.id;
    value.link_id = link_id(cra.id, 1);
    value.role = DHCP46_ROLE_LCRA;
    value.side = DHCP46_SIDE_IPV6;
    to_array(value.in_mac, dhcp46::Mac{mac_of(cra.uplink)});
    to_array(value.out_mac, dhcp46::Mac{mac_of(cra.client)});
    value.out_ifindex = cra.client;
    value.out_mtu = mtu_of(cra.client);
    to_array(value.source4, ip4(cra.ipv4));
    value.policy = cra.policy;
    add_address(network, ip6(cra.source6), cra.uplink, value);
}

void add_prefixes(Network &network, const Tra &tra) {
    for (const AllowedPrefix &prefix : tra.prefixes) {
        const Prefix6 parsed = parse_prefix6(prefix.text).value_or(Prefix6{});
        dhcp46_prefix_key key = {};
        key.prefixlen = 32 + parsed.length;
        key.instance = tra.id;
        to_array(key.prefix, parsed.address);
        network.tables.prefixes[key] = {prefix.allowed, {}};
    }
}

void add_tra(Network &network, const Tra &tra) {
    dhcp46_address value = {};
    value.instance = tra.id;
    value.role = DHCP46_ROLE_TRA;
    value.policy = tra.policy;

    value.link_id = link_id(tra.id, 0);
    value.side = DHCP46_SIDE_IPV6;
    to_array(value.in_mac, dhcp46::Mac{mac_of(tra.v6)});
    value.out_ifindex = tra.routed_only ? 0 : tra.v4;
    value.out_mtu = tra.routed_only ? 0 : mtu_of(tra.v4);
    if (tra.addresses_known)
        to_array(value.source4, ip4(tra.giaddr));
    add_address(network, ip6(tra.service6), tra.v6, value);

    value.link_id = link_id(tra.id, 1);
    value.side = DHCP46_SIDE_SERVER;
    to_array(value.in_mac, dhcp46::Mac{mac_of(tra.v4)});
    value.out_ifindex = tra.v6;
    value.out_mtu = mtu_of(tra.v6);
    to_array(value.source4, ip4(tra.giaddr));
    if (tra.addresses_known)
        to_array(value.source6, ip6(tra.service6));
    add_address(network, v4_mapped(ip4(tra.giaddr)), tra.v4, value);

    add_upstreams(network, tra.id, tra.upstreams);
    add_prefixes(network, tra);
}

Mac numbered_mac(std::uint8_t kind, std::uint32_t ifindex) {
    return {2, 0, 0, 0, kind, static_cast<std::uint8_t>(ifindex)};
}

} // namespace

const std::vector<Device> &devices() {
    static const std::vector<Device> all = {
        {10, "client1", 1500}, {11, "client2", 1280},   {12, "client3", 1500},
        {13, "client4", 1500}, {both, "both", 1500},    {uplink, "uplink", 1500},
        {v6, "v6", 1500},      {server1, "srv1", 1500}, {server2, "srv2", 1280},
    };
    return all;
}

const std::vector<Cra> &cras() {
    constexpr dhcp46_policy strict = {4, 254, DHCP46_GIADDR_REPLACE, DHCP46_ALWAYS_BROADCAST};
    constexpr dhcp46_policy open = {16, 254, DHCP46_GIADDR_REPLACE, DHCP46_ACCEPT_ANY_SOURCE};
    static const std::vector<Cra> all = {
        {1, 10, uplink, "2001:db8:a::1", "", "", plain, {{0, "2001:db8:ff::67", 67, true}}},
        {2,
         11,
         uplink,
         "2001:db8:a::2",
         "192.0.2.65",
         "192.0.2.127",
         strict,
         {{0, "2001:db8:ff::1", 6767, false},
          {2, "2001:db8:ff::2", 0, false},
          {5, "2001:db8:ff::3", 67, false}}},
        {3, 12, uplink, "", "", "", plain, {{0, "2001:db8:ff::67", 67, true}}},
        {4, 13, uplink, "2001:db8:a::4", "", "", plain, {}},
        {5,
         both,
         both,
         "fd00:a::5",
         "192.0.2.129",
         "192.0.2.255",
         open,
         {{3, "2001:db8:fe::67", 0, false}}},
    };
    return all;
}

const std::vector<Tra> &tras() {
    constexpr dhcp46_policy other_code = {1, 46, DHCP46_GIADDR_DROP, 0};
    constexpr dhcp46_policy open = {16, 1, DHCP46_GIADDR_REPLACE, DHCP46_ACCEPT_ANY_SOURCE};
    const std::vector<AllowedPrefix> anyone = {{"::/0", true}};
    static const std::vector<Tra> all = {
        {6,
         v6,
         server1,
         false,
         "2001:db8:67::ff",
         "198.51.100.1",
         true,
         plain,
         {{0, "198.51.100.2", 67, true}},
         anyone},
        {7,
         v6,
         server2,
         false,
         "2001:db8:ee::7",
         "203.0.113.1",
         true,
         other_code,
         {{0, "203.0.113.2", 6700, false}, {7, "203.0.113.3", 67, false}},
         {{"2001:db8:a::/48", true}, {"2001:db8:a:bad::/64", false}, {"fd00::/8", true}}},
        {8,
         v6,
         server1,
         false,
         "2001:db8:ee::8",
         "198.51.100.8",
         false,
         plain,
         {{0, "198.51.100.2", 67, true}},
         anyone},
        {9, v6, server1, false, "2001:db8:ee::9", "198.51.100.9", true, open, {}, anyone},
        {10,
         v6,
         server1,
         true,
         "2001:db8:ee::10",
         "198.51.100.10",
         true,
         plain,
         {{0, "192.0.2.200", 67, true}},
         anyone},
    };
    return all;
}

std::uint32_t mtu_of(std::uint32_t ifindex) {
    const auto it = std::find_if(devices().begin(), devices().end(),
                                 [&](const Device &d) { return d.ifindex == ifindex; });
    return it == devices().end() ? 0 : it->mtu;
}

Mac mac_of(std::uint32_t ifindex) {
    return numbered_mac(1, ifindex);
}

Mac next_hop_of(std::uint32_t ifindex) {
    return numbered_mac(2, ifindex);
}

Network make_network() {
    Network network;

    for (const Device &device : devices())
        network.ways[device.ifindex] = {mac_of(device.ifindex), next_hop_of(device.ifindex),
                                        device.mtu};
    for (const Cra &cra : cras())
        add_cra(network, cra);
    for (const Tra &tra : tras())
        add_tra(network, tra);
    return network;
}

} // namespace dhcp46::test
