// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static void expect_refused(const Spec &spec, const Network &network, Exit exit,
                           const std::string &mentions, const RouteLookup &route = route_by_eth0) {
    const auto result = resolve(spec, network, route);
    ASSERT_FALSE(result) << mentions;
    EXPECT_EQ(result.error().exit, exit) << result.error().why;
    const std::string text = result.error().what + result.error().why + result.error().hint;
    EXPECT_NE(text.find(mentions), std::string::npos) << text;
}

TEST(BestAddress, PrefersGlobalToUniqueLocal) {
    Device with = device(1, "eth0");
    with.addresses6 = {address("fe80::1"), address("fd00::1"), address("2001:db8::1"),
                       address("fd00::2")};
    EXPECT_EQ(best_address6(with), ip6("2001:db8::1"));
}

TEST(BestAddress, SkipsWhatMayGoAway) {
    Device with = device(1, "eth0");
    with.addresses6 = {address("2001:db8::1"), address("2001:db8::2"), address("2001:db8::3"),
                       address("fd00::1")};
    with.addresses6[0].temporary = true;
    with.addresses6[1].deprecated = true;
    with.addresses6[2].tentative = true;
    EXPECT_EQ(best_address6(with), ip6("fd00::1"));
    with.addresses6.pop_back();
    EXPECT_EQ(best_address6(with), std::nullopt);
}

TEST(BestAddress, PrefersConfiguredToLearnt) {
    Device with = device(1, "eth0");
    with.addresses6 = {address("2001:db8::1"), address("2001:db8::2"), address("2001:db8::3")};
    with.addresses6[1].permanent = with.addresses6[2].permanent = false;
    EXPECT_EQ(best_address6(with), ip6("2001:db8::1"));
}

TEST(BestAddress, AmongEqualsTheOldestWhichIsListedLast) {
    Device with = device(1, "eth0");
    with.addresses6 = {address("2001:db8::b"), address("2001:db8::a")};
    EXPECT_EQ(best_address6(with), ip6("2001:db8::a"));
}

TEST(ResolveLcra, UplinkByRouteAndItsAddress) {
    const Resolved result = resolved(lcra(), network());
    ASSERT_EQ(result.links.size(), 2u);
    EXPECT_EQ(result.links[0].device.name, "eth1");
    EXPECT_EQ(result.links[0].side, DHCP46_SIDE_CLIENT);
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:a::1"));
    EXPECT_FALSE(result.links[0].source_given);
    EXPECT_EQ(result.links[1].device.name, "eth0");
    EXPECT_EQ(result.links[1].side, DHCP46_SIDE_IPV6);
}

TEST(ResolveLcra, ClientDevicesOwnAddressComesFirst) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    EXPECT_EQ(resolved(lcra(), host).links[0].source6, ip6("2001:db8:b::1"));
}

TEST(ResolveLcra, GivenSourceComesBeforeAll) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    Spec spec = lcra();
    spec.sources = {{"", ip6("2001:db8:a::1")}};
    const Resolved result = resolved(spec, host);
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:a::1"));
    EXPECT_TRUE(result.links[0].source_given);
}

TEST(ResolveLcra, SourceMustBeOurs) {
    Spec spec = lcra();
    spec.sources = {{"", ip6("2001:db8:77::1")}};
    expect_refused(spec, network(), Exit::config, "eth3");
}

TEST(ResolveLcra, NoAddressYetIsNoError) {
    Network host = network();
    host.devices[0].addresses6.clear();
    EXPECT_FALSE(resolved(lcra(), host).links[0].source6.is_set());
}

TEST(ResolveLcra, SeveralClientLinksDoNotShareTheUplinksAddress) {
    Spec spec = lcra();
    spec.client_devices = {"eth1", "eth2"};
    const Resolved result = resolved(spec, network());
    EXPECT_FALSE(result.links[0].source6.is_set());
    EXPECT_FALSE(result.links[1].source6.is_set());
}

TEST(ResolveLcra, TwoClientLinksWithOneAddress) {
    Spec spec = lcra();
    spec.client_devices = {"eth1", "eth2"};
    spec.sources = {{"eth1", ip6("2001:db8:a::1")}, {"eth2", ip6("2001:db8:a::1")}};
    expect_refused(spec, network(), Exit::config, "--source DEV=V6ADDR");
}

TEST(ResolveLcra, UplinkMayBeTheClientDevice) {
    Spec spec = lcra();
    spec.client_devices = spec.ipv6_devices = {"eth0"};
    EXPECT_EQ(resolved(spec, network()).links.size(), 2u);
}

TEST(ResolveLcra, Refusals) {
    expect_refused(lcra(), network(), Exit::runtime, "--uplink-dev", no_route);
    // One that it has found before stays while there is no route.
    const Tables tables = attached({}, lcra(), network());
    const auto resolved = resolve(lcra(), network(), no_route, tables);
    ASSERT_TRUE(resolved);
    EXPECT_EQ(resolved->links.back().device.name, "eth0");
    EXPECT_TRUE(resolved->links.back().by_route);
    Spec other = lcra();
    other.name = "other";
    EXPECT_FALSE(resolve(other, network(), no_route, tables));
    Spec missing = lcra();
    missing.client_devices = {"eth9"};
    expect_refused(missing, network(), Exit::runtime, "eth9");
    Spec own = lcra();
    own.upstreams = {ip6("2001:db8:a::1")};
    expect_refused(own, network(), Exit::config, "eth0");
    Network host = network();
    host.devices[1].ethernet = false;
    expect_refused(lcra(), host, Exit::config, "Ethernet");
}

TEST(ResolveLcra, SeveralUplinksNeedForwardingOnTheClientDevice) {
    Spec spec = lcra();
    spec.ipv6_devices = {"eth0", "eth2"};
    Network host = network();
    expect_refused(spec, host, Exit::config, "net.ipv6.conf.eth1.forwarding=1");
    host.devices[1].forwarding6 = true;
    EXPECT_EQ(resolved(spec, host).links.size(), 3u);
}

TEST(ResolveHcra, OneDeviceAndItsOwnAddress) {
    const Resolved result = resolved(hcra(), network());
    ASSERT_EQ(result.links.size(), 2u);
    EXPECT_EQ(result.links[0].side, DHCP46_SIDE_CLIENT);
    EXPECT_EQ(result.links[1].side, DHCP46_SIDE_IPV6);
    for (const ResolvedLink &link : result.links)
        EXPECT_EQ(link.device.name, "eth0");
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:a::1"));
}

TEST(ResolveHcra, ItNeedsNoRouteYet) {
    EXPECT_TRUE(resolve(hcra(), network(), no_route));
}

TEST(ResolveHcra, SourceIsAnAddressOfTheDevice) {
    Network host = network();
    host.devices[0].addresses6 = {address("2001:db8:a::2"), address("2001:db8:a::1")};
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    Spec spec = hcra();
    spec.sources = {{"", ip6("2001:db8:a::2")}};
    const Resolved result = resolved(spec, host);
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:a::2"));
    EXPECT_TRUE(result.links[0].source_given);
    spec.sources = {{"", ip6("2001:db8:c::1")}};
    expect_refused(spec, host, Exit::config, "eth0 does not have this address");
}

TEST(ResolveHcra, AvoidsWhatAnotherInstanceUsesIfThereIsAChoice) {
    Network host = network();
    const Tables tables = attached({}, tra(), host);
    EXPECT_EQ(resolve(hcra(), host, no_route, tables)->links[0].source6, ip6("2001:db8:a::1"));
    host.devices[0].addresses6 = {address("2001:db8:a::2"), address("2001:db8:a::1")};
    EXPECT_EQ(resolve(hcra(), host, no_route)->links[0].source6, ip6("2001:db8:a::1"));
    const auto beside = resolve(hcra(), host, no_route, tables);
    ASSERT_TRUE(beside);
    EXPECT_EQ(beside->links[0].source6, ip6("2001:db8:a::2"));
    EXPECT_TRUE(check_conflicts(tables, *beside, host));
    // What is its own already is not taken.
    const Tables own = attached({}, hcra(), host);
    EXPECT_EQ(resolve(hcra(), host, no_route, own)->links[0].source6, ip6("2001:db8:a::1"));
}

TEST(ResolveHcra, Refusals) {
    Network host = network();
    host.devices[0].ethernet = false;
    expect_refused(hcra(), host, Exit::config, "Ethernet");
    Spec spec = hcra();
    spec.client_devices = spec.ipv6_devices = {"eth0", "eth1"};
    expect_refused(spec, network(), Exit::config, "one link");
}

TEST(ResolveTsv, TheServersLinkAndItsEnds) {
    const Resolved result = resolved(tsv(), tsv_host());
    ASSERT_EQ(result.links.size(), 2u);
    EXPECT_EQ(result.links[0].device.name, "eth0");
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:a::1"));
    EXPECT_EQ(result.links[1].side, DHCP46_SIDE_SERVER);
    EXPECT_EQ(result.links[1].device.name, "local-rly");
    EXPECT_EQ(result.server_end.name, "local-srv");
    EXPECT_EQ(result.giaddr, ip4("203.0.113.1"));
}

TEST(ResolveTsv, TheWishBeforeThePairIsMade) {
    const auto planned = with_server_link(tsv(), network());
    ASSERT_TRUE(planned);
    EXPECT_TRUE(resolve(tsv(), *planned, no_route));
    Spec two = tsv();
    two.ipv6_devices = {"eth0", "eth1"};
    EXPECT_TRUE(resolve(two, *planned, no_route)) << "our end will forward";
    Network without_sysctl = tsv_host();
    for (Device &end : without_sysctl.devices)
        end.forwarding6 = false;
    expect_refused(two, without_sysctl, Exit::config, "net.ipv6.conf.local-rly.forwarding=1");
}

TEST(ResolveTsv, GiaddrIsNobodys) {
    Spec spec = tsv();
    spec.giaddr = ip4("192.0.2.1");
    expect_refused(spec, tsv_host(), Exit::config, "eth1");
    spec.giaddr = ip4("192.0.2.255");
    expect_refused(spec, tsv_host(), Exit::config, "broadcast address of the link on eth1");
    spec.giaddr = ip4("198.51.100.1");
    expect_refused(spec, tsv_host(), Exit::config, "server's address, too");
}

TEST(ResolveTsv, TheServerMayBeAnAddressOfThisHostAndNoBroadcast) {
    Spec spec = tsv();
    spec.upstreams = {v4_mapped(ip4("203.0.113.99"))};
    EXPECT_TRUE(resolve(spec, tsv_host(), no_route));
    spec.upstreams = {v4_mapped(ip4("198.51.100.255"))};
    expect_refused(spec, tsv_host(), Exit::config, "eth3");
}

TEST(ResolveTra, ABroadcastAddressIsNoServer) {
    Spec spec = tra();
    spec.upstreams = {v4_mapped(ip4("198.51.100.255"))};
    expect_refused(spec, network(), Exit::config, "broadcast address of the link on eth3");
}

TEST(ResolveTra, AddressesOfTheFirstDevices) {
    const Resolved result = resolved(tra(), network());
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:a::1"));
    EXPECT_EQ(result.giaddr, ip4("198.51.100.1"));
}

TEST(ResolveTra, GivenAddresses) {
    Network host = network();
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    Spec spec = tra();
    spec.giaddr = ip4("198.51.100.2");
    spec.sources = {{"", ip6("2001:db8:c::1")}};
    const Resolved result = resolved(spec, host);
    EXPECT_EQ(result.links[0].source6, ip6("2001:db8:c::1"));
    EXPECT_EQ(result.giaddr, ip4("198.51.100.2"));
}

TEST(ResolveTra, Refusals) {
    Spec foreign = tra();
    foreign.giaddr = ip4("203.0.113.1");
    expect_refused(foreign, network(), Exit::config, "203.0.113.1");
    Spec own = tra();
    own.upstreams = {v4_mapped(ip4("198.51.100.2"))};
    expect_refused(own, network(), Exit::config, "eth3");
}

TEST(Resolve, DevicesOfBareIpPacketsHavePeersAndNoClients) {
    Network host = network();
    Device &tun = host.devices[0];
    tun.ethernet = false;
    tun.bare_ip = true;
    tun.mac = {};
    EXPECT_TRUE(resolve(tra(), host, no_route));
    EXPECT_TRUE(resolve(lcra(), host, route_by_eth0));
    expect_refused(hcra(), host, Exit::config, "eth0");
    Spec with_clients = lcra();
    with_clients.client_devices = {"eth0"};
    with_clients.ipv6_devices = {"eth1"};
    expect_refused(with_clients, host, Exit::config, "clients are served on no other");
    Spec servers = tra();
    servers.ipv6_devices = {"eth3"};
    servers.server_devices = {"eth0"};
    EXPECT_TRUE(resolve(servers, host, no_route));
    tun.bare_ip = false; // Infiniband, loopback
    expect_refused(tra(), host, Exit::config, "neither Ethernet");
}

TEST(ResolveTra, SeveralDevicesNeedForwardingWhereItComesIn) {
    Spec servers = tra();
    servers.server_devices = {"eth3", "eth2"};
    Network host = network();
    expect_refused(servers, host, Exit::config, "net.ipv4.conf.eth0.forwarding=1");
    host.devices[0].forwarding4 = true;
    EXPECT_TRUE(resolve(servers, host, no_route));

    Spec cras = tra();
    cras.ipv6_devices = {"eth0", "eth1"};
    expect_refused(cras, host, Exit::config, "net.ipv6.conf.eth3.forwarding=1");
    host.devices[3].forwarding6 = true;
    EXPECT_TRUE(resolve(cras, host, no_route));
}

TEST(ResolveTra, NoAddressesYetIsNoError) {
    Network host = network();
    host.devices[0].addresses6.clear();
    host.devices[3].addresses4.clear();
    const Resolved result = resolved(tra(), host);
    EXPECT_FALSE(result.links[0].source6.is_set());
    EXPECT_FALSE(result.giaddr.is_set());
}
