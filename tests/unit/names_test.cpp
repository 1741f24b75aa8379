// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/names.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static Network renamed(std::size_t device, const std::string &name) {
    Network host = network();
    host.devices[device].name = name;
    return host;
}

// eth1 is a client device of the instance, eth2 nobody's.
static Tables access() {
    return attached({}, lcra(), network());
}

static std::string known_as(const Network &host, unsigned ifindex, Claim stronger) {
    const Network known = with_names(host, names_known_to(access(), 1, host, stronger));
    return known.find(ifindex)->name;
}

TEST(Names, NothingWasRenamed) {
    EXPECT_TRUE(names_known_to(access(), 1, network(), Claim::known_by_it).empty());
}

TEST(Names, ARenamedDeviceIsKnownByTheNameThatItHad) {
    for (const Claim stronger : {Claim::has_it, Claim::known_by_it})
        EXPECT_EQ(known_as(renamed(1, "lan0"), 11, stronger), "eth1");
    EXPECT_EQ(known_as(renamed(2, "lan0"), 12, Claim::known_by_it), "lan0");
}

TEST(Names, AnotherDeviceHasTheNameNow) {
    Network host = renamed(1, "lan0");
    host.devices[2].name = "eth1";
    EXPECT_EQ(known_as(host, 11, Claim::known_by_it), "eth1");
    EXPECT_EQ(known_as(host, 12, Claim::known_by_it), "lan0");
    EXPECT_EQ(known_as(host, 11, Claim::has_it), "lan0");
    EXPECT_EQ(known_as(host, 12, Claim::has_it), "eth1");
}

TEST(Names, TwoDevicesThatExchangedTheirNames) {
    Spec spec = lcra();
    spec.client_devices = {"eth1", "eth2"};
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    const Tables tables = attached({}, spec, host);
    std::swap(host.devices[1].name, host.devices[2].name);
    const Names names = names_known_to(tables, 1, host, Claim::known_by_it);
    EXPECT_EQ(names, (Names{{11, "eth1"}, {12, "eth2"}}));
    EXPECT_TRUE(names_known_to(tables, 1, host, Claim::has_it).empty());
}

TEST(Names, ADeviceOnTwoSidesHasOne) {
    const Tables tables = attached({}, hcra(), network());
    EXPECT_EQ(names_known_to(tables, 1, renamed(0, "wan0"), Claim::known_by_it),
              (Names{{10, "eth0"}}));
}

TEST(Names, OneThatWasMadeAgainIsKnownByName) {
    Network host = network();
    host.devices[1].ifindex = 46;
    host.devices[1].mac.octets[5] = 46;
    host.devices[2].ifindex = 11; // somebody else's now
    const Tables tables = access();
    const dhcp46_link_key clients = {11, 0, 0, DHCP46_SIDE_CLIENT, 0};
    EXPECT_EQ(device_of(clients, tables.links.at(clients), host)->ifindex, 46u);
    EXPECT_TRUE(names_known_to(tables, 1, host, Claim::known_by_it).empty());
}

// attach makes it, by its name.
TEST(Names, NotOfOurEndOfATsv) {
    const Tables tables = attached({}, tsv(), tsv_host());
    Network host = tsv_host();
    for (Device &device : host.devices)
        device.name += "x";
    const Names names = names_known_to(tables, 1, host, Claim::known_by_it);
    EXPECT_EQ(names, (Names{{10, "eth0"}}));
}
