// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Every golden case through the slow path's decision: it means the same as the kernel programs, and
// leaves nothing to anybody else.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/golden.h"
#include "common/model_lookups.h"
#include "slowpath/relay.h"

using namespace dhcp46;
using namespace dhcp46::test;

namespace {

// What the programs say of a frame as such, or of the way out, before or after they decide.
bool is_of_the_programs(std::uint32_t reason) {
    const std::uint32_t reasons[] = {
        DHCP46_DROP_no_route,        DHCP46_DROP_no_room,       DHCP46_DROP_ipv6_fragment,
        DHCP46_DROP_ipv6_ext_header, DHCP46_DROP_coalesced,     DHCP46_PASS_ipv4_fragment,
        DHCP46_PASS_vlan_tagged,     DHCP46_PASS_to_controller, DHCP46_PASS_other_host,
        DHCP46_PUNT_too_big,
    };
    return std::find(std::begin(reasons), std::end(reasons), reason) != std::end(reasons);
}

bool is_routed(const Departure &departure) {
    return departure.way == DHCP46_WAY_ROUTE || departure.way == DHCP46_WAY_DEVICE;
}

// The host's stack makes the layer-2 header of what is routed.
std::string hex_without_layer2(const Frame &frame, bool has_layer2) {
    return hex({frame.begin() + (has_layer2 ? ETH_LENGTH : 0), frame.end()});
}

// The programs hand up no frame that is not ours. Of those that are no datagrams to us either, the
// slow path would take some on an HCRA's link for its client's, and some that leave for what came.
bool is_never_handed_up(const GoldenCase &each) {
    return each.verdict == DHCP46_VERDICT_IGNORE &&
           (each.hook == Hook::egress || each.name.starts_with("hcra-others/"));
}

std::vector<GoldenCase> cases_with(bool punted) {
    std::vector<GoldenCase> cases;
    for (const GoldenCase &each : golden().cases()) {
        if (each.on_core && !is_of_the_programs(each.reason) && !is_never_handed_up(each) &&
            (each.verdict == DHCP46_VERDICT_PUNT) == punted)
            cases.push_back(each);
    }
    return cases;
}

Decision decision_on(const GoldenCase &each) {
    Ifindexes ifindexes;
    std::uint32_t next = 11;
    std::uint32_t has_ethernet = 1;
    for (const GoldenDevice &device : golden().devices(each.world)) {
        ifindexes[device.name] = next++;
        if (device.name == each.on)
            has_ethernet = device.mac.has_value();
    }
    const Scene scene = golden().scene(each, ifindexes);
    const ModelLookups lookups(scene.network.tables);
    return decide(each.in, has_ethernet != 0, ifindexes.at(each.on), lookups);
}

bool is_same(const Departure &departure, const Frame &expected) {
    if (!is_routed(departure))
        return departure.frame == expected;
    const bool has_layer2 = departure.frame.size() == expected.size();
    return hex_without_layer2(departure.frame, true) == hex_without_layer2(expected, has_layer2);
}

bool has_note(const GoldenCase &each, std::uint32_t note) {
    return std::find(each.notes.begin(), each.notes.end(), note) != each.notes.end();
}

class SlowPathGolden : public testing::TestWithParam<GoldenCase> {};

TEST_P(SlowPathGolden, Holds) {
    const GoldenCase &each = GetParam();
    const Decision decision = decision_on(each);

    ASSERT_EQ(verdict_name(decision.verdict), verdict_name(each.verdict));
    if (each.verdict != DHCP46_VERDICT_RELAY) {
        EXPECT_EQ(reason_name(decision.reason), reason_name(each.reason));
        return;
    }
    if (each.type) {
        EXPECT_EQ(decision.type, *each.type);
    }
    // Where no route leads is found out when a copy is sent.
    std::size_t next = 0;
    for (const Departure &departure : decision.departures) {
        if (next < each.out.size() && is_same(departure, each.out[next]))
            next++;
        else
            EXPECT_TRUE(has_note(each, DHCP46_NOTE_upstream_skipped)) << hex(departure.frame);
    }
    EXPECT_EQ(next, each.out.size());
}

INSTANTIATE_TEST_SUITE_P(Case, SlowPathGolden, testing::ValuesIn(cases_with(false)),
                         [](const auto &each) { return test_name(each.param.name); });

// What the programs hand up for its options is not handed on.
class SlowPathPunted : public testing::TestWithParam<GoldenCase> {};

TEST_P(SlowPathPunted, IsFinished) {
    const Decision decision = decision_on(GetParam());

    EXPECT_TRUE(decision.verdict == DHCP46_VERDICT_RELAY || decision.verdict == DHCP46_VERDICT_DROP)
        << verdict_name(decision.verdict);
}

INSTANTIATE_TEST_SUITE_P(Case, SlowPathPunted, testing::ValuesIn(cases_with(true)),
                         [](const auto &each) { return test_name(each.param.name); });

} // namespace
