// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/upstreams.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static const Ip6 a = ip6("2001:db8:ff::a"), b = ip6("2001:db8:ff::b"), c = ip6("2001:db8:ff::c");

static Tables holding(const std::map<std::uint32_t, Ip6> &slots) {
    Tables tables;
    for (const auto &[slot, address] : slots) {
        dhcp46_upstream entry = {};
        to_array(entry.address, address);
        entry.port = 67;
        entry.flags = slot == slots.rbegin()->first ? DHCP46_UPSTREAM_LAST : 0;
        entry.origin = DHCP46_ORIGIN_CLI;
        tables.upstreams[{1, slot}] = entry;
    }
    return tables;
}

static std::map<std::uint32_t, Ip6> slots(const Tables &tables) {
    std::map<std::uint32_t, Ip6> list;
    for (const auto &[slot, upstream] : upstreams_of(tables, 1))
        list[slot] = from_array<Ip6>(upstream.address);
    return list;
}

// The slots that say they are the last.
static std::vector<std::uint32_t> marked(const Tables &tables) {
    std::vector<std::uint32_t> list;
    for (const auto &[slot, upstream] : upstreams_of(tables, 1)) {
        if (upstream.flags & DHCP46_UPSTREAM_LAST)
            list.push_back(slot);
    }
    return list;
}

static Tables set(const Tables &before, const std::vector<Ip6> &wanted) {
    Tables after = before;
    set_upstreams(after, 1, upstreams_of(before, 1), wanted);
    return after;
}

// Applies one change after the other, as the kernel sees them, and looks at each state.
template <typename Look> static void step_through(const Tables &from, const Tables &to, Look look) {
    Tables now = from;
    for (const Change &change : difference(from, to)) {
        ASSERT_STREQ(change.map, "upstreams");
        dhcp46_upstream_key key = {};
        std::memcpy(&key, change.key.data(), sizeof(key));
        if (change.erase)
            now.upstreams.erase(key);
        else
            std::memcpy(&now.upstreams[key], change.value.data(), sizeof(dhcp46_upstream));
        look(now);
    }
    EXPECT_TRUE(difference(now, to).empty());
}

static void expect_safe_steps(const Tables &from, const Tables &to) {
    step_through(from, to, [](const Tables &now) {
        EXPECT_FALSE(now.upstreams.empty());
        for (const std::uint32_t slot : marked(now))
            EXPECT_EQ(slot, upstreams_of(now, 1).rbegin()->first);
    });
}

TEST(Upstreams, TheLastOneSaysSo) {
    using Slots = std::vector<std::uint32_t>;
    EXPECT_EQ(marked(set({}, {a})), Slots{0});
    EXPECT_EQ(marked(set({}, {a, b})), Slots{1});
    Tables tables = holding({{0, a}});
    EXPECT_EQ(add_upstream(tables, 1, b), UpstreamChange::done);
    EXPECT_EQ(marked(tables), Slots{1});
    EXPECT_EQ(delete_upstream(tables, 1, b), UpstreamChange::done);
    EXPECT_EQ(marked(tables), Slots{0});
    EXPECT_EQ(add_upstream(tables, 1, c), UpstreamChange::done);
    EXPECT_EQ(delete_upstream(tables, 1, a), UpstreamChange::done);
    EXPECT_EQ(marked(tables), Slots{1});
}

TEST(Upstreams, WhoStaysKeepsItsSlot) {
    EXPECT_EQ(slots(set(holding({{0, a}, {1, b}}), {b, c})),
              (std::map<std::uint32_t, Ip6>{{0, c}, {1, b}}));
    EXPECT_EQ(slots(set(holding({{0, a}, {1, b}}), {b, a})), slots(holding({{0, a}, {1, b}})));
    Tables tables = holding({{0, a}, {1, b}, {2, c}});
    EXPECT_EQ(delete_upstream(tables, 1, a), UpstreamChange::done);
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{1, b}, {2, c}}));
    EXPECT_EQ(add_upstream(tables, 1, a), UpstreamChange::done);
    EXPECT_EQ(slots(tables), slots(holding({{0, a}, {1, b}, {2, c}})));
}

TEST(Upstreams, AttachBringsASingleOneToTheFirstSlot) {
    const Tables tables = set(holding({{1, b}}), {b});
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{0, b}}));
    EXPECT_EQ(marked(tables), std::vector<std::uint32_t>{0});
}

TEST(Upstreams, NothingToDo) {
    Tables tables = holding({{0, a}});
    EXPECT_EQ(add_upstream(tables, 1, a), UpstreamChange::none);
    EXPECT_EQ(delete_upstream(tables, 1, b), UpstreamChange::none);
    EXPECT_TRUE(difference(holding({{0, a}}), tables).empty());
}

TEST(Upstreams, EightAndNoMore) {
    Tables tables;
    for (int i = 1; i <= 8; i++) {
        Ip6 address = a;
        address.octets[14] = static_cast<std::uint8_t>(i);
        EXPECT_EQ(add_upstream(tables, 1, address), UpstreamChange::done) << i;
    }
    EXPECT_EQ(add_upstream(tables, 1, c), UpstreamChange::full);
    EXPECT_EQ(upstreams_of(tables, 1).size(), 8u);
}

TEST(Upstreams, OtherInstancesAreLeftAlone) {
    Tables tables = holding({{0, a}});
    tables.upstreams[{2, 0}] = tables.upstreams.at({1, 0});
    EXPECT_EQ(delete_upstream(tables, 1, a), UpstreamChange::done);
    EXPECT_EQ(tables.upstreams.size(), 1u);
    EXPECT_EQ(upstreams_of(tables, 2).size(), 1u);
}

// A file speaks of its own only.
TEST(Upstreams, AFileLeavesThoseOfOthers) {
    Tables tables = holding({{0, a}});
    const auto by_file = [&](const std::vector<Ip6> &wanted) {
        return set_upstreams(tables, 1, upstreams_of(tables, 1), wanted, DHCP46_ORIGIN_FILE);
    };
    EXPECT_TRUE(by_file({b}));
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{0, a}, {1, b}}));
    EXPECT_TRUE(by_file({c}));
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{0, a}, {1, c}}));
    EXPECT_TRUE(by_file({a})); // now it is the file's, too
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{0, a}}));
    EXPECT_TRUE(by_file({b}));
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{0, b}}));
}

TEST(Upstreams, NoRoomBesideThoseOfOthers) {
    Tables tables;
    for (std::uint8_t i = 1; i <= 7; i++) {
        Ip6 address = a;
        address.octets[14] = i;
        ASSERT_EQ(add_upstream(tables, 1, address), UpstreamChange::done);
    }
    Tables full = tables;
    EXPECT_FALSE(set_upstreams(full, 1, upstreams_of(full, 1), {b, c}, DHCP46_ORIGIN_FILE));
    EXPECT_TRUE(difference(tables, full).empty());
}

static std::map<Ip6, dhcp46_origin> origins(const Tables &tables) {
    std::map<Ip6, dhcp46_origin> list;
    for (const auto &[slot, upstream] : upstreams_of(tables, 1))
        list[from_array<Ip6>(upstream.address)] = static_cast<dhcp46_origin>(upstream.origin);
    return list;
}

TEST(Upstreams, WhatIsLearnedReplacesWhatWasLearned) {
    Tables tables;
    EXPECT_EQ(learn_upstreams(tables, 1, {a, b}), UpstreamChange::done);
    EXPECT_EQ(origins(tables),
              (std::map<Ip6, dhcp46_origin>{{a, DHCP46_ORIGIN_HOOK}, {b, DHCP46_ORIGIN_HOOK}}));
    EXPECT_EQ(learn_upstreams(tables, 1, {b, a}), UpstreamChange::none);
    EXPECT_EQ(learn_upstreams(tables, 1, {c, b, c}), UpstreamChange::done);
    EXPECT_EQ(slots(tables), (std::map<std::uint32_t, Ip6>{{0, c}, {1, b}}));
    EXPECT_EQ(learn_upstreams(tables, 1, {}), UpstreamChange::done);
    EXPECT_TRUE(tables.upstreams.empty());
    EXPECT_EQ(learn_upstreams(tables, 1, {}), UpstreamChange::none);
}

TEST(Upstreams, ThoseOfOtherOriginsStayAsTheyAre) {
    Tables tables = holding({{0, a}, {1, b}});
    tables.upstreams.at({1, 1}).origin = DHCP46_ORIGIN_FILE;
    const auto others = origins(tables);
    EXPECT_EQ(learn_upstreams(tables, 1, {a, b}), UpstreamChange::none);
    EXPECT_EQ(learn_upstreams(tables, 1, {b, c}), UpstreamChange::done);
    auto with_learned = others;
    with_learned[c] = DHCP46_ORIGIN_HOOK;
    EXPECT_EQ(origins(tables), with_learned);
    EXPECT_EQ(learn_upstreams(tables, 1, {}), UpstreamChange::done);
    EXPECT_EQ(origins(tables), others);
}

TEST(Upstreams, NineAreNotLearned) {
    std::vector<Ip6> many;
    for (std::uint8_t i = 1; i <= 8; i++) {
        many.push_back(a);
        many.back().octets[14] = i;
    }
    Tables tables = holding({{0, a}});
    EXPECT_EQ(learn_upstreams(tables, 1, {b}), UpstreamChange::done);
    const Tables before = tables;
    EXPECT_EQ(learn_upstreams(tables, 1, many), UpstreamChange::full);
    EXPECT_TRUE(difference(before, tables).empty());
    many.pop_back();
    EXPECT_EQ(learn_upstreams(tables, 1, many), UpstreamChange::done);
    EXPECT_EQ(upstreams_of(tables, 1).size(), 8u);
}

// Packets meet every state between two writes.
TEST(Upstreams, TheMarkNeverLiesAndOneIsAlwaysThere) {
    const std::vector<Tables> states = {
        holding({{0, a}}),         holding({{0, b}}),         holding({{1, b}}),
        holding({{0, a}, {1, b}}), holding({{0, c}, {3, a}}), holding({{0, a}, {1, b}, {2, c}})};
    for (const Tables &from : states) {
        for (const Tables &to : states)
            expect_safe_steps(from, to);
    }
}

TEST(Upstreams, NoCopyIsMissedOrSentTwiceWhileOthersComeAndGo) {
    const auto copies = [](const Tables &tables, const Ip6 &address) {
        int count = 0;
        for (const auto &[slot, upstream] : upstreams_of(tables, 1))
            count += from_array<Ip6>(upstream.address) == address;
        return count;
    };
    const Tables from = holding({{0, a}, {1, b}});
    Tables without = from, with = from, learned = from;
    learned.upstreams.at({1, 0}).origin = DHCP46_ORIGIN_HOOK;
    EXPECT_EQ(learn_upstreams(learned, 1, {c}), UpstreamChange::done);
    EXPECT_EQ(delete_upstream(without, 1, a), UpstreamChange::done);
    EXPECT_EQ(add_upstream(with, 1, c), UpstreamChange::done);
    for (const Tables &to : {without, with, learned, set(from, {c, b}), set(from, {b, a})})
        step_through(from, to, [&](const Tables &now) { EXPECT_EQ(copies(now, b), 1); });
}
