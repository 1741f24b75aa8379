// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/hook_needs.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static Device without_layer2(Device device) {
    device.ethernet = false;
    return device;
}

TEST(HookNeeds, EgressWhereCopiesLeaveAndWhereAnHcraCatchesItsClient) {
    const Device eth = device(1, "eth0");
    const auto egress = [&](dhcp46_role role, dhcp46_side side) {
        return hook_needs(role, side, eth).egress;
    };
    EXPECT_TRUE(egress(DHCP46_ROLE_LCRA, DHCP46_SIDE_IPV6));
    EXPECT_FALSE(egress(DHCP46_ROLE_LCRA, DHCP46_SIDE_CLIENT));
    EXPECT_TRUE(egress(DHCP46_ROLE_HCRA, DHCP46_SIDE_IPV6));
    EXPECT_TRUE(egress(DHCP46_ROLE_HCRA, DHCP46_SIDE_CLIENT));
    EXPECT_TRUE(egress(DHCP46_ROLE_TRA, DHCP46_SIDE_SERVER));
    EXPECT_FALSE(egress(DHCP46_ROLE_TRA, DHCP46_SIDE_IPV6));
    EXPECT_FALSE(egress(DHCP46_ROLE_TSV, DHCP46_SIDE_SERVER));
    EXPECT_FALSE(egress(DHCP46_ROLE_TSV, DHCP46_SIDE_IPV6));
}

TEST(HookNeeds, WithoutLayer2OneProgramOfItsOwn) {
    const Device tun = without_layer2(device(1, "tun0"));
    for (const dhcp46_role role : {DHCP46_ROLE_LCRA, DHCP46_ROLE_TRA, DHCP46_ROLE_TSV}) {
        const HookNeeds needs = hook_needs(role, DHCP46_SIDE_IPV6, tun);
        EXPECT_EQ(needs.ingress, IngressProgram::no_layer2);
        EXPECT_FALSE(needs.egress);
    }
    EXPECT_FALSE(hook_needs(DHCP46_ROLE_TRA, DHCP46_SIDE_SERVER, tun).egress);
    const HookNeeds ethernet = hook_needs(DHCP46_ROLE_LCRA, DHCP46_SIDE_IPV6, device(1, "eth0"));
    EXPECT_EQ(ethernet.ingress, IngressProgram::ethernet);
}

TEST(HookNeeds, ADeviceNeedsWhatAnyInstanceNeedsOfIt) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    const Tables both = attached(attached({}, tra(), host), lcra(), host);
    const auto needed = hook_needs(both, host);
    ASSERT_EQ(needed.size(), 3u);
    EXPECT_TRUE(needed.at(10).egress); // IPv6 side of both; the lcra needs it
    EXPECT_FALSE(needed.at(11).egress);
    EXPECT_TRUE(needed.at(13).egress);

    const auto id = find_instance(both, "access");
    ASSERT_TRUE(id);
    const auto left = hook_needs(without_instance(both, *id, {}, host), host);
    ASSERT_EQ(left.size(), 2u);
    EXPECT_FALSE(left.at(10).egress);
    EXPECT_TRUE(left.at(13).egress);
}

TEST(HookNeeds, ADeviceThatIsGoneKeepsItsNeeds) {
    const Tables tables = attached({}, lcra(), network());
    EXPECT_TRUE(hook_needs(tables, Network{}).at(10).egress);
}
