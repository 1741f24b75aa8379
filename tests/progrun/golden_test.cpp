// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Every golden case through both programs: what they do with the frame, and what they count.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <gtest/gtest.h>

#include "dhcp46/wire.h"
#include "progrun/lab.h"

using namespace dhcp46::test;

namespace {

std::vector<GoldenCase> cases_for(bool GoldenCase::*tier) {
    std::vector<GoldenCase> cases;
    for (const GoldenCase &each : golden().cases()) {
        if (each.*tier)
            cases.push_back(each);
    }
    return cases;
}

// "relayed.offer" as it is counted, where the case leaves the type open.
std::string counted_type(const CounterLines &lines) {
    const std::string key = "relayed.";
    for (const std::string &line : lines) {
        if (const auto at = line.find(key); at != std::string::npos)
            return line.substr(at + key.size(), line.find(' ', at) - at - key.size());
    }
    return "nothing";
}

std::string type_name(std::uint32_t type) {
    static const char *const names[] = {
#define DHCP46_TYPE(name, value) #name,
#include "dhcp46/counters.def"
    };
    return names[type];
}

// D-21: one packet has one fate, on the link where it came in.
CounterLines expected_counters(const GoldenCase &each, std::uint32_t link_id,
                               const std::string &tier, const CounterLines &counted) {
    const std::size_t bytes = each.in.size();
    switch (each.verdict) {
    case DHCP46_VERDICT_IGNORE:
        return {};
    case DHCP46_VERDICT_PUNT:
        return {count_line(link_id, DHCP46_DROP_no_controller, bytes)};
    case DHCP46_VERDICT_RELAY:
        break;
    default:
        return {count_line(link_id, each.reason, bytes)};
    }
    CounterLines lines = {relayed_line(
        link_id, each.type ? type_name(*each.type) : counted_type(counted), tier, bytes)};
    if (each.reason != DHCP46_NO_REASON)
        lines.push_back(count_line(link_id, each.reason, bytes));
    return lines;
}

class OneCase : public testing::TestWithParam<GoldenCase> {
  protected:
    void run(Program program) {
        Lab &lab = Lab::enter(GetParam().world);
        const Scene scene = lab.prepare(GetParam());
        link_id = scene.link_id(GetParam().on);
        ran = lab.programs.run(program, GetParam().in, scene.ifindexes.at(GetParam().on));
        counters = lab.programs.counters();
    }

    void expect_counters(const std::string &tier) const {
        EXPECT_EQ(counters, expected_counters(GetParam(), link_id, tier, counters));
    }

    void expect_untouched(int action) const {
        EXPECT_EQ(ran->action, action);
        EXPECT_EQ(hex(ran->out), hex(GetParam().in));
    }

    std::uint32_t link_id = 0;
    std::optional<Ran> ran;
    CounterLines counters;
};

class XdpGolden : public OneCase {};
class TcGolden : public OneCase {};

TEST_P(XdpGolden, Holds) {
    run(Program::xdp);
    ASSERT_TRUE(ran);
    if (GetParam().xdp_hands_on) {
        expect_untouched(XDP_PASS);
        EXPECT_EQ(counters, CounterLines{});
        return;
    }
    expect_counters("xdp");
    if (GetParam().verdict == DHCP46_VERDICT_DROP) {
        EXPECT_EQ(ran->action, XDP_DROP);
        return;
    }
    EXPECT_EQ(ran->action, XDP_REDIRECT);
    EXPECT_EQ(hex(ran->out), hex(GetParam().out));
}

TEST_P(TcGolden, Holds) {
    run(Program::tc);
    ASSERT_TRUE(ran);
    expect_counters("tc");
    switch (GetParam().verdict) {
    case DHCP46_VERDICT_IGNORE:
    case DHCP46_VERDICT_PASS:
        expect_untouched(TC_ACT_UNSPEC);
        return;
    case DHCP46_VERDICT_RELAY:
        break;
    default:
        EXPECT_EQ(ran->action, TC_ACT_SHOT);
        return;
    }
    EXPECT_EQ(ran->action, TC_ACT_REDIRECT);
    // The neighbour code fills in the addresses of what is routed.
    const bool routed = GetParam().to != "client";
    const std::size_t from = routed ? 2 * ETH_TYPE : 0;
    EXPECT_EQ(hex(ran->out).substr(from), hex(GetParam().out).substr(from));
}

INSTANTIATE_TEST_SUITE_P(Case, XdpGolden, testing::ValuesIn(cases_for(&GoldenCase::on_xdp)),
                         [](const auto &each) { return test_name(each.param.name); });
INSTANTIATE_TEST_SUITE_P(Case, TcGolden, testing::ValuesIn(cases_for(&GoldenCase::on_tc)),
                         [](const auto &each) { return test_name(each.param.name); });

} // namespace
