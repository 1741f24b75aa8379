// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What is contract: sizes in the maps, and what relaying does to the size of a packet.
#include <cstddef>

#include <gtest/gtest.h>

#include "common/golden.h"

using namespace dhcp46::test;

namespace {

// bpftool users and a controller of another version rely on these.
TEST(AbiSizes, AsPublished) {
    EXPECT_EQ(sizeof(dhcp46_meta), 24u);
    EXPECT_EQ(sizeof(dhcp46_instance), 36u);
    EXPECT_EQ(sizeof(dhcp46_link_key), 12u);
    EXPECT_EQ(sizeof(dhcp46_link), 76u);
    EXPECT_EQ(sizeof(dhcp46_address_key), 24u);
    EXPECT_EQ(sizeof(dhcp46_address), 68u);
    EXPECT_EQ(sizeof(dhcp46_upstream_key), 8u);
    EXPECT_EQ(sizeof(dhcp46_upstream), 24u);
    EXPECT_EQ(sizeof(dhcp46_prefix_key), 24u);
    EXPECT_EQ(sizeof(dhcp46_prefix), 8u);
    EXPECT_EQ(sizeof(dhcp46_punt), 2056u);
}

TEST(AbiSizes, ReasonsIndexTheCounts) {
    EXPECT_EQ(offsetof(dhcp46_stats, dropped), sizeof(dhcp46_relayed) * DHCP46_TYPES);
    EXPECT_EQ(offsetof(dhcp46_stats, passed) - offsetof(dhcp46_stats, dropped),
              sizeof(dhcp46_count) * DHCP46_PASS_op_not_request);
    EXPECT_EQ(offsetof(dhcp46_stats, punted) - offsetof(dhcp46_stats, dropped),
              sizeof(dhcp46_count) * DHCP46_PUNT_too_big);
    EXPECT_EQ(offsetof(dhcp46_stats, noted) - offsetof(dhcp46_stats, dropped),
              sizeof(dhcp46_count) * DHCP46_NOTE_giaddr_replaced);
}

// A key's or value's alignment must not ask for more than the kernel's maps give.
TEST(AbiSizes, NoWiderThanEightOctets) {
    EXPECT_LE(alignof(dhcp46_stats), 8u);
    EXPECT_LE(alignof(dhcp46_punt), 8u);
    EXPECT_LE(alignof(dhcp46_address), 8u);
}

// requirements.md "Size arithmetic", on frames of the four paths that carry no padding.
std::ptrdiff_t growth(const std::string &name) {
    const GoldenCase &each = golden().find(name);
    return static_cast<std::ptrdiff_t>(each.out.front().size()) -
           static_cast<std::ptrdiff_t>(each.in.size());
}

TEST(SizeArithmetic, CraAddsTheDifferenceOfTheHeaders) {
    EXPECT_EQ(growth("cra-request/lease-discover"), 20);
    EXPECT_EQ(growth("cra-reply/lease-offer"), -20);
}

TEST(SizeArithmetic, TraTakesItBackWithOption82) {
    EXPECT_EQ(DHCP46_OPTION82_LENGTH, 20);
    EXPECT_EQ(growth("tra-request/client-id-255-grown"), 0); // Option 82 is added,
    EXPECT_EQ(growth("tra-request/longest-options"), 0);     //
    EXPECT_EQ(growth("tra-request/lease-discover"), -20);    // or has room in the padding.
    EXPECT_EQ(growth("tra-reply/lease-offer"), 20);          // Its place stays, as padding.
}

} // namespace
