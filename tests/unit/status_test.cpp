// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/status.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static Observed observed(const Network &network) {
    return {network, tc_everywhere(network), {}, route_by_eth0};
}

static InstanceStatus status(const Tables &tables, const Observed &observed) {
    const auto list = describe(tables, observed);
    EXPECT_EQ(list.size(), 1u);
    return list.empty() ? InstanceStatus{} : list.front();
}

static bool mentions(const std::vector<std::string> &list, const std::string &word) {
    for (const std::string &text : list) {
        if (text.find(word) != std::string::npos)
            return true;
    }
    return false;
}

TEST(Status, ReadyLcra) {
    const InstanceStatus result = status(attached({}, lcra(), network()), observed(network()));
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(result.warnings.empty());
    ASSERT_EQ(result.devices.size(), 2u);
    EXPECT_EQ(result.devices[0].name, "eth1");
    EXPECT_EQ(result.devices[0].tc, "tcx");
    EXPECT_FALSE(result.devices[0].why.empty());
    ASSERT_EQ(result.upstreams.size(), 1u);
    EXPECT_EQ(result.upstreams[0].address, "2001:db8:ff::1");
}

TEST(Status, NamesTheServerThatDoesNotEcho) {
    const Tables tables = attached({}, tra(), network());
    Observed now = observed(network());
    for (const auto &[key, link] : tables.links)
        now.unechoed[link.link_id] = side_of(key) == DHCP46_SIDE_SERVER ? 3 : 0;
    EXPECT_TRUE(mentions(status(tables, now).warnings,
                         "3 replies came without option 82, and were dropped: have the server "
                         "198.51.100.9 echo it"));
    now.unechoed.clear();
    EXPECT_FALSE(mentions(status(tables, now).warnings, "option 82"));
}

TEST(Status, ProgramsOfAnotherBuild) {
    Observed seen = observed(network());
    seen.another_build = true;
    const InstanceStatus result = status(attached({}, lcra(), network()), seen);
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(result.another_build);
    EXPECT_TRUE(mentions(result.warnings, "another build"));
}

TEST(Status, ReadyTraWarnsOfNoPrefix) {
    const InstanceStatus result = status(attached({}, tra(), network()), observed(network()));
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(mentions(result.warnings, "--cra-prefix"));
    EXPECT_EQ(result.service_address, ip6("2001:db8:a::1"));
    EXPECT_EQ(result.giaddr, ip4("198.51.100.1"));
    EXPECT_EQ(result.upstreams[0].address, "198.51.100.9");
}

TEST(Status, ReadyHcra) {
    Network host = network();
    const Tables tables = attached({}, hcra(), host);
    host.devices[0].addresses4 = {{ip4("192.0.2.50"), 24}}; // the lease
    const InstanceStatus result = status(tables, observed(host));
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(result.warnings.empty());
    ASSERT_EQ(result.devices.size(), 2u);
    EXPECT_EQ(result.devices[0].side, DHCP46_SIDE_CLIENT);
    EXPECT_EQ(from_array<Ip6>(result.devices[0].link.source6), ip6("2001:db8:a::1"));
}

TEST(Status, HcraWithoutAddress) {
    Network host = network();
    host.devices[0].addresses6.clear();
    const InstanceStatus result = status(attached({}, hcra(), host), observed(host));
    EXPECT_TRUE(mentions(result.missing, "IPv6 source address for eth0"));
    EXPECT_EQ(result.missing.size(), 1u);
}

static Observed observed_tsv(const Network &host) {
    Observed now = observed(host);
    now.hooks[20] = now.hooks[21] = {false, true, true};
    now.route = [](const Ip6 &address) {
        return std::optional(address == v4_mapped(ip4("203.0.113.1")) ? 21U : 10U);
    };
    now.neighbours[21] = {{ip4("203.0.113.1"), tsv_host().find("local-rly")->mac}};
    return now;
}

static InstanceStatus tsv_status(const Network &host) {
    return status(attached({}, tsv(), tsv_host()), observed_tsv(host));
}

TEST(StatusTsv, Ready) {
    const InstanceStatus result = tsv_status(tsv_host());
    EXPECT_TRUE(result.ready()) << result.missing.front();
    EXPECT_EQ(result.warnings.size(), 1u); // no --cra-prefix
    ASSERT_TRUE(result.server_link);
    EXPECT_EQ(result.server_link->device, "local-rly");
    EXPECT_EQ(result.server_link->server_device, "local-srv");
    EXPECT_TRUE(result.server_link->up);
    EXPECT_EQ(result.giaddr, ip4("203.0.113.1"));
    EXPECT_EQ(result.service_address, ip6("2001:db8:a::1"));
}

TEST(StatusTsv, WhatTheServerNeedsIsGone) {
    Network host = tsv_host();
    Device &servers = host.devices.back();
    ASSERT_EQ(servers.name, "local-srv");
    servers.addresses4.clear();
    servers.up = false;
    servers.mac.octets[5] ^= 2;
    const InstanceStatus result = tsv_status(host);
    EXPECT_TRUE(mentions(result.missing, "198.51.100.1 is not on local-srv"));
    EXPECT_TRUE(mentions(result.missing, "local-srv, the server's end of local-rly, is down"));
    EXPECT_TRUE(mentions(result.missing, "local-srv: the MAC address"));
    host.devices.pop_back();
    EXPECT_TRUE(mentions(tsv_status(host).missing, "not in this network namespace"));
}

TEST(StatusTsv, NeighbourAndRouteAreGone) {
    Observed now = observed_tsv(tsv_host());
    now.neighbours.clear();
    now.route = no_route;
    const InstanceStatus result = status(attached({}, tsv(), tsv_host()), now);
    EXPECT_TRUE(mentions(result.missing, "neighbour 203.0.113.1"));
    EXPECT_TRUE(mentions(result.missing, "route to 203.0.113.1 is not by local-srv"));
}

TEST(StatusTsv, GiaddrBecameAnAddressOfThisHost) {
    Network host = tsv_host();
    host.devices[2].addresses4 = {{ip4("203.0.113.1"), 24}};
    EXPECT_TRUE(mentions(tsv_status(host).missing, "eth2"));
}

TEST(StatusTsv, SwitchesThatCouldNotBeSet) {
    Network host = tsv_host();
    for (Device &end : host.devices) {
        end.forwarding6 = false;
        end.ipv6_enabled = true;
    }
    host.devices[3].addresses4.clear();
    Observed now = observed_tsv(host);
    now.hooks[20].xdp = true;
    const InstanceStatus result = status(attached({}, tsv(), tsv_host()), now);
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(mentions(result.warnings, "net.ipv6.conf.local-srv.disable_ipv6=1"));
    EXPECT_TRUE(mentions(result.warnings, "net.ipv6.conf.local-rly.forwarding=1"));
    EXPECT_TRUE(mentions(result.warnings, "198.51.100.1 is on no other device"));
}

TEST(Status, DetachThatWasKilled) {
    Tables tables = attached({}, tra(), network());
    tables.instances.begin()->second.role = DHCP46_ROLE_NONE;
    const InstanceStatus result = status(tables, observed(network()));
    EXPECT_TRUE(mentions(result.missing, "dhcp46 detach core"));
}

TEST(Status, MissingAddresses) {
    Network host = network();
    host.devices[0].addresses6.clear();
    host.devices[3].addresses4.clear();
    const InstanceStatus cra = status(attached({}, lcra(), host), observed(host));
    EXPECT_TRUE(mentions(cra.missing, "IPv6 source address for eth1"));
    const InstanceStatus far = status(attached({}, tra(), host), observed(host));
    EXPECT_TRUE(mentions(far.missing, "IPv6 service address"));
    EXPECT_TRUE(mentions(far.missing, "giaddr"));
}

TEST(Status, MissingUpstream) {
    Tables tables = attached({}, lcra(), network());
    tables.upstreams.clear();
    EXPECT_TRUE(mentions(status(tables, observed(network())).missing, "upstream add access"));
}

TEST(Status, DeviceGone) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices.erase(host.devices.begin() + 1);
    const InstanceStatus result = status(tables, observed(host));
    EXPECT_TRUE(mentions(result.missing, "client device eth1 is gone"));
    EXPECT_TRUE(result.devices[0].gone);
    EXPECT_EQ(result.devices[0].name, "eth1");
}

TEST(Status, HookGone) {
    const Tables tables = attached({}, lcra(), network());
    Observed now = observed(network());
    now.hooks[11] = {};
    const InstanceStatus result = status(tables, now);
    EXPECT_TRUE(mentions(result.missing, "TC program is not on eth1"));
    EXPECT_EQ(result.devices[0].tc, "none");
}

TEST(Status, EgressHookGone) {
    const Tables tables = attached({}, lcra(), network());
    Observed now = observed(network());
    now.hooks[10].egress = now.hooks[11].egress = false;
    const InstanceStatus result = status(tables, now);
    EXPECT_TRUE(mentions(result.missing, "TC egress program is not on eth0"));
    EXPECT_EQ(result.missing.size(), 1u); // the client side needs none
}

TEST(Status, XdpRefusedByTheDriverIsTheReason) {
    const Network host = network();
    HookMap hooks = tc_everywhere(host);
    hooks[11].xdp_refused = true;
    auto published = with_instance({}, resolved(lcra(), host), hooks, host);
    ASSERT_TRUE(published);
    const InstanceStatus result = status(published->tables, observed(host));
    EXPECT_NE(result.devices[0].why.find("refused"), std::string::npos) << result.devices[0].why;
    hooks[11] = {true, true, true};
    published = with_instance(published->tables, resolved(lcra(), host), hooks, host);
    ASSERT_TRUE(published);
    EXPECT_FALSE(published->tables.links.at({11, 0, 0, DHCP46_SIDE_CLIENT, 0}).flags &
                 DHCP46_LINK_XDP_REFUSED);
}

TEST(Status, Drift) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[1].mac.octets[0] = 6;
    host.devices[1].addresses4.clear();
    host.devices[0].mtu = 9000;
    const InstanceStatus result = status(tables, observed(host));
    EXPECT_TRUE(result.ready());
    EXPECT_TRUE(mentions(result.warnings, "eth1: the MAC address is 06:"));
    EXPECT_TRUE(mentions(result.warnings, "eth1: the IPv4 address is none"));
    EXPECT_TRUE(mentions(result.warnings, "eth0: the MTU is 9000"));
}

TEST(Status, SourceNoLongerOurs) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[0].addresses6.clear();
    EXPECT_TRUE(mentions(status(tables, observed(host)).missing, "no longer on this host"));
}

TEST(Status, SeveralWaysOutNeedForwarding) {
    Spec spec = lcra();
    spec.ipv6_devices = {"eth0", "eth2"};
    Network host = network();
    host.devices[1].forwarding6 = true;
    const Tables tables = attached({}, spec, host);
    EXPECT_TRUE(status(tables, observed(host)).ready());
    host.devices[1].forwarding6 = false;
    EXPECT_TRUE(
        mentions(status(tables, observed(host)).missing, "net.ipv6.conf.eth1.forwarding=1"));
}

TEST(Status, SourceMustBeOneToStartWith) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[0].addresses6[0].tentative = true;
    EXPECT_TRUE(mentions(status(tables, observed(host)).missing, "duplicate address detection"));
    host.devices[0].addresses6[0] = address("2001:db8:a::1");
    host.devices[0].addresses6[0].deprecated = true;
    EXPECT_TRUE(mentions(status(tables, observed(host)).missing, "deprecated"));

    Spec spec = lcra();
    spec.sources = {{"", ip6("2001:db8:a::1")}};
    const Tables given = attached({}, spec, network());
    EXPECT_TRUE(status(given, observed(host)).ready()); // somebody wants this one
    host.devices[0].addresses6[0].tentative = true;
    EXPECT_FALSE(status(given, observed(host)).ready());
}

TEST(Status, DownDevices) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[1].up = false;
    EXPECT_TRUE(mentions(status(tables, observed(host)).missing, "eth1 (client side) is down"));
}

TEST(Status, RouteElsewhere) {
    const Tables tables = attached({}, lcra(), network());
    Observed now = observed(network());
    now.route = [](const Ip6 &) { return std::optional<unsigned>(12); };
    EXPECT_TRUE(mentions(status(tables, now).warnings, "eth2"));
    now.route = no_route;
    EXPECT_TRUE(mentions(status(tables, now).warnings, "no route"));
}

TEST(Status, ForeignProgramIsTheReason) {
    const Tables tables = attached({}, lcra(), network());
    Observed now = observed(network());
    now.foreign_xdp[11] = "firewall";
    EXPECT_NE(status(tables, now).devices[0].why.find("firewall"), std::string::npos);
}

TEST(Status, XdpWithoutATaker) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    Observed now = observed(host);
    now.hooks[11].xdp = true;
    EXPECT_TRUE(status(tables, now).ready());
    host.devices[0].xdp->ndo_xmit = false;
    now.network = host;
    Tables entered = tables;
    entered.tx_devices[10] = 10;
    EXPECT_TRUE(mentions(status(entered, now).missing, "eth0 takes no XDP redirects"));
}

TEST(Status, SideWithoutDevices) {
    Tables tables = attached({}, lcra(), network());
    std::erase_if(tables.links,
                  [](const auto &entry) { return entry.first.side == DHCP46_SIDE_CLIENT; });
    EXPECT_TRUE(mentions(status(tables, observed(network())).missing, "on the client side"));
}
