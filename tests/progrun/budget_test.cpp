// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the verifier has to look at. It gives up at a million instructions, and how many a change
// costs is hard to foresee, so that a step towards that is to be noticed.
#include <gtest/gtest.h>

#include "progrun/programs.h"

using namespace dhcp46::test;

namespace {

// The most that a supported kernel had to look at when this was written, and a fifth: 109,334 and
// 103,068 on 6.18, 98,897 and 96,017 on 6.1.
constexpr std::uint32_t xdp_budget = 131200;
constexpr std::uint32_t tc_budget = 123700;

TEST(Verifier, StaysWithinBudget) {
    const Programs programs;
    const std::uint32_t xdp = programs.verified_instructions(Program::xdp);
    const std::uint32_t tc = programs.verified_instructions(Program::tc);
    RecordProperty("xdp", static_cast<int>(xdp));
    RecordProperty("tc", static_cast<int>(tc));
    EXPECT_GT(xdp, 0u);
    EXPECT_GT(tc, 0u);
    EXPECT_LE(xdp, xdp_budget);
    EXPECT_LE(tc, tc_budget);
}

} // namespace
