// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/xdp_choice.h"

#include "lab.h"

using namespace dhcp46;

static XdpChoice choose(dhcp46_xdp_mode mode, const Device &in, const Device &out) {
    return choose_xdp(mode, in, {&out}, std::nullopt);
}

TEST(XdpChoice, NativeWhereBothSidesCan) {
    const Device in = lab::device(1, "in"), out = lab::device(2, "out");
    EXPECT_TRUE(choose(DHCP46_XDP_AUTO, in, out).native);
    EXPECT_TRUE(choose(DHCP46_XDP_NATIVE, in, out).native);
    EXPECT_FALSE(choose(DHCP46_XDP_OFF, in, out).native);
}

TEST(XdpChoice, ReceiverMustHaveBasicAndRedirect) {
    Device in = lab::device(1, "in");
    const Device out = lab::device(2, "out");
    in.xdp = XdpFeatures{true, false, true};
    const XdpChoice choice = choose(DHCP46_XDP_AUTO, in, out);
    EXPECT_FALSE(choice.native);
    EXPECT_NE(choice.why.find("in"), std::string::npos);
}

TEST(XdpChoice, WhatStaysOnTheHostNeedsNoRedirect) {
    Device in = lab::device(1, "in");
    in.xdp = XdpFeatures{true, false, false};
    EXPECT_TRUE(choose_xdp(DHCP46_XDP_AUTO, in, {}, std::nullopt).native);
    in.xdp->basic = false;
    EXPECT_FALSE(choose_xdp(DHCP46_XDP_AUTO, in, {}, std::nullopt).native);
}

TEST(XdpChoice, SenderMustTakeRedirects) {
    const Device in = lab::device(1, "in");
    Device out = lab::device(2, "out");
    out.kind = "veth";
    out.xdp = XdpFeatures{true, true, false};
    for (const dhcp46_xdp_mode mode : {DHCP46_XDP_AUTO, DHCP46_XDP_NATIVE}) {
        const XdpChoice choice = choose(mode, in, out);
        EXPECT_FALSE(choice.native);
        EXPECT_NE(choice.hint.find("gro on"), std::string::npos) << choice.hint;
    }
}

TEST(XdpChoice, EveryWayOutCounts) {
    const Device in = lab::device(1, "in"), good = lab::device(2, "good");
    Device bad = lab::device(3, "bad");
    bad.xdp = XdpFeatures{};
    EXPECT_FALSE(choose_xdp(DHCP46_XDP_AUTO, in, {&good, &bad}, std::nullopt).native);
}

TEST(XdpChoice, OldKernelBelievesHardware) {
    Device in = lab::device(1, "in"), out = lab::device(2, "out");
    in.xdp = out.xdp = std::nullopt;
    EXPECT_TRUE(choose(DHCP46_XDP_AUTO, in, out).native);
    in.kind = out.kind = "veth";
    EXPECT_FALSE(choose(DHCP46_XDP_AUTO, in, out).native);
    EXPECT_TRUE(choose(DHCP46_XDP_NATIVE, in, out).native);
}

TEST(XdpChoice, VlanIsForTc) {
    Device in = lab::device(1, "in");
    const Device out = lab::device(2, "out");
    in.kind = "vlan";
    EXPECT_FALSE(choose(DHCP46_XDP_NATIVE, in, out).native);
    EXPECT_FALSE(choose(DHCP46_XDP_AUTO, out, in).native);
    in.xdp = std::nullopt;
    EXPECT_FALSE(choose(DHCP46_XDP_NATIVE, out, in).native);
}

TEST(XdpChoice, WithoutEthernetHeaderItIsForTc) {
    const Device ethernet = lab::device(1, "eth0");
    Device tun = lab::device(2, "tun0"); // tun tells that it takes redirects, which are frames
    tun.kind = "tun";
    tun.ethernet = false;
    for (const dhcp46_xdp_mode mode : {DHCP46_XDP_AUTO, DHCP46_XDP_NATIVE}) {
        EXPECT_FALSE(choose(mode, tun, ethernet).native);
        EXPECT_FALSE(choose(mode, ethernet, tun).native);
    }
}

TEST(XdpChoice, OldKernelDoesNotBelieveBridgesEvenIfAsked) {
    Device in = lab::device(1, "in"), bridge = lab::device(2, "br0");
    in.xdp = bridge.xdp = std::nullopt;
    for (const char *kind : {"bridge", "macvlan", "ipvlan", "bond"}) {
        bridge.kind = kind;
        EXPECT_FALSE(choose(DHCP46_XDP_NATIVE, in, bridge).native) << kind;
    }
}

TEST(XdpChoice, ForeignProgramIsNamed) {
    const Device in = lab::device(1, "in"), out = lab::device(2, "out");
    const XdpChoice choice = choose_xdp(DHCP46_XDP_AUTO, in, {&out}, "firewall, program id 7");
    EXPECT_FALSE(choice.native);
    EXPECT_NE(choice.why.find("firewall, program id 7"), std::string::npos);
    EXPECT_FALSE(choice.hint.empty());
}
