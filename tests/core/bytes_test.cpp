// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <array>

#include <gtest/gtest.h>

#include "dhcp46/core/bytes.h"

namespace {

class At : public testing::Test {
  protected:
    std::array<__u8, 64> frame = {};
    dhcp46_view view = {frame.data(), frame.data() + frame.size()};
};

TEST_F(At, GivesWhatTheFrameHas) {
    EXPECT_EQ(dhcp46_at(view, 0, 64), frame.data());
    EXPECT_EQ(dhcp46_at(view, 0, 0), frame.data());
    EXPECT_EQ(dhcp46_at(view, 60, 4), frame.data() + 60);
    EXPECT_EQ(dhcp46_at(view, 64, 0), frame.data() + 64);
}

TEST_F(At, RefusesWhatItHasNot) {
    EXPECT_EQ(dhcp46_at(view, 0, 65), nullptr);
    EXPECT_EQ(dhcp46_at(view, 61, 4), nullptr);
    EXPECT_EQ(dhcp46_at(view, 64, 1), nullptr);
    EXPECT_EQ(dhcp46_at(view, 65, 0), nullptr);
    EXPECT_EQ(dhcp46_at(view, DHCP46_OFFSET_MASK, 1), nullptr);
}

// Offsets are masked for the verifier: one beyond the mask must come from a caller that has
// checked it, and still never leads out of the frame.
TEST_F(At, StaysInsideWhateverTheOffset) {
    for (const __u32 offset : {0x4000u, 0x4010u, 0xffffu, 0x10000u, 0xffffffffu}) {
        for (const __u32 size : {0u, 1u, 16u, 64u, 65u}) {
            const __u8 *p = dhcp46_at(view, offset, size);
            EXPECT_TRUE(!p || (p >= view.data && p + size <= view.end)) << offset << " " << size;
        }
    }
}

TEST_F(At, EmptyFrame) {
    const dhcp46_view empty = {frame.data(), frame.data()};
    EXPECT_EQ(dhcp46_at(empty, 0, 1), nullptr);
}

TEST(Access, LoadsAndStoresAtAnyAlignment) {
    std::array<__u8, 24> octets = {};
    for (__u8 offset = 0; offset < 8; offset++) {
        dhcp46_store64(octets.data() + offset, 0x1122334455667788);
        EXPECT_EQ(dhcp46_load64(octets.data() + offset), 0x1122334455667788u);
        dhcp46_store32(octets.data() + offset, 0x99aabbcc);
        EXPECT_EQ(dhcp46_load32(octets.data() + offset), 0x99aabbccu);
        dhcp46_store16(octets.data() + offset, 0xddee);
        EXPECT_EQ(dhcp46_load16(octets.data() + offset), 0xddeeu);
    }
}

TEST(Access, LeadingZeros) {
    std::array<__u8, 8> octets = {};
    EXPECT_EQ(dhcp46_leading_zeros8(octets.data()), 8u);
    for (__u32 first = 0; first < 8; first++) {
        for (const __u8 value : {__u8{0x01}, __u8{0x80}, __u8{0xff}}) {
            octets = {};
            octets[first] = value;
            EXPECT_EQ(dhcp46_leading_zeros8(octets.data()), first);
            octets[7] = 0xff;
            EXPECT_EQ(dhcp46_leading_zeros8(octets.data()), first);
        }
    }
}

TEST(Access, NetworkOrder) {
    const std::array<__u8, 4> octets = {0x12, 0x34, 0x56, 0x78};
    EXPECT_EQ(dhcp46_swap16(dhcp46_load16(octets.data())), 0x1234);
    EXPECT_EQ(dhcp46_swap32(dhcp46_load32(octets.data())), 0x12345678u);
}

} // namespace
