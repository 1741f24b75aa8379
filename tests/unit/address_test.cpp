// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "util/address.h"

#include <gtest/gtest.h>

#include "net/network.h"

using namespace dhcp46;

TEST(Address, KindsOfIpv6) {
    const std::pair<const char *, Ip6Kind> cases[] = {
        {"::", Ip6Kind::unspecified},       {"::1", Ip6Kind::loopback},
        {"ff02::1", Ip6Kind::multicast},    {"fe80::1", Ip6Kind::link_local},
        {"febf::1", Ip6Kind::link_local},   {"fd00::1", Ip6Kind::unique_local},
        {"fc00::1", Ip6Kind::unique_local}, {"::ffff:192.0.2.1", Ip6Kind::v4_mapped},
        {"2001:db8::1", Ip6Kind::global},   {"64:ff9b::1", Ip6Kind::global},
    };
    for (const auto &[text, kind] : cases)
        EXPECT_EQ(kind_of(parse_ip6(text).value()), kind) << text;
}

TEST(Address, UsableIpv4IsUnicast) {
    for (const char *text : {"192.0.2.1", "10.0.0.1", "223.255.255.254"})
        EXPECT_TRUE(is_usable(parse_ip4(text).value())) << text;
    for (const char *text : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"})
        EXPECT_FALSE(is_usable(parse_ip4(text).value())) << text;
}

TEST(Address, RefusesWhatIsNoAddress) {
    for (const char *text : {"", "192.0.2", "192.0.2.1/24", "2001:db8::1%eth0", "tra.example"}) {
        EXPECT_FALSE(parse_ip4(text)) << text;
        EXPECT_FALSE(parse_ip6(text)) << text;
    }
}

TEST(Address, Prefixes) {
    EXPECT_EQ(to_string(parse_prefix6("2001:db8::/32").value()), "2001:db8::/32");
    EXPECT_EQ(parse_prefix6("::/0").value().length, 0u);
    EXPECT_EQ(parse_prefix6("2001:db8::1/128").value().length, 128u);
    for (const char *text : {"2001:db8::", "2001:db8::/", "2001:db8::/129", "2001:db8::/-1",
                             "2001:db8::/3x", "2001:db8::1/64", "192.0.2.0/24"})
        EXPECT_FALSE(parse_prefix6(text)) << text;
}

TEST(Address, PrefixesInsideOthers) {
    const auto inside = [](const char *outer, const char *inner) {
        return contains(parse_prefix6(outer).value(), parse_prefix6(inner).value());
    };
    EXPECT_TRUE(inside("::/0", "2001:db8::/32"));
    EXPECT_TRUE(inside("2001:db8::/32", "2001:db8::/32"));
    EXPECT_TRUE(inside("2001:db8:8000::/33", "2001:db8:8001::1/128"));
    EXPECT_FALSE(inside("2001:db8:8000::/33", "2001:db8:7fff::/48"));
    EXPECT_FALSE(inside("2001:db8::/32", "::/0"));
}

TEST(Address, MappedAndBack) {
    const Ip4 address = parse_ip4("192.0.2.1").value();
    EXPECT_EQ(to_string(v4_mapped(address)), "::ffff:192.0.2.1");
    EXPECT_EQ(from_v4_mapped(v4_mapped(address)), address);
}

TEST(Address, DirectedBroadcast) {
    const Ip4 own = parse_ip4("10.1.2.3").value();
    EXPECT_EQ(to_string(directed_broadcast({own, 24})), "10.1.2.255");
    EXPECT_EQ(to_string(directed_broadcast({own, 30})), "10.1.2.3");
    EXPECT_FALSE(directed_broadcast({own, 31}).is_set());
    EXPECT_FALSE(directed_broadcast({own, 32}).is_set());
    const Ip4 configured = parse_ip4("10.1.2.0").value();
    EXPECT_EQ(directed_broadcast({own, 24, configured}), configured);
}
