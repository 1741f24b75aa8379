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
    {Program::xdp, 136500},    // 113,756 on 6.18, 103,341 on 6.1
    {Program::tc, 141400},     // 117,814, 114,779
    {Program::tc_l3, 140300},  // 116,886, 112,954
    {Program::egress, 134700}, // 110,330, 112,265
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
