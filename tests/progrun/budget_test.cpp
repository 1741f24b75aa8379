// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the verifier has to look at. It gives up at a million instructions, and how many a change
// costs is hard to foresee, so that a step towards that is to be noticed.
#include <gtest/gtest.h>

#include "progrun/programs.h"

using namespace dhcp46::test;

namespace {

struct Budget {
    Program program;
    std::uint32_t instructions; // the most that a supported kernel had to look at when this was
                                // written, and a fifth
};

constexpr Budget budgets[] = {
    {Program::xdp, 111700},    // 93,075 on 6.18, 89,744 on 6.1
    {Program::tc, 118500},     // 98,748, 95,855
    {Program::tc_l3, 116000},  // 96,647, 93,769
    {Program::egress, 112800}, // 93,975, 92,626
    {Program::account, 17200}, // 14,378
};

TEST(Verifier, StaysWithinBudget) {
    const Programs programs;
    for (const auto &[program, most] : budgets) {
        const std::uint32_t instructions = programs.verified_instructions(program);
        RecordProperty(name_of(program), static_cast<int>(instructions));
        EXPECT_GT(instructions, 0u) << name_of(program);
        EXPECT_LE(instructions, most) << name_of(program);
    }
}

} // namespace
