// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/health.h"

#include "controller/health_log.h"
#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;
using namespace std::chrono_literals;

static constexpr Now now = {1000s, 1'800'000'000s};

static std::uint64_t at(std::chrono::nanoseconds time) {
    return static_cast<std::uint64_t>(time.count());
}

static UpstreamHealth health(std::chrono::nanoseconds asked, std::chrono::nanoseconds reply) {
    return health_of({}, {at(asked), at(reply)}, now);
}

TEST(Health, CountsAreSummedOverCpus) {
    const UpstreamHealth sum = health_of({{1, 20, 7, 7}, {300, 4000, 7, 7}}, {}, now);
    EXPECT_EQ(sum.sent, 301u);
    EXPECT_EQ(sum.received, 4020u);
}

TEST(Health, NeverAskedIsNotSilent) {
    EXPECT_FALSE(health(0s, 0s).silent_for);
    EXPECT_FALSE(health(0s, 0s).last_reply);
}

TEST(Health, SilentOnceItIsAskedForLong) {
    EXPECT_FALSE(health(991s, 0s).silent_for);
    EXPECT_EQ(health(990s, 0s).silent_for, 10s);
    EXPECT_EQ(health(1s, 0s).silent_for, 999s);
    EXPECT_EQ(health(990s, 989s).silent_for, 10s);
}

TEST(Health, AReplyEndsSilence) {
    EXPECT_FALSE(health(900s, 901s).silent_for);
    EXPECT_FALSE(health(900s, 900s).silent_for);
}

// However long ago that was: nobody has asked since.
TEST(Health, WhoIsNotAskedIsNotSilent) {
    const UpstreamHealth idle = health(1s, 2s);
    EXPECT_FALSE(idle.silent_for);
    ASSERT_TRUE(idle.last_reply);
    EXPECT_EQ(idle.last_reply->ago, 998s);
    EXPECT_EQ(idle.last_reply->unix_time, 1'799'999'002s);
}

TEST(Health, TheKernelMayBeAheadOfUs) {
    const UpstreamHealth early = health(1002s, 1001s);
    EXPECT_FALSE(early.silent_for);
    EXPECT_EQ(early.last_reply->ago, 0s);
}

static InstanceStatus with_upstreams(
    const std::vector<std::pair<std::string, UpstreamHealth>> &all) {
    InstanceStatus status;
    std::strcpy(status.instance.name, "access");
    for (const auto &[address, one] : all)
        status.upstreams.push_back({0, address, 67, DHCP46_ORIGIN_CLI, one});
    return status;
}

static UpstreamHealth silent() {
    return health(950s, 0s);
}

static UpstreamHealth answering() {
    return health(950s, 951s);
}

TEST(HealthLog, EachIsToldOnce) {
    HealthLog log;
    EXPECT_TRUE(log.news({with_upstreams({{"a", answering()}, {"b", answering()}})}).empty());
    const auto news = log.news({with_upstreams({{"a", silent()}, {"b", answering()}})});
    ASSERT_EQ(news.size(), 1u);
    EXPECT_EQ(news[0].instance, "access");
    EXPECT_EQ(news[0].upstream, "a");
    EXPECT_EQ(news[0].silent_for, 50s);
    EXPECT_TRUE(log.news({with_upstreams({{"a", silent()}, {"b", answering()}})}).empty());
    const auto back = log.news({with_upstreams({{"a", answering()}, {"b", answering()}})});
    ASSERT_EQ(back.size(), 1u);
    EXPECT_EQ(back[0].upstream, "a");
    EXPECT_FALSE(back[0].silent_for);
    EXPECT_TRUE(log.news({with_upstreams({{"a", answering()}, {"b", answering()}})}).empty());
}

TEST(HealthLog, WhatIsSilentAtTheStartIsTold) {
    HealthLog log;
    EXPECT_EQ(log.news({with_upstreams({{"a", silent()}})}).size(), 1u);
}

TEST(HealthLog, WhatHasGoneIsNoNews) {
    HealthLog log;
    ASSERT_EQ(log.news({with_upstreams({{"a", silent()}, {"b", silent()}})}).size(), 2u);
    EXPECT_TRUE(log.news({with_upstreams({{"b", silent()}})}).empty());
    EXPECT_TRUE(log.news({with_upstreams({{"a", health(0s, 0s)}})}).empty()); // added anew
    EXPECT_TRUE(log.news({}).empty());
    EXPECT_EQ(log.news({with_upstreams({{"a", silent()}})}).size(), 1u);
}
