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

// Any four numbers: the core only hands them on.
Ifindexes made_up_ifindexes() {
    return {{"client", 11}, {"uplink", 12}, {"v6", 21}, {"v4", 22}};
}

Scene scene_of(const GoldenCase &each) {
    Ifindexes ifindexes;
    for (const GoldenDevice &device : golden().devices(each.world))
        ifindexes[device.name] = made_up_ifindexes().at(device.name);
    return golden().scene(each, ifindexes);
}

class CoreGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(CoreGolden, Holds) {
    const GoldenCase &each = GetParam();
    const Scene scene = scene_of(each);
    const Outcome outcome = run(scene.network, each.in, scene.ifindexes.at(each.on), Tier::buffer);

    EXPECT_EQ(verdict_name(outcome.verdict), verdict_name(each.verdict));
    EXPECT_EQ(reason_name(outcome.reason), reason_name(each.reason));
    if (each.verdict != DHCP46_VERDICT_IGNORE) {
        EXPECT_EQ(outcome.link_id, scene.link_id(each.on));
    }
    if (each.verdict != DHCP46_VERDICT_RELAY)
        return;
    EXPECT_EQ(outcome.out_ifindex, scene.ifindexes.at(each.to));
    EXPECT_EQ(hex(outcome.out), hex(each.out));
    if (each.type) {
        EXPECT_EQ(outcome.type, *each.type);
    }
}

INSTANTIATE_TEST_SUITE_P(Case, CoreGolden, testing::ValuesIn(core_cases()),
                         [](const auto &each) { return test_name(each.param.name); });

} // namespace
