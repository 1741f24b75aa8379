// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/server_link.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static void expect_refused(const Spec &spec, const Network &host, const std::string &mentions) {
    const auto planned = with_server_link(spec, host);
    ASSERT_FALSE(planned) << mentions;
    EXPECT_EQ(planned.error().exit, Exit::runtime);
    const std::string text = planned.error().what + planned.error().why + planned.error().hint;
    EXPECT_NE(text.find(mentions), std::string::npos) << text;
}

TEST(ServerLink, ThePairAsItWillBe) {
    const auto planned = with_server_link(tsv(), network());
    ASSERT_TRUE(planned);
    EXPECT_TRUE(is_there(server_link_of(tsv()), *planned));
    const Device *ours = planned->find("local-rly");
    ASSERT_TRUE(ours);
    EXPECT_EQ(planned->find(ours->peer)->name, "local-srv");
    EXPECT_EQ(ours->mtu, server_link_mtu);
    EXPECT_TRUE(ours->addresses4.empty());
}

TEST(ServerLink, OtherRolesHaveNone) {
    const auto planned = with_server_link(tra(), network());
    ASSERT_TRUE(planned);
    EXPECT_EQ(planned->devices.size(), network().devices.size());
}

TEST(ServerLink, MacAddressesAreOursAndDiffer) {
    const ServerLink link = server_link_of(tsv());
    Spec spec = tsv();
    spec.name = "second";
    const ServerLink other = server_link_of(spec);
    EXPECT_NE(link.our_mac, link.server_mac);
    EXPECT_NE(link.our_mac, other.our_mac);
    EXPECT_EQ(link.our_mac, server_link_of(tsv()).our_mac);
    for (const Mac &mac : {link.our_mac, link.server_mac, other.our_mac})
        EXPECT_EQ(to_string(mac).substr(0, 11), "02:64:34:36");
}

TEST(ServerLink, APairThatIsThereIsTaken) {
    const auto again = with_server_link(tsv(), tsv_host());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->devices.size(), tsv_host().devices.size());
}

TEST(ServerLink, ForeignDevicesOfTheseNamesAreRefused) {
    Network host = network();
    host.devices.push_back(device(30, "local-rly"));
    expect_refused(tsv(), host, "another instance name");
    host.devices.back().name = "local-srv";
    expect_refused(tsv(), host, "--server-dev");
    // Two devices with the names, which are not each other's peers.
    host.devices.back().kind = "veth";
    host.devices.push_back(device(31, "local-rly"));
    host.devices.back().kind = "veth";
    expect_refused(tsv(), host, "local-rly");
}

TEST(ServerLink, AnotherServerEnd) {
    Spec spec = tsv();
    spec.server_end = "dhcp0";
    expect_refused(spec, tsv_host(), "--server-dev local-srv");
    Network host = tsv_host();
    std::erase_if(host.devices, [](const Device &one) { return one.name == "local-srv"; });
    expect_refused(tsv(), host, "another network namespace");
}

TEST(ServerLink, GoesWithItsInstance) {
    const Network host = tsv_host();
    const Tables tables = attached({}, tsv(), host);
    const std::uint32_t id = tables.instances.begin()->first;
    EXPECT_EQ(server_links_of(tables, id, host), (std::vector<std::string>{"local-rly"}));
    EXPECT_TRUE(stray_server_links(tables, host, "").empty());
    // Another device has the ifindex by now.
    Network other = host;
    for (Device &one : other.devices) {
        if (one.name == "local-rly")
            one.name = "eth7";
        if (one.name == "eth7")
            one.mac.octets[0] = 0x06;
    }
    EXPECT_TRUE(server_links_of(tables, id, other).empty());
    const Tables far = attached({}, tra(), network());
    EXPECT_TRUE(server_links_of(far, far.instances.begin()->first, network()).empty());
}

TEST(ServerLink, WhatAKilledCallLeftIsKnown) {
    const Network host = tsv_host();
    EXPECT_EQ(stray_server_links({}, host, ""), (std::vector<std::string>{"local-rly"}));
    EXPECT_EQ(stray_server_links({}, host, "local"), (std::vector<std::string>{"local-rly"}));
    EXPECT_TRUE(stray_server_links({}, host, "other").empty());
    // A pair that somebody else made and named so.
    Network foreign = host;
    for (Device &one : foreign.devices)
        one.mac.octets[1] = 0;
    EXPECT_TRUE(stray_server_links({}, foreign, "").empty());
}
