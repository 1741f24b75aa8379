// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the verifier has to look at. It gives up at a million instructions, and how many a change
// costs is hard to foresee, so that a step towards that is to be noticed.
#include <sys/utsname.h>

#include <string>

#include <gtest/gtest.h>

#include "progrun/programs.h"

using namespace dhcp46::test;

namespace {

struct Budget {
    const char *kernel; // a prefix of its release; the first that fits counts
    std::uint32_t xdp;
    std::uint32_t tc;
};

// Newer kernels: what it was when this was written, and a fifth. 6.1 remembers less of what it has
// seen; one bound for both programs.
constexpr Budget budgets[] = {
    {"6.1.", 200000, 200000},
    {"", 131200, 123700},
};

const Budget &budget() {
    utsname name = {};
    uname(&name);
    const std::string release = name.release;
    for (const Budget &each : budgets) {
        if (release.compare(0, std::string(each.kernel).size(), each.kernel) == 0)
            return each;
    }
    return budgets[0];
}

TEST(Verifier, StaysWithinBudget) {
    const Programs programs;
    const std::uint32_t xdp = programs.verified_instructions(Program::xdp);
    const std::uint32_t tc = programs.verified_instructions(Program::tc);
    RecordProperty("xdp", static_cast<int>(xdp));
    RecordProperty("tc", static_cast<int>(tc));
    EXPECT_GT(xdp, 0u);
    EXPECT_GT(tc, 0u);
    EXPECT_LE(xdp, budget().xdp);
    EXPECT_LE(tc, budget().tc);
}

} // namespace
