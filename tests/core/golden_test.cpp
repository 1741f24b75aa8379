// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Every golden case through the core and the buffer executor.
#include <gtest/gtest.h>

#include "common/golden.h"

using namespace dhcp46::test;

namespace {

std::vector<GoldenCase> core_cases() {
    std::vector<GoldenCase> cases;
    for (const GoldenCase &each : golden().cases()) {
        if (each.on_core)
            cases.push_back(each);
    }
    return cases;
}

// Any numbers: the core only hands them on.
Scene scene_of(const GoldenCase &each) {
    Ifindexes ifindexes;
    std::uint32_t next = 11;
    for (const GoldenDevice &device : golden().devices(each.world))
        ifindexes[device.name] = next++;
    return golden().scene(each, ifindexes);
}

class CoreGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(CoreGolden, Holds) {
    const GoldenCase &each = GetParam();
    const Scene scene = scene_of(each);
    const std::uint32_t ifindex = scene.ifindexes.at(each.on);
    const Outcome outcome = run(scene.network, each.in, ifindex, Tier::buffer, each.hook);

    EXPECT_EQ(difference(each, scene, outcome), "");
}

INSTANTIATE_TEST_SUITE_P(Case, CoreGolden, testing::ValuesIn(core_cases()),
                         [](const auto &each) { return test_name(each.param.name); });

} // namespace
