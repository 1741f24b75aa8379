// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Every golden case through both programs: what they do with the frame, and what they count.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <map>
#include <set>

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
    std::map<std::uint32_t, std::size_t> times;
    for (const std::uint32_t note : each.notes)
        times[note]++;
    for (const auto &[note, packets] : times)
        lines.push_back(count_line(link_id, note, bytes, packets));
    return lines;
}

std::vector<std::string> hex_of_all(const std::vector<Frame> &frames) {
    std::vector<std::string> all(frames.size());
    std::transform(frames.begin(), frames.end(), all.begin(), hex);
    return all;
}

using PacketsBy = std::map<std::string, std::uint64_t>; // by address, IPv4 as v4-mapped, as hex

enum class End { source, destination };

// The address at one end of a packet that begins at `offset`.
std::string address_of(const Frame &frame, std::size_t offset, End end) {
    const auto take = [&](std::size_t at, std::size_t length) {
        const auto from = frame.begin() + static_cast<std::ptrdiff_t>(offset + at);
        return Frame(from, from + static_cast<std::ptrdiff_t>(length));
    };
    if (frame.at(offset) >> 4 == 6)
        return hex(take(end == End::source ? IPV6_SRC : IPV6_DST, 16));
    return "00000000000000000000ffff" + hex(take(end == End::source ? IPV4_SRC : IPV4_DST, 4));
}

class OneCase : public testing::TestWithParam<GoldenCase> {
  protected:
    const GoldenCase &each = GetParam();
    Lab &lab = Lab::enter(each.world);
    Scene scene = lab.prepare(each);
    std::uint32_t link_id = each.verdict == DHCP46_VERDICT_IGNORE ? 0 : scene.link_id(each);
    std::optional<Ran> ran;
    CounterLines counters;

    bool is_reply() const { return each.name.find("-reply/") != std::string::npos; }
    std::uint32_t instance() const { return scene.entries.upstreams.begin()->first.instance; }

    void run(Program program) {
        lab.forget_what_left();
        ran = lab.programs.run(program, each.in, scene.ifindexes.at(each.on));
        counters = lab.programs.counters();
        ASSERT_TRUE(ran);
    }

    void expect_counters(const std::string &tier) const {
        EXPECT_EQ(counters, expected_counters(each, link_id, tier, counters));
    }

    bool has_ethernet(const std::string &device) const {
        return device == GoldenCase::host ||
               scene.network.ways.at(scene.ifindexes.at(device)).l2_length != 0;
    }

    // What is relayed counts at the upstreams that get it, or at the one that sent it.
    void expect_upstreams() const {
        PacketsBy sent, received, wanted_sent, wanted_received;
        std::set<std::string> known;
        for (const auto &[slot, counts] : lab.programs.upstreams()) {
            const auto &upstream = scene.entries.upstreams.at({instance(), slot});
            const std::string address = hex(Frame(upstream.address, upstream.address + 16));
            known.insert(address);
            if (counts.sent)
                sent[address] += counts.sent;
            if (counts.received)
                received[address] += counts.received;
        }
        if (is_reply()) {
            const auto from =
                address_of(each.in, has_ethernet(each.on) ? ETH_LENGTH : 0, End::source);
            if (known.contains(from))
                wanted_received[from] = 1;
        }
        for (const Frame &frame : each.out) {
            if (!is_reply())
                wanted_sent[address_of(frame, has_ethernet(each.to) ? ETH_LENGTH : 0,
                                       End::destination)]++;
        }
        EXPECT_EQ(sent, wanted_sent);
        EXPECT_EQ(received, wanted_received);
    }

    void expect_untouched(int action) const {
        EXPECT_EQ(ran->action, action);
        EXPECT_EQ(hex(ran->out), hex(each.in));
    }
};

class XdpGolden : public OneCase {};

TEST_P(XdpGolden, Holds) {
    run(Program::xdp);
    if (each.xdp_hands_on) {
        expect_untouched(XDP_PASS);
        EXPECT_EQ(counters, CounterLines{});
        return;
    }
    expect_counters("xdp");
    if (each.verdict == DHCP46_VERDICT_DROP) {
        EXPECT_EQ(ran->action, XDP_DROP);
        return;
    }
    EXPECT_EQ(ran->action, each.to == GoldenCase::host ? XDP_PASS : XDP_REDIRECT);
    // A device without layer-2 header takes no redirects: TC has it.
    ASSERT_EQ(each.out.size(), 1u);
    EXPECT_EQ(hex(ran->out), hex(each.out.front()));
    expect_upstreams();
}

class TcGolden : public OneCase {
  protected:
    // The frame as the program leaves it, as it is on the wire: the neighbour code fills in the
    // addresses of what is routed.
    Frame last_of_test_run() const {
        Frame frame = ran->out;
        const Frame &wanted = each.out.back();
        const auto macs = std::ptrdiff_t{ETH_TYPE};
        if (!has_ethernet(each.to))
            frame.erase(frame.begin(), frame.begin() + ETH_LENGTH);
        else if (each.is_routed())
            std::copy(wanted.begin(), wanted.begin() + macs, frame.begin());
        return frame;
    }

    // The clones have left; the packet itself is the last copy.
    void expect_sent() {
        EXPECT_EQ(ran->action, TC_ACT_REDIRECT);
        std::vector<Frame> sent;
        if (each.out.size() > 1)
            sent = lab.wire(each.to).take();
        sent.push_back(last_of_test_run());
        EXPECT_EQ(hex_of_all(sent), hex_of_all(each.out));
    }

    void expect_fate_of_test_run() {
        run(each.hook == Hook::egress ? Program::egress : Program::tc);
        switch (each.verdict) {
        case DHCP46_VERDICT_IGNORE:
        case DHCP46_VERDICT_PASS:
            expect_untouched(TC_ACT_UNSPEC);
            return;
        case DHCP46_VERDICT_RELAY:
            expect_sent();
            return;
        default:
            EXPECT_EQ(ran->action, TC_ACT_SHOT);
        }
    }

    // A test run takes each frame for Ethernet, and each checksum for finished.
    bool needs_a_real_run() const { return !has_ethernet(each.on) || each.partial; }

    void expect_fate_of_real_run() {
        lab.forget_what_left();
        lab.wire(each.on).give(each.in, each.partial);
        counters = lab.programs.counters();
        if (each.verdict == DHCP46_VERDICT_RELAY) {
            EXPECT_EQ(hex_of_all(lab.wire(each.to).take()), hex_of_all(each.out));
        }
    }
};

TEST_P(TcGolden, Holds) {
    if (needs_a_real_run())
        expect_fate_of_real_run();
    else
        expect_fate_of_test_run();
    expect_counters("tc");
    if (each.verdict == DHCP46_VERDICT_RELAY)
        expect_upstreams();
}

INSTANTIATE_TEST_SUITE_P(Case, XdpGolden, testing::ValuesIn(cases_for(&GoldenCase::on_xdp)),
                         [](const auto &each) { return test_name(each.param.name); });
INSTANTIATE_TEST_SUITE_P(Case, TcGolden, testing::ValuesIn(cases_for(&GoldenCase::on_tc)),
                         [](const auto &each) { return test_name(each.param.name); });

} // namespace
