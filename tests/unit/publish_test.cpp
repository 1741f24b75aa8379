// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/upstreams.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static Published published(const Tables &tables, const Spec &spec, const Network &network,
                           const HookMap &hooks) {
    auto result = with_instance(tables, resolved(spec, network), hooks, network);
    EXPECT_TRUE(result);
    return result ? *result : Published{};
}

static Published published(const Spec &spec) {
    return published({}, spec, network(), tc_everywhere(network()));
}

TEST(PublishLcra, ClientLinkLeadsToTheUplink) {
    const Published result = published(lcra());
    const auto &link = result.tables.links.at({11, 0, 0, DHCP46_SIDE_CLIENT, 0});
    EXPECT_EQ(link.instance, result.instance);
    EXPECT_NE(link.link_id, 0u);
    EXPECT_EQ(from_array<Ip6>(link.source6), ip6("2001:db8:a::1"));
    EXPECT_EQ(from_array<Ip4>(link.ipv4), ip4("192.0.2.1"));
    EXPECT_EQ(from_array<Ip4>(link.ipv4_broadcast), ip4("192.0.2.255"));
    EXPECT_EQ(link.out_ifindex, 10u);
    EXPECT_EQ(link.out_mtu, 1500u);
    EXPECT_EQ(link.mac[5], 11);
    EXPECT_EQ(link.flags, DHCP46_LINK_TCX);
    EXPECT_EQ(link.policy.hops_limit, 16);
    EXPECT_EQ(result.fresh_link_ids.size(), 2u);
}

TEST(PublishLcra, ReplyAddressLeadsToTheClient) {
    const Published result = published(lcra());
    const auto &entry = result.tables.addresses.at(address_key(ip6("2001:db8:a::1"), 10));
    const auto &uplink = result.tables.links.at(
        {10, 0, 0, DHCP46_SIDE_IPV6, static_cast<std::uint16_t>(result.instance)});
    EXPECT_EQ(entry.role, DHCP46_ROLE_LCRA);
    EXPECT_EQ(entry.side, DHCP46_SIDE_IPV6);
    EXPECT_EQ(entry.link_id, uplink.link_id);
    EXPECT_EQ(entry.in_mac[5], 10);
    EXPECT_EQ(entry.out_mac[5], 11);
    EXPECT_EQ(entry.out_ifindex, 11u);
    EXPECT_EQ(from_array<Ip4>(entry.source4), ip4("192.0.2.1"));
}

TEST(PublishLcra, ClientSourceStandsInForAMissingAddress) {
    Network host = network();
    host.devices[1].addresses4.clear();
    Spec spec = lcra();
    spec.client_source = ip4("192.0.2.77");
    const Published result = published({}, spec, host, tc_everywhere(host));
    const auto &entry = result.tables.addresses.at(address_key(ip6("2001:db8:a::1"), 10));
    EXPECT_EQ(from_array<Ip4>(entry.source4), ip4("192.0.2.77"));
}

TEST(PublishLcra, WithoutAddressNoReplyIsExpected) {
    Network host = network();
    host.devices[0].addresses6.clear();
    const Published result = published({}, lcra(), host, tc_everywhere(host));
    for (const auto &[key, entry] : result.tables.addresses)
        EXPECT_EQ(key.ifindex, 0u);
    EXPECT_EQ(result.tables.links.size(), 2u);
}

TEST(PublishLcra, DevicesKeepTheOrderInWhichTheyWereGiven) {
    Spec spec = lcra();
    spec.client_devices = {"eth3", "eth1"};
    spec.ipv6_devices = {"eth2", "eth0"};
    Network host = network();
    host.devices[1].forwarding6 = host.devices[3].forwarding6 = true;
    const Published result = published({}, spec, host, tc_everywhere(host));
    const auto position = [&](unsigned ifindex, dhcp46_side side) {
        const bool client = side == DHCP46_SIDE_CLIENT;
        const auto instance = static_cast<std::uint16_t>(client ? 0 : result.instance);
        return result.tables.links.at({ifindex, 0, 0, static_cast<std::uint16_t>(side), instance})
            .position;
    };
    EXPECT_EQ(position(13, DHCP46_SIDE_CLIENT), 0u);
    EXPECT_EQ(position(11, DHCP46_SIDE_CLIENT), 1u);
    EXPECT_EQ(position(12, DHCP46_SIDE_IPV6), 0u);
    EXPECT_EQ(position(10, DHCP46_SIDE_IPV6), 1u);
}

TEST(PublishLcra, SeveralUplinksLeaveTheWayOpen) {
    Spec spec = lcra();
    spec.ipv6_devices = {"eth0", "eth2"};
    Network host = network();
    host.devices[1].forwarding6 = true;
    const Published result = published({}, spec, host, tc_everywhere(host));
    const auto &link = result.tables.links.at({11, 0, 0, DHCP46_SIDE_CLIENT, 0});
    EXPECT_EQ(link.out_ifindex, 0u);
    EXPECT_EQ(link.out_mtu, 0u);
    EXPECT_TRUE(result.tables.addresses.count(address_key(ip6("2001:db8:a::1"), 10)));
    EXPECT_TRUE(result.tables.addresses.count(address_key(ip6("2001:db8:a::1"), 12)));
}

TEST(PublishHcra, OneDeviceIsBothSides) {
    Network host = network();
    host.devices[0].addresses4 = {{ip4("192.0.2.50"), 24}};
    const Published result = published({}, hcra(), host, tc_everywhere(host));
    const auto &clients = result.tables.links.at({10, 0, 0, DHCP46_SIDE_CLIENT, 0});
    EXPECT_EQ(clients.flags, DHCP46_LINK_TCX | DHCP46_LINK_HOST);
    EXPECT_EQ(from_array<Ip6>(clients.source6), ip6("2001:db8:a::1"));
    EXPECT_EQ(clients.out_ifindex, 10u);
    EXPECT_EQ(clients.out_mtu, 1500u);
    const auto &uplink = result.tables.links.at(
        {10, 0, 0, DHCP46_SIDE_IPV6, static_cast<std::uint16_t>(result.instance)});
    EXPECT_EQ(uplink.flags, DHCP46_LINK_TCX);
    const auto &entry = result.tables.addresses.at(address_key(ip6("2001:db8:a::1"), 10));
    EXPECT_EQ(entry.role, DHCP46_ROLE_HCRA);
    EXPECT_EQ(entry.side, DHCP46_SIDE_IPV6);
    EXPECT_EQ(entry.link_id, uplink.link_id);
    EXPECT_EQ(entry.in_mac[5], 10);
    EXPECT_EQ(entry.out_mac[5], 10);
    EXPECT_EQ(entry.out_ifindex, 10u);
    EXPECT_EQ(entry.out_mtu, 1500u);
}

// A packet from an own address is a martian, and the address comes with the lease anyway.
TEST(PublishHcra, TheDevicesOwnIpv4IsNotUsed) {
    Network host = network();
    host.devices[0].addresses4 = {{ip4("192.0.2.50"), 24}};
    Spec spec = hcra();
    for (const Ip4 &source : {Ip4{}, ip4("192.0.2.1")}) {
        if (source.is_set())
            spec.client_source = source;
        const Published result = published({}, spec, host, tc_everywhere(host));
        const auto &entry = result.tables.addresses.at(address_key(ip6("2001:db8:a::1"), 10));
        EXPECT_EQ(from_array<Ip4>(entry.source4), source);
        for (const auto &[key, link] : result.tables.links)
            EXPECT_FALSE(from_array<Ip4>(link.ipv4).is_set());
    }
}

TEST(PublishHcra, NothingIsRedirectedByXdp) {
    const Published result = published({}, hcra(), network(), xdp_everywhere(network()));
    EXPECT_TRUE(result.tables.tx_devices.empty());
}

TEST(Publish, TheOnlyUpstreamSaysSo) {
    const Published result = published(lcra());
    ASSERT_EQ(result.tables.upstreams.size(), 1u);
    const auto &upstream = result.tables.upstreams.at({result.instance, 0});
    EXPECT_EQ(from_array<Ip6>(upstream.address), ip6("2001:db8:ff::1"));
    EXPECT_EQ(upstream.port, 67);
    EXPECT_EQ(upstream.flags, DHCP46_UPSTREAM_LAST);
    EXPECT_EQ(upstream.origin, DHCP46_ORIGIN_CLI);
}

// What the command line attached is the file's from then on; what a hook has learned is the hook's.
TEST(Publish, AFileTakesOverWhatTheCommandLineAttached) {
    Tables tables = attached({}, lcra(), network());
    EXPECT_EQ(learn_upstreams(tables, 1, {ip6("2001:db8:ff::3")}), UpstreamChange::done);
    Spec spec = lcra();
    spec.origin = DHCP46_ORIGIN_FILE;
    spec.upstreams = {ip6("2001:db8:ff::2")};
    const auto addresses = [](const Tables &of) {
        std::set<std::string> list;
        for (const auto &[slot, upstream] : upstreams_of(of, 1))
            list.insert(to_string(from_array<Ip6>(upstream.address)));
        return list;
    };
    tables = attached(tables, spec, network());
    EXPECT_EQ(addresses(tables), (std::set<std::string>{"2001:db8:ff::2", "2001:db8:ff::3"}));
    // What the command line adds to a file's instance stays.
    EXPECT_EQ(add_upstream(tables, 1, ip6("2001:db8:ff::4")), UpstreamChange::done);
    EXPECT_EQ(addresses(attached(tables, spec, network())).size(), 3u);
}

TEST(Publish, SeveralUpstreams) {
    Spec spec = tra();
    spec.upstreams = {v4_mapped(ip4("198.51.100.9")), v4_mapped(ip4("198.51.100.10"))};
    const Published result = published(spec);
    ASSERT_EQ(result.tables.upstreams.size(), 2u);
    for (const auto &[key, upstream] : result.tables.upstreams) {
        EXPECT_EQ(from_array<Ip6>(upstream.address), spec.upstreams[key.slot]);
        EXPECT_EQ(upstream.flags, key.slot == 1 ? DHCP46_UPSTREAM_LAST : 0);
    }
}

TEST(PublishTra, BothSidesKnowBothAddresses) {
    const Published result = published(tra());
    const auto &in = result.tables.addresses.at(address_key(ip6("2001:db8:a::1"), 10));
    EXPECT_EQ(in.side, DHCP46_SIDE_IPV6);
    EXPECT_EQ(in.out_ifindex, 13u);
    EXPECT_EQ(from_array<Ip4>(in.source4), ip4("198.51.100.1"));
    const auto &back = result.tables.addresses.at(address_key(v4_mapped(ip4("198.51.100.1")), 13));
    EXPECT_EQ(back.side, DHCP46_SIDE_SERVER);
    EXPECT_EQ(back.out_ifindex, 10u);
    EXPECT_EQ(from_array<Ip6>(back.source6), ip6("2001:db8:a::1"));
    EXPECT_EQ(from_array<Ip4>(back.source4), ip4("198.51.100.1"));
}

TEST(PublishTsv, TheServersLinkIsKnownByItsMacAddresses) {
    const Network host = tsv_host();
    const Published result = published({}, tsv(), host, tc_everywhere(host));
    const Mac ours = host.find("local-rly")->mac;
    const Mac servers = host.find("local-srv")->mac;
    const auto &in = result.tables.addresses.at(address_key(ip6("2001:db8:a::1"), 10));
    EXPECT_EQ(in.role, DHCP46_ROLE_TSV);
    EXPECT_EQ(in.side, DHCP46_SIDE_IPV6);
    EXPECT_EQ(in.out_ifindex, 20u);
    EXPECT_EQ(in.out_mtu, server_link_mtu);
    EXPECT_EQ(from_array<Mac>(in.out_mac), ours);
    EXPECT_EQ(from_array<Mac>(in.next_mac), servers);
    EXPECT_EQ(from_array<Ip4>(in.source4), ip4("203.0.113.1"));
    const auto &back = result.tables.addresses.at(address_key(v4_mapped(ip4("203.0.113.1")), 20));
    EXPECT_EQ(back.role, DHCP46_ROLE_TSV);
    EXPECT_EQ(back.side, DHCP46_SIDE_SERVER);
    EXPECT_EQ(from_array<Mac>(back.in_mac), ours);
    EXPECT_EQ(back.out_ifindex, 10u);
    EXPECT_EQ(from_array<Ip6>(back.source6), ip6("2001:db8:a::1"));
    EXPECT_EQ(from_array<Ip4>(back.source4), ip4("203.0.113.1"));
    const auto &upstream = result.tables.upstreams.at({result.instance, 0});
    EXPECT_EQ(from_array<Ip6>(upstream.address), v4_mapped(ip4("198.51.100.1")));
    EXPECT_EQ(upstream.flags, DHCP46_UPSTREAM_LAST);
    EXPECT_EQ(result.tables.cra_prefixes.size(), 1u);
    EXPECT_TRUE(result.tables.addresses.count(address_key(v4_mapped(ip4("203.0.113.1")), 0)));
}

TEST(PublishTsv, OurEndTakesRedirectsWithAProgramOnTheOther) {
    Network host = tsv_host();
    EXPECT_FALSE(published({}, tsv(), host, xdp_everywhere(host)).tables.tx_devices.count(20));
    for (Device &end : host.devices)
        end.xdp = XdpFeatures{true, true, true};
    EXPECT_TRUE(published({}, tsv(), host, xdp_everywhere(host)).tables.tx_devices.count(20));
}

TEST(PublishTra, OwnAddressesAreMarked) {
    const Published result = published(tra());
    for (const Ip6 &own :
         {ip6("2001:db8:a::1"), v4_mapped(ip4("198.51.100.1")), v4_mapped(ip4("198.51.100.2"))})
        EXPECT_TRUE(result.tables.addresses.count(address_key(own, 0))) << to_string(own);
    EXPECT_FALSE(result.tables.addresses.count(address_key(v4_mapped(ip4("192.0.2.1")), 0)));
}

TEST(PublishTra, Prefixes) {
    const Published all = published(tra());
    ASSERT_EQ(all.tables.cra_prefixes.size(), 1u);
    EXPECT_EQ(all.tables.cra_prefixes.begin()->first.prefixlen, 32u);
    Spec spec = tra();
    spec.cra_prefixes = {parse_prefix6("2001:db8::/32").value()};
    const Published some = published(spec);
    ASSERT_EQ(some.tables.cra_prefixes.size(), 1u);
    EXPECT_EQ(some.tables.cra_prefixes.begin()->first.prefixlen, 64u);
    EXPECT_EQ(some.tables.cra_prefixes.begin()->second.allowed, 1u);
}

static Ip4 selection(const Published &published, const char *text) {
    const Prefix6 prefix = parse_prefix6(text).value();
    dhcp46_prefix_key key = {32 + prefix.length, published.instance, {}};
    to_array(key.prefix, prefix.address);
    const auto found = published.tables.cra_prefixes.find(key);
    EXPECT_NE(found, published.tables.cra_prefixes.end()) << text;
    if (found == published.tables.cra_prefixes.end())
        return {};
    EXPECT_EQ(found->second.allowed, 1u) << text;
    return from_array<Ip4>(found->second.link_selection);
}

TEST(PublishTra, LinkSelection) {
    Spec spec = tra();
    spec.link_selections = {{parse_prefix6("2001:db8:1::/48").value(), ip4("192.0.2.1")}};
    const Published all = published(spec);
    EXPECT_EQ(all.tables.cra_prefixes.size(), 2u);
    EXPECT_FALSE(selection(all, "::/0").is_set());
    EXPECT_EQ(selection(all, "2001:db8:1::/48"), ip4("192.0.2.1"));

    spec.cra_prefixes = {parse_prefix6("2001:db8:2::/48").value()};
    const Published some = published(spec);
    EXPECT_EQ(some.tables.cra_prefixes.size(), 2u);
    EXPECT_FALSE(selection(some, "2001:db8:2::/48").is_set());
    EXPECT_EQ(selection(some, "2001:db8:1::/48"), ip4("192.0.2.1"));
}

// The longest prefix is all that the programs see.
TEST(PublishTra, APrefixInsideAnotherHasItsLinkSelection) {
    Spec spec = tra();
    spec.cra_prefixes = {parse_prefix6("2001:db8:1:7::/64").value(),
                         parse_prefix6("2001:db8:1:8::/64").value(),
                         parse_prefix6("2001:db8::/32").value()};
    spec.link_selections = {{parse_prefix6("2001:db8:1::/48").value(), ip4("192.0.2.1")},
                            {parse_prefix6("2001:db8:1:8::/61").value(), ip4("192.0.2.65")},
                            {parse_prefix6("2001:db8:1:7::/64").value(), ip4("192.0.2.129")}};
    const Published result = published(spec);
    EXPECT_EQ(selection(result, "2001:db8:1:7::/64"), ip4("192.0.2.129"));
    EXPECT_EQ(selection(result, "2001:db8:1:8::/64"), ip4("192.0.2.65"));
    EXPECT_EQ(selection(result, "2001:db8:1::/48"), ip4("192.0.2.1"));
    EXPECT_FALSE(selection(result, "2001:db8::/32").is_set());
}

TEST(Publish, AgainChangesNothing) {
    const Tables tables = published(lcra()).tables;
    const Published again = published(tables, lcra(), network(), tc_everywhere(network()));
    EXPECT_TRUE(again.fresh_link_ids.empty());
    EXPECT_TRUE(difference(tables, again.tables).empty());
}

TEST(Publish, DetachLeavesNothing) {
    const Tables tables = published(tra()).tables;
    const Tables after = without_instance(tables, tables.instances.begin()->first, {}, network());
    EXPECT_TRUE(after.instances.empty() && after.links.empty() && after.addresses.empty());
    EXPECT_TRUE(after.upstreams.empty() && after.cra_prefixes.empty());
    EXPECT_TRUE(after.tx_devices.empty());
}

TEST(Publish, DetachLeavesTheOther) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    Tables tables = attached({}, lcra(), host);
    const Tables before = tables;
    tables = attached(tables, tra(), host);
    EXPECT_EQ(tables.instances.size(), 2u);
    const auto id = find_instance(tables, "core");
    ASSERT_TRUE(id);
    const Tables after = without_instance(tables, *id, {}, host);
    EXPECT_TRUE(difference(before, after).empty());
}

TEST(Publish, LinkIdsAreNotShared) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    const Tables tables = attached(attached({}, lcra(), host), tra(), host);
    std::set<std::uint32_t> ids;
    for (const auto &[key, link] : tables.links)
        EXPECT_TRUE(ids.insert(link.link_id).second);
    EXPECT_EQ(ids.size(), 4u);
}

TEST(Publish, LinkIdsEndWhereTheMapsEnd) {
    Tables current;
    current.max_links = 3;
    const Tables full = attached(current, lcra(), network());
    EXPECT_EQ(full.max_links, 3u);
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    const auto refused = with_instance(full, resolved(tra(), host), {}, host);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().exit, Exit::runtime);
    EXPECT_NE(refused.error().hint.find("--max-links"), std::string::npos);
}

TEST(Publish, OnlyXdpNeedsTxDevices) {
    EXPECT_TRUE(published(lcra()).tables.tx_devices.empty());
    const Published xdp = published({}, lcra(), network(), xdp_everywhere(network()));
    EXPECT_EQ(xdp.tables.tx_devices, (std::map<std::uint32_t, std::uint32_t>{{10, 10}, {11, 11}}));
    Network host = network();
    host.devices[0].xdp->ndo_xmit = false;
    const Published some = published({}, lcra(), host, xdp_everywhere(host));
    EXPECT_EQ(some.tables.tx_devices, (std::map<std::uint32_t, std::uint32_t>{{11, 11}}));
}

TEST(Publish, HooksOfASharedDeviceShowInBoth) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    const Tables one = attached({}, lcra(), host);
    const HookState native = {true, true, true};
    const Published both = published(one, tra(), host, {{10, native}, {13, native}});
    for (const auto &[key, link] : both.tables.links) {
        if (key.ifindex == 10 || key.ifindex == 11) {
            EXPECT_EQ((link.flags & DHCP46_LINK_XDP) != 0, key.ifindex == 10);
        }
    }
}

// A reply to the address before is for the same link, as long as the host has it.
TEST(Publish, PreviousSourceOfACra) {
    const Tables before = attached({}, lcra(), network());
    Network host = network();
    auto &addresses = host.devices[0].addresses6;
    addresses.insert(addresses.begin(), address("2001:db8:a::46"));
    addresses[1].deprecated = true;
    const auto has = [](const Tables &tables, const char *source) {
        dhcp46_address_key key = {};
        to_array(key.address, ip6(source));
        key.ifindex = 10;
        return tables.addresses.contains(key);
    };
    const Tables after = attached(before, lcra(), host);
    EXPECT_TRUE(has(after, "2001:db8:a::46"));
    EXPECT_TRUE(has(after, "2001:db8:a::1"));
    addresses.erase(addresses.begin() + 1);
    EXPECT_FALSE(has(attached(after, lcra(), host), "2001:db8:a::1"));
}
