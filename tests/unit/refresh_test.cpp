// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/refresh.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

// Each link has an address of its own, and every device forwards.
static Network wide_network() {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    for (Device &device : host.devices)
        device.forwarding4 = device.forwarding6 = true;
    return host;
}

static Spec rebuilt(const Tables &tables, const std::string &name, const Network &network) {
    const auto id = find_instance(tables, name);
    EXPECT_TRUE(id);
    const auto spec = rebuilt_spec(tables, id.value_or(0), network);
    EXPECT_TRUE(spec) << (spec ? "" : spec.error().why);
    return spec ? *spec : Spec{};
}

static void expect_same(const Spec &a, const Spec &b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.role, b.role);
    EXPECT_EQ(a.xdp_mode, b.xdp_mode);
    EXPECT_TRUE(same_bytes(a.policy, b.policy));
    EXPECT_EQ(a.client_source, b.client_source);
    EXPECT_EQ(a.giaddr, b.giaddr);
    EXPECT_EQ(a.client_devices, b.client_devices);
    EXPECT_EQ(a.ipv6_devices, b.ipv6_devices);
    EXPECT_EQ(a.server_devices, b.server_devices);
    EXPECT_EQ(a.server_end, b.server_end);
    EXPECT_EQ(a.upstreams, b.upstreams);
    EXPECT_EQ(a.cra_prefixes, b.cra_prefixes);
    ASSERT_EQ(a.link_selections.size(), b.link_selections.size());
    for (std::size_t i = 0; i < a.link_selections.size(); i++) {
        EXPECT_EQ(a.link_selections[i].prefix, b.link_selections[i].prefix);
        EXPECT_EQ(a.link_selections[i].address, b.link_selections[i].address);
    }
    ASSERT_EQ(a.sources.size(), b.sources.size());
    for (std::size_t i = 0; i < a.sources.size(); i++) {
        EXPECT_EQ(a.sources[i].device, b.sources[i].device);
        EXPECT_EQ(a.sources[i].address, b.sources[i].address);
    }
}

static void expect_comes_back(const Spec &spec, const Network &network) {
    const Tables tables = attached({}, spec, network);
    const Spec again = rebuilt(tables, spec.name, network);
    expect_same(again, spec);
    EXPECT_TRUE(difference(tables, attached(tables, again, network)).empty());
}

TEST(RebuiltSpec, Lcra) {
    Spec spec = lcra();
    spec.ipv6_devices = {"eth0"};
    expect_comes_back(spec, network());
}

TEST(RebuiltSpec, LcraWithAll) {
    Spec spec = lcra();
    spec.client_devices = {"eth2", "eth1"};
    spec.ipv6_devices = {"eth3", "eth0"};
    spec.sources = {{"eth1", ip6("2001:db8:b::1")}};
    spec.upstreams = {ip6("2001:db8:ff::2"), ip6("2001:db8:ff::1")};
    spec.client_source = ip4("192.0.2.77");
    spec.xdp_mode = DHCP46_XDP_OFF;
    spec.policy = {4, 254, DHCP46_GIADDR_REPLACE, DHCP46_ALWAYS_BROADCAST};
    expect_comes_back(spec, wide_network());
}

TEST(RebuiltSpec, TheRouteSaysAgainWhereTheUplinkIs) {
    expect_comes_back(lcra(), network());
    Tables tables = attached({}, lcra(), network());
    tables.upstreams.clear();
    EXPECT_EQ(rebuilt(tables, "access", network()).ipv6_devices,
              (std::vector<std::string>{"eth0"}));
}

TEST(RebuiltSpec, Hcra) {
    expect_comes_back(hcra(), network());
    Spec spec = hcra();
    spec.sources = {{"", ip6("2001:db8:a::1")}};
    expect_comes_back(spec, network());
}

TEST(RebuiltSpec, Tra) {
    expect_comes_back(tra(), network());
}

TEST(RebuiltSpec, TraWithAll) {
    Spec spec = tra();
    spec.ipv6_devices = {"eth1", "eth0"};
    spec.server_devices = {"eth3", "eth2"};
    spec.sources = {{"", ip6("2001:db8:c::1")}};
    spec.giaddr = ip4("198.51.100.2");
    spec.upstreams = {v4_mapped(ip4("198.51.100.9")), v4_mapped(ip4("198.51.100.8"))};
    spec.cra_prefixes = {parse_prefix6("2001:db8::/32").value(),
                         parse_prefix6("2001:db8:a::/48").value()};
    spec.policy = {16, 77, DHCP46_GIADDR_DROP, DHCP46_ACCEPT_ANY_SOURCE};
    spec.xdp_mode = DHCP46_XDP_NATIVE;
    expect_comes_back(spec, wide_network());
}

TEST(RebuiltSpec, LinkSelections) {
    const auto prefix = [](const char *text) { return parse_prefix6(text).value(); };
    Spec spec = tra();
    spec.link_selections = {{prefix("2001:db8:1::/48"), ip4("192.0.2.1")},
                            {prefix("2001:db8:2::/48"), ip4("192.0.2.129")}};
    expect_comes_back(spec, network()); // everybody is served
    spec.cra_prefixes = {prefix("2001:db8::/32")};
    expect_comes_back(spec, network());
    spec.link_selections = {{prefix("::/0"), ip4("192.0.2.1")}};
    spec.cra_prefixes.clear();
    expect_comes_back(spec, network());
    // Nobody but those with a link selection, once by the same prefix, once by one inside.
    for (const char *limit : {"2001:db8:1::/48", "2001:db8:1:2::/64"}) {
        spec.link_selections = {{prefix("2001:db8:1::/48"), ip4("192.0.2.1")}};
        spec.cra_prefixes = {prefix(limit)};
        const Tables tables = attached({}, spec, network());
        const Spec again = rebuilt(tables, spec.name, network());
        EXPECT_FALSE(again.cra_prefixes.empty());
        EXPECT_TRUE(difference(tables, attached(tables, again, network())).empty());
    }
}

TEST(RebuiltSpec, Tsv) {
    expect_comes_back(tsv(), tsv_host());
    Spec spec = tsv();
    spec.server_end = "dhcp0";
    Network host = tsv_host();
    host.devices.back().name = "dhcp0";
    spec.sources = {{"", ip6("2001:db8:a::1")}};
    expect_comes_back(spec, host);
}

TEST(RebuiltSpec, FollowsARenamedDevice) {
    Spec spec = lcra();
    spec.ipv6_devices = {"eth0"};
    const Tables tables = attached({}, spec, network());
    Network host = network();
    host.devices[0].name = "uplink";
    EXPECT_EQ(rebuilt(tables, "access", host).ipv6_devices, (std::vector<std::string>{"uplink"}));
}

TEST(RebuiltSpec, ADeviceThatIsGoneHasItsName) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices.erase(host.devices.begin() + 1);
    EXPECT_EQ(rebuilt(tables, "access", host).client_devices, (std::vector<std::string>{"eth1"}));
}

TEST(RebuiltSpec, ADeviceThatWasMadeAgainIsFoundByName) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[0].ifindex = 11; // somebody else's now
    host.devices[1].ifindex = 46;
    EXPECT_EQ(rebuilt(tables, "access", host).client_devices, (std::vector<std::string>{"eth1"}));
}

TEST(LeaveOutAbsent, AsFarAsOthersAreLeft) {
    Spec spec = lcra();
    spec.client_devices = {"eth1", "eth9"};
    spec.sources = {{"eth1", ip6("2001:db8:a::1")}, {"eth9", ip6("2001:db8:a::9")}};
    const auto absent = leave_out_absent(spec, network());
    ASSERT_EQ(absent.size(), 1u);
    EXPECT_EQ(absent[0].name, "eth9");
    EXPECT_EQ(absent[0].side, DHCP46_SIDE_CLIENT);
    EXPECT_EQ(absent[0].position, 1u);
    EXPECT_EQ(spec.client_devices, (std::vector<std::string>{"eth1"}));
    ASSERT_EQ(spec.sources.size(), 1u);
    EXPECT_EQ(spec.sources[0].device, "eth1");

    spec.client_devices = {"eth9"};
    EXPECT_TRUE(leave_out_absent(spec, network()).empty());
    EXPECT_EQ(spec.client_devices, (std::vector<std::string>{"eth9"})); // attach says what is wrong
}

// The first server side device is away, and comes back with another ifindex.
TEST(KeepAbsent, DevicesKeepTheirOrder) {
    Spec spec = tra();
    spec.server_devices = {"eth3", "eth2", "eth1"};
    const Network host = wide_network();
    const Tables before = attached({}, spec, host);
    Network without = host;
    without.devices.pop_back();

    Spec present = rebuilt(before, "core", without);
    const auto absent = leave_out_absent(present, without);
    EXPECT_EQ(present.server_devices, (std::vector<std::string>{"eth2", "eth1"}));
    Tables meanwhile = attached(before, present, without);
    keep_absent(meanwhile, before, 1, absent);
    EXPECT_EQ(rebuilt(meanwhile, "core", without).server_devices, spec.server_devices);

    Network back = host;
    back.devices.back().ifindex = 9;
    EXPECT_EQ(rebuilt(meanwhile, "core", back).server_devices, spec.server_devices);
    const Tables again = attached(meanwhile, rebuilt(meanwhile, "core", back), back);
    EXPECT_EQ(rebuilt(again, "core", back).server_devices, spec.server_devices);
}

TEST(RebuiltSpec, WithoutAllOfItsEntriesThereIsNone) {
    for (const dhcp46_side side : {DHCP46_SIDE_IPV6, DHCP46_SIDE_SERVER}) {
        Tables tables = attached({}, tra(), network());
        std::erase_if(tables.links,
                      [&](const auto &entry) { return side_of(entry.first) == side; });
        EXPECT_FALSE(rebuilt_spec(tables, 1, network()));
    }
    Tables detaching = attached({}, tra(), network());
    detaching.instances.begin()->second.role = DHCP46_ROLE_NONE;
    EXPECT_FALSE(rebuilt_spec(detaching, 1, network()));
}

TEST(RebuiltSpec, OnlyOfThatInstance) {
    const Network host = wide_network();
    const Tables both = attached(attached({}, tra(), host), lcra(), host);
    expect_same(rebuilt(both, "core", host), tra());
}

static bool brings(const Tables &tables, const Spec &spec, const Network &network) {
    return brings_address(tables, 1, resolved(spec, network));
}

TEST(BringsAddress, ThatCameLate) {
    Network bare = network();
    bare.devices[0].addresses6.clear();
    const Tables tables = attached({}, lcra(), bare);
    EXPECT_FALSE(brings(tables, lcra(), bare));
    EXPECT_TRUE(brings(tables, lcra(), network()));
    EXPECT_FALSE(brings(attached({}, lcra(), network()), lcra(), network()));
}

TEST(BringsAddress, ThatReplacesADeprecatedOne) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[0].addresses6[0].deprecated = true;
    EXPECT_FALSE(brings(tables, lcra(), host)); // none is worse than that
    host.devices[0].addresses6.push_back(address("2001:db8:a::2"));
    EXPECT_TRUE(brings(tables, lcra(), host));
}

TEST(BringsAddress, NotWhileAnotherLinkLosesIts) {
    Spec spec = lcra();
    spec.client_devices = {"eth1", "eth2"};
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    const Tables tables = attached({}, spec, host);
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    EXPECT_TRUE(brings(tables, spec, host));
    host.devices[1].addresses6.clear();
    EXPECT_FALSE(brings(tables, spec, host));
}

TEST(BringsAddress, Giaddr) {
    Network bare = network();
    bare.devices[3].addresses4.clear();
    const Tables tables = attached({}, tra(), bare);
    EXPECT_FALSE(brings(tables, tra(), bare));
    EXPECT_TRUE(brings(tables, tra(), network()));
}

TEST(KeepEdited, WhatASpecCannotSay) {
    Tables tables = attached({}, tra(), network());
    tables.upstreams.begin()->second.port = 1067;
    tables.upstreams.begin()->second.origin = DHCP46_ORIGIN_BPFTOOL;
    dhcp46_prefix_key refused = {32 + 128, 1, {}};
    to_array(refused.prefix, ip6("2001:db8:a::66"));
    tables.cra_prefixes[refused] = {0, {}};
    Tables next = attached(tables, rebuilt(tables, "core", network()), network());
    EXPECT_FALSE(difference(tables, next).empty());
    keep_edited(next, tables, 1);
    EXPECT_TRUE(difference(tables, next).empty());
}
