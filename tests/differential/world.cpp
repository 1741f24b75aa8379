// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/world.h"

#include <algorithm>

namespace dhcp46::test {

namespace {

constexpr std::uint32_t both = 14, client5 = 15, uplink = 20, v6 = 30, server1 = 31, server2 = 32,
                        self1 = 40, self2 = 41, ours = 51, tun6 = 60, tun4 = 61, tun_uplink = 62;

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

void add_route(Network &network, const Upstream &upstream) {
    const auto four = parse_ip4(upstream.address);
    const Ip6 address = four ? v4_mapped(*four) : ip6(upstream.address);
    if (!upstream.reachable)
        network.routes[address] = {};
    else if (upstream.by)
        network.routes[address] = {upstream.by, next_hop_of(upstream.by), mtu_of(upstream.by)};
}

void add_upstreams(Network &network, std::uint32_t instance,
                   const std::vector<Upstream> &upstreams) {
    for (const Upstream &upstream : upstreams) {
        add_route(network, upstream);
        const auto four = parse_ip4(upstream.address);
        dhcp46_upstream value = {};
        to_array(value.address, four ? v4_mapped(*four) : ip6(upstream.address));
        value.port = upstream.port;
        value.flags = upstream.last ? DHCP46_UPSTREAM_LAST : 0;
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
    to_array(value.ipv4_broadcast, ip4(cra.broadcast));
    if (cra.role == DHCP46_ROLE_HCRA)
        value.flags = DHCP46_LINK_HOST;
    else
        to_array(value.ipv4, ip4(cra.ipv4));
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
    value.role = cra.role;
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
        dhcp46_prefix value = {prefix.allowed, {}};
        to_array(value.link_selection, ip4(prefix.link_selection));
        network.tables.prefixes[key] = value;
    }
}

void add_tra(Network &network, const Tra &tra) {
    dhcp46_address value = {};
    value.instance = tra.id;
    value.role = tra.role;
    value.policy = tra.policy;

    value.link_id = link_id(tra.id, 0);
    value.side = DHCP46_SIDE_IPV6;
    to_array(value.in_mac, dhcp46::Mac{mac_of(tra.v6)});
    value.out_ifindex = tra.routed_only ? 0 : tra.v4;
    value.out_mtu = tra.routed_only ? 0 : mtu_of(tra.v4);
    if (tra.addresses_known)
        to_array(value.source4, ip4(tra.giaddr));
    if (tra.role == DHCP46_ROLE_TSV) {
        to_array(value.out_mac, dhcp46::Mac{mac_of(tra.v4)});
        to_array(value.next_mac, dhcp46::Mac{next_hop_of(tra.v4)});
    }
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
        {10, "client1", 1500},          {11, "client2", 1280},   {12, "client3", 1500},
        {13, "client4", 1500},          {both, "both", 1500},    {client5, "client5", 1500},
        {uplink, "uplink", 1500},       {v6, "v6", 1500},        {server1, "srv1", 1500},
        {server2, "srv2", 1280},        {self1, "self1", 1500},  {self2, "self2", 1400},
        {ours, "ours", 1500},           {tun6, "tun6", 1500, 0}, {tun4, "tun4", 1500, 0},
        {tun_uplink, "tunup", 1500, 0},
    };
    return all;
}

const std::vector<Cra> &cras() {
    constexpr auto lcra = DHCP46_ROLE_LCRA, hcra = DHCP46_ROLE_HCRA;
    constexpr dhcp46_policy strict = {4, 254, DHCP46_GIADDR_REPLACE, DHCP46_ALWAYS_BROADCAST};
    constexpr dhcp46_policy open = {16, 254, DHCP46_GIADDR_REPLACE, DHCP46_ACCEPT_ANY_SOURCE};
    const Upstream one = {0, "2001:db8:ff::67", 67, true};
    static const std::vector<Cra> all = {
        {1, lcra, 10, uplink, "2001:db8:a::1", "", "", plain, {one}},
        {2,
         lcra,
         11,
         uplink,
         "2001:db8:a::2",
         "192.0.2.65",
         "192.0.2.127",
         strict,
         {{0, "2001:db8:ff::1", 6767, false},
          {2, "2001:db8:ff::2", 0, false},
          {4, "2001:db8:ff::4", 67, false, 0, false},
          {5, "2001:db8:ff::3", 67, true}}},
        {3, lcra, 12, uplink, "", "", "", plain, {one}},
        {4, lcra, 13, uplink, "2001:db8:a::4", "", "", plain, {}},
        {5,
         lcra,
         both,
         both,
         "fd00:a::5",
         "192.0.2.129",
         "192.0.2.255",
         open,
         {{3, "2001:db8:fe::67", 0, true}}},
        {11,
         hcra,
         self1,
         self1,
         "2001:db8:a::11",
         "",
         "",
         plain,
         {{0, "2001:db8:fd::1", 67, true}}},
        {12,
         hcra,
         self2,
         self2,
         "2001:db8:a::12",
         "192.0.2.1",
         "",
         strict,
         {{1, "2001:db8:fd::2", 67, false},
          {2, "2001:db8:fd::3", 6768, true},
          {7, "2001:db8:fd::4", 0, false}}},
        {14,
         lcra,
         client5,
         tun_uplink,
         "2001:db8:a::14",
         "",
         "",
         plain,
         {{0, "2001:db8:86dd::67", 67, true}}},
    };
    return all;
}

const std::vector<Tra> &tras() {
    constexpr auto tra = DHCP46_ROLE_TRA, tsv = DHCP46_ROLE_TSV;
    constexpr dhcp46_policy other_code = {1, 46, DHCP46_GIADDR_DROP, 0};
    constexpr dhcp46_policy open = {16, 1, DHCP46_GIADDR_REPLACE, DHCP46_ACCEPT_ANY_SOURCE};
    const std::vector<AllowedPrefix> anyone = {{"::/0", true}};
    const Upstream one = {0, "198.51.100.2", 67, true};
    static const std::vector<Tra> all = {
        {6, tra, v6, server1, false, "2001:db8:67::ff", "198.51.100.1", true, plain, {one}, anyone},
        {7,
         tra,
         v6,
         server2,
         true,
         "2001:db8:ee::7",
         "203.0.113.1",
         true,
         other_code,
         {{0, "203.0.113.2", 6700, false, server2},
          {3, "203.0.113.4", 67, false, 0, false},
          {7, "203.0.113.3", 67, false, server1}},
         {{"2001:db8:a::/48", true},
          {"2001:db8:a:bad::/64", false},
          {"fd00::/8", true, "192.0.2.77"}}},
        {8, tra, v6, server1, false, "2001:db8:ee::8", "198.51.100.8", false, plain, {one}, anyone},
        {9, tra, v6, server1, false, "2001:db8:ee::9", "198.51.100.9", true, open, {}, anyone},
        {10,
         tra,
         v6,
         server1,
         true,
         "2001:db8:ee::10",
         "198.51.100.10",
         true,
         plain,
         {{0, "192.0.2.200", 67, true}},
         anyone},
        {15,
         tsv,
         v6,
         ours,
         false,
         "2001:db8:ee::15",
         "198.51.100.15",
         true,
         plain,
         {{0, "198.51.100.16", 67, true}},
         {{"::/0", true}, {"2001:db8:a:1::/64", true, "192.0.2.65"}}},
        {16,
         tra,
         v6,
         server1,
         false,
         "2001:db8:ee::16",
         "198.51.100.17",
         true,
         open,
         {one},
         {{"::/0", true, "255.255.255.255"}, {"fd00::/8", true, "0.0.0.1"}}},
        {17,
         tra,
         tun6,
         tun4,
         false,
         "2001:db8:ee::17",
         "198.51.100.18",
         true,
         plain,
         {{0, "8.0.0.2", 67, true}},
         {{"::/0", true}, {"2001:db8:86dd:2::/64", true, "192.0.2.88"}}},
    };
    return all;
}

std::uint32_t mtu_of(std::uint32_t ifindex) {
    const auto it = std::find_if(devices().begin(), devices().end(),
                                 [&](const Device &d) { return d.ifindex == ifindex; });
    return it == devices().end() ? 0 : it->mtu;
}

std::uint32_t l2_length_of(std::uint32_t ifindex) {
    const auto it = std::find_if(devices().begin(), devices().end(),
                                 [&](const Device &d) { return d.ifindex == ifindex; });
    return it == devices().end() ? 14 : it->l2_length;
}

std::uint32_t tsv_link() {
    return ours;
}

bool is_known_ether_type(const Frame &frame) {
    static const int known[] = {0x0800, 0x86dd, 0x8100, 0x88a8};
    return std::find(std::begin(known), std::end(known), frame[12] << 8 | frame[13]) !=
           std::end(known);
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
                                        device.mtu, device.l2_length};
    for (const Cra &cra : cras())
        add_cra(network, cra);
    for (const Tra &tra : tras())
        add_tra(network, tra);
    return network;
}

} // namespace dhcp46::test
