// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/expect.h"

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <algorithm>

#include "differential/world.h"

namespace dhcp46::test {

namespace {

void add_ethernet(Frame &frame) {
    const bool ipv6 = frame[0] >> 4 == 6;
    frame.insert(frame.begin(), 14, std::uint8_t{0});
    frame[12] = ipv6 ? 0x86 : 0x08;
    frame[13] = ipv6 ? 0xdd : 0x00;
}

constexpr auto tc_unspec = static_cast<std::uint32_t>(TC_ACT_UNSPEC);

// What a test run shows of what leaves. Of several copies that is the last: the others are clones,
// which have really left, and which the golden cases look at. TC leaves the MAC addresses of what
// is routed to the neighbour code; the header itself is there even where the device has none.
Frame shown_by_tc(const Sent &sent) {
    Frame frame = sent.frame;
    if (l2_length_of(sent.ifindex) == 0)
        add_ethernet(frame);
    if (sent.is_routed())
        std::fill_n(frame.begin(), 12, std::uint8_t{0});
    return frame;
}

bool is_odd_ipv6(std::uint32_t reason) {
    return reason == DHCP46_DROP_ipv6_fragment || reason == DHCP46_DROP_ipv6_ext_header;
}

void expect_xdp(const Outcome &outcome, Expected &expected) {
    expected.action = XDP_PASS;
    if (outcome.handed_on || outcome.verdict == DHCP46_VERDICT_IGNORE)
        return;
    expected.reason = outcome.reason;
    expected.action = XDP_DROP;
    if (outcome.verdict != DHCP46_VERDICT_RELAY)
        return;
    expected.action = outcome.out.back().way == DHCP46_WAY_HOST ? XDP_PASS : XDP_REDIRECT;
    expected.relayed = true;
    expected.frame = outcome.out.back().frame;
}

void expect_tc(const Outcome &outcome, bool alive, Expected &expected) {
    expected.action = tc_unspec;
    expected.reason = outcome.reason;
    switch (outcome.verdict) {
    case DHCP46_VERDICT_RELAY:
        expected.action = TC_ACT_REDIRECT;
        expected.relayed = true;
        expected.skipped = outcome.skipped;
        expected.frame = shown_by_tc(outcome.out.back());
        break;
    case DHCP46_VERDICT_DROP:
        if (alive && is_odd_ipv6(outcome.reason)) {
            expected.reason = DHCP46_PASS_to_controller;
            break;
        }
        expected.action = TC_ACT_SHOT;
        expected.punted = alive && outcome.reason == DHCP46_DROP_no_room;
        if (expected.punted)
            expected.reason = DHCP46_PUNT_too_big;
        break;
    case DHCP46_VERDICT_PUNT:
        expected.action = TC_ACT_SHOT;
        expected.punted = alive;
        if (!alive)
            expected.reason = DHCP46_DROP_no_controller;
        break;
    }
}

} // namespace

Expected expect(const Outcome &outcome, Tier tier, const Frame &frame, bool controller_alive) {
    Expected expected;

    expected.frame = frame;
    expected.link_id = outcome.link_id;
    if (tier == Tier::xdp)
        expect_xdp(outcome, expected);
    else
        expect_tc(outcome, controller_alive, expected);
    if (expected.relayed)
        expected.type = outcome.type;
    return expected;
}

void count(const Expected &expected, Tier tier, std::size_t octets, Stats &stats) {
    dhcp46_stats &link = stats[expected.link_id];

    if (expected.type < DHCP46_TYPES) {
        auto *relayed = reinterpret_cast<dhcp46_relayed *>(&link.relayed) + expected.type;
        (tier == Tier::xdp ? relayed->xdp : relayed->tc)++;
        relayed->bytes += octets;
    }
    const auto count_reason = [&](std::uint32_t reason, std::size_t packets) {
        auto *one = reinterpret_cast<dhcp46_count *>(&link.dropped) + reason;
        one->packets += packets;
        one->bytes += packets * octets;
    };
    if (expected.reason < DHCP46_REASONS)
        count_reason(expected.reason, 1);
    count_reason(DHCP46_NOTE_upstream_skipped, expected.skipped);
}

} // namespace dhcp46::test
