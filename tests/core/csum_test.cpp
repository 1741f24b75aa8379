// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The checksum arithmetic against the sum of RFC 1071 section 1, octet by octet.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "dhcp46/core/csum.h"

namespace {

using Octets = std::vector<std::uint8_t>;

// The one's complement sum in host order: 0..0xffff, where 0 only comes of nothing but zeros.
std::uint32_t naive_sum(const Octets &octets, std::size_t offset = 0) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); i++) {
        sum += (i + offset) % 2 ? octets[i] : octets[i] * 256u;
        if (sum > 0xffff)
            sum -= 0xffff;
    }
    return sum;
}

// As the core sums: words as they lie in memory.
__u64 wide_sum(const Octets &octets) {
    __u64 sum = 0;
    for (std::size_t i = 0; i < octets.size(); i++)
        sum += i % 2 ? DHCP46_BE16(octets[i]) : DHCP46_BE16(octets[i] << 8);
    return sum;
}

std::uint32_t folded(__u64 sum) {
    return dhcp46_swap16(dhcp46_csum_fold16(sum));
}

class Csum : public testing::Test {
  protected:
    Octets random_octets(std::size_t length) {
        Octets octets(length);
        for (std::uint8_t &octet : octets)
            octet = static_cast<std::uint8_t>(random(256));
        return octets;
    }

    // The same in each run: Knuth's MMIX generator, of whose bits the upper ones are good.
    std::uint32_t random(std::uint32_t below) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<std::uint32_t>(state_ >> 33) % below;
    }

  private:
    std::uint64_t state_ = 1071;
};

TEST_F(Csum, FoldIsTheNaiveSum) {
    for (std::size_t length = 0; length < 200; length++) {
        const Octets octets = random_octets(length);
        EXPECT_EQ(folded(wide_sum(octets)), naive_sum(octets)) << length;
    }
}

TEST_F(Csum, FoldKeepsEveryCarry) {
    EXPECT_EQ(dhcp46_csum_fold16(0), 0);
    EXPECT_EQ(dhcp46_csum_fold16(0xffff), 0xffff);
    EXPECT_EQ(dhcp46_csum_fold16(0x10000), 1);
    EXPECT_EQ(dhcp46_csum_fold16(0x1ffff), 1);
    EXPECT_EQ(dhcp46_csum_fold16(0xffffffff), 0xffff);
    EXPECT_EQ(dhcp46_csum_fold16(0x1ffffffff), 1);
    EXPECT_EQ(dhcp46_csum_fold16(~__u64{0}), 0xffff);
    EXPECT_EQ(dhcp46_csum_fold32(~__u64{0}), 0xffffffffu);
    EXPECT_EQ(dhcp46_csum_fold32(0xffffffff00000001), 1u);
}

TEST_F(Csum, SumAtAnyOffset) {
    for (__u32 offset = 0; offset < 8; offset++) {
        for (std::size_t length = 1; length < 40; length++) {
            const Octets octets = random_octets(length);
            EXPECT_EQ(folded(dhcp46_csum_at(wide_sum(octets), offset)), naive_sum(octets, offset))
                << offset << " " << length;
        }
    }
}

TEST_F(Csum, AddressesAreSummedWhole) {
    const Octets address = random_octets(16);
    EXPECT_EQ(folded(dhcp46_csum_ipv6_address(address.data())), naive_sum(address));
    const Octets four(address.begin(), address.begin() + 4);
    EXPECT_EQ(folded(dhcp46_csum_ipv4_address(four.data())), naive_sum(four));
}

TEST_F(Csum, FieldIsNeverZero) {
    EXPECT_EQ(dhcp46_csum_udp(0xffff), 0xffff);
    EXPECT_EQ(dhcp46_csum_udp(0xffffffff), 0xffff);
    EXPECT_EQ(dhcp46_csum_udp(0), 0xffff);
    EXPECT_EQ(dhcp46_csum_udp(0xfffe), 1);
}

// One edit anywhere, even a change of length, is a difference to the old field.
TEST_F(Csum, UpdateIsTheFullSum) {
    for (int round = 0; round < 5000; round++) {
        Octets octets = random_octets(20 + random(30));
        const __u16 field = dhcp46_csum_udp(wide_sum(octets));
        const std::size_t offset = random(10);
        const std::size_t length = 1 + random(10);
        const auto at = octets.begin() + static_cast<std::ptrdiff_t>(offset);
        const Octets old(at, at + static_cast<std::ptrdiff_t>(length));
        const Octets changed = random_octets(length);
        std::copy(changed.begin(), changed.end(), at);

        const auto place = static_cast<__u32>(offset);
        const __u64 diff = dhcp46_csum_diff(dhcp46_csum_at(wide_sum(old), place),
                                            dhcp46_csum_at(wide_sum(changed), place));
        ASSERT_EQ(dhcp46_csum_update_udp(field, diff), dhcp46_csum_udp(wide_sum(octets)));
    }
}

// RFC 1624 section 3: the case in which equation 2 goes wrong.
TEST_F(Csum, UpdateRfc1624Example) {
    const __u64 diff = dhcp46_csum_diff(DHCP46_BE16(0x5555), DHCP46_BE16(0x3285));
    const __u16 field = dhcp46_csum_update_udp(DHCP46_BE16(0xdd2f), diff);
    EXPECT_EQ(field, 0xffff); // the header's 0x0000; UDP says it so
}

// D-2: a wrong checksum stays wrong, by as much as it was.
TEST_F(Csum, UpdateKeepsTheErrorOfAWrongField) {
    for (int round = 0; round < 2000; round++) {
        const Octets old = random_octets(4);
        const Octets changed = random_octets(4);
        const auto error = static_cast<__u16>(1 + random(0xfffe));
        const auto right = dhcp46_csum_udp(wide_sum(old));
        const auto wrong = dhcp46_csum_fold16(__u64{right} + error);
        const __u64 diff = dhcp46_csum_diff(wide_sum(old), wide_sum(changed));
        const __u16 after = dhcp46_csum_update_udp(wrong, diff);
        const __u16 right_after = dhcp46_csum_udp(wide_sum(changed));
        ASSERT_NE(after, right_after);
        ASSERT_EQ(after % 0xffff, (right_after + error) % 0xffff);
    }
}

TEST_F(Csum, DifferencesAdd) {
    const Octets a = random_octets(8);
    const Octets b = random_octets(8);
    const Octets c = random_octets(8);
    const __u64 two_steps =
        dhcp46_csum_diff(wide_sum(a), wide_sum(b)) + dhcp46_csum_diff(wide_sum(b), wide_sum(c));
    const __u16 field = dhcp46_csum_udp(wide_sum(a));
    EXPECT_EQ(dhcp46_csum_update_udp(field, two_steps),
              dhcp46_csum_update_udp(field, dhcp46_csum_diff(wide_sum(a), wide_sum(c))));
}

} // namespace
