// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/drop_log.h"

#include <gtest/gtest.h>

using namespace dhcp46;
using namespace std::chrono_literals;

static constexpr DropLog::Time start = DropLog::Time(1000s);

static std::vector<InstanceStats> counted(std::uint64_t too_short, std::uint64_t bad_options = 0) {
    LinkStats link;
    link.device = "eth1";
    link.side = DHCP46_SIDE_CLIENT;
    link.stats.dropped.too_short.packets = too_short;
    link.stats.dropped.bad_options.packets = bad_options;
    link.stats.passed.other_host.packets = 99; // no drop
    return {{"access", DHCP46_ROLE_LCRA, {link}}};
}

TEST(DropLog, WhatWasBeforeIsNoNews) {
    DropLog log;
    EXPECT_TRUE(log.news(counted(5), start).empty());
    EXPECT_TRUE(log.news(counted(5), start + 5s).empty());
}

TEST(DropLog, TellsOfNewOnesAtOnce) {
    DropLog log;
    ASSERT_TRUE(log.news(counted(5), start).empty());
    const auto news = log.news(counted(8), start + 5s);
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0].instance, "access");
    EXPECT_EQ(news[0].device, "eth1");
    EXPECT_EQ(news[0].side, DHCP46_SIDE_CLIENT);
    EXPECT_EQ(news[0].reason, "too_short");
    EXPECT_FALSE(news[0].text.empty());
    EXPECT_EQ(news[0].packets, 3u);
}

TEST(DropLog, OnceAMinuteForEachReason) {
    DropLog log;
    ASSERT_TRUE(log.news(counted(0), start).empty());
    ASSERT_EQ(log.news(counted(1), start + 5s).size(), 1u);
    EXPECT_TRUE(log.news(counted(500), start + 64s).empty());
    const auto other = log.news(counted(500, 1), start + 64s);
    ASSERT_EQ(other.size(), 1u);
    EXPECT_EQ(other[0].reason, "bad_options");
    const auto later = log.news(counted(501, 1), start + 65s);
    ASSERT_EQ(later.size(), 1u);
    EXPECT_EQ(later[0].packets, 500u); // none is left out
}

TEST(DropLog, CountersMayBeginAgain) {
    DropLog log;
    ASSERT_TRUE(log.news(counted(100), start).empty());
    EXPECT_TRUE(log.news({}, start + 5s).empty());
    const auto news = log.news(counted(2), start + 10s);
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0].packets, 2u);
    EXPECT_TRUE(log.news(counted(1), start + 15s).empty()); // attached anew within the minute
    EXPECT_EQ(log.news(counted(1), start + 75s).at(0).packets, 1u);
}
