// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the programs note of upstreams: the golden cases hold them to the counts, this to the times.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <time.h>

#include <gtest/gtest.h>

#include "progrun/lab.h"

using namespace dhcp46::test;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct Pair {
    const char *request; // a DISCOVER
    const char *reply;
};
constexpr Pair pairs[] = {
    {"cra-request/lease-discover", "cra-reply/lease-offer"},
    {"tra-request/lease-discover", "tra-reply/lease-offer"},
};

std::uint64_t now() {
    timespec time = {};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * second +
           static_cast<std::uint64_t>(time.tv_nsec);
}

// The lab of a golden case, in which others of the same world run, too.
class Stage {
  public:
    explicit Stage(const std::string &name)
        : lab_(Lab::enter(golden().find(name).world)), scene_(lab_.prepare(golden().find(name))) {
        clear();
    }

    void clear() { lab_.programs.clear_counters(); }

    std::int32_t run(const std::string &name, Program program) {
        const GoldenCase &each = golden().find(name);
        const auto ran = lab_.programs.run(program, each.in, scene_.ifindexes.at(each.on));
        return ran ? ran->action : -1;
    }

    UpstreamCounts counts(std::uint32_t slot = 0) const {
        return lab_.programs.upstreams().at(slot);
    }

    void set_times(std::uint64_t asked_ns, std::uint64_t reply_ns) {
        lab_.programs.set_times(0, {asked_ns, reply_ns});
    }

  private:
    Lab &lab_;
    Scene scene_;
};

void expect_about_now(std::uint64_t time, std::uint64_t before) {
    EXPECT_GE(time + second, before); // the kernel's coarse clock lags by a tick
    EXPECT_LE(time, now());
}

TEST(Health, TheFirstRequestAndTheReplyAreNoted) {
    for (const Pair &pair : pairs) {
        for (const Program program : {Program::xdp, Program::tc}) {
            SCOPED_TRACE(std::string(pair.request) + " " + name_of(program));
            Stage stage(pair.request);
            const std::uint64_t before = now();
            stage.run(pair.request, program);
            const UpstreamCounts asked = stage.counts();
            EXPECT_EQ(asked.sent, 1u);
            EXPECT_EQ(asked.received, 0u);
            expect_about_now(asked.times.asked_ns, before);
            EXPECT_EQ(asked.times.reply_ns, 0u);

            stage.run(pair.reply, program);
            const UpstreamCounts answered = stage.counts();
            EXPECT_EQ(answered.sent, 1u);
            EXPECT_EQ(answered.received, 1u);
            EXPECT_EQ(answered.times.asked_ns, asked.times.asked_ns);
            EXPECT_GE(answered.times.reply_ns, asked.times.asked_ns);
            expect_about_now(answered.times.reply_ns, before);
        }
    }
}

TEST(Health, OfRequestsWithoutAReplyTheFirstCounts) {
    Stage stage(pairs[0].request);
    const std::uint64_t first = now() - 9 * second;
    stage.set_times(first, first - second);
    stage.run(pairs[0].request, Program::xdp);
    EXPECT_EQ(stage.counts().times.asked_ns, first);
    EXPECT_EQ(stage.counts().sent, 1u);
}

TEST(Health, AReplyEndsIt) {
    Stage stage(pairs[0].request);
    const std::uint64_t first = now() - 9 * second;
    stage.set_times(first, first - second);
    stage.run(pairs[0].reply, Program::xdp);
    EXPECT_GT(stage.counts().times.reply_ns, first);
    EXPECT_EQ(stage.counts().times.asked_ns, first);
}

// Its reply might come in where the last one has just been noted, and would not be.
TEST(Health, ARequestRightAfterAReplyIsNotNoted) {
    Stage stage(pairs[0].request);
    const std::uint64_t asked = now() - 2 * second;
    const std::uint64_t reply = now() - second / 10;
    stage.set_times(asked, reply);
    stage.run(pairs[0].request, Program::xdp);
    if (now() - reply < second * 3 / 10) {
        EXPECT_EQ(stage.counts().times.asked_ns, asked);
    }
    stage.set_times(asked, now() - second);
    stage.run(pairs[0].request, Program::xdp);
    EXPECT_GT(stage.counts().times.asked_ns, asked);
}

// In a flood each CPU brings them up to date now and then; counts miss nothing.
TEST(Health, TimesAreNotedNowAndThen) {
    Stage stage(pairs[0].request);
    const std::uint64_t begin = now();
    stage.run(pairs[0].reply, Program::xdp);
    const std::uint64_t first = stage.counts().times.reply_ns;
    std::uint64_t replies = 1;
    while (stage.counts().times.reply_ns == first && now() - begin < second) {
        stage.run(pairs[0].reply, Program::xdp);
        replies++;
    }
    const UpstreamCounts counts = stage.counts();
    EXPECT_EQ(counts.received, replies);
    EXPECT_GE(counts.times.reply_ns - first, 20'000'000u); // 25 ticks of at least 1 ms, less one
    EXPECT_LT(counts.times.reply_ns - first, second);
}

// RFC 2131 section 4.3.2: not every server answers a REQUEST, and none a RELEASE or a DECLINE.
TEST(Health, OnlyADiscoverAsks) {
    for (const char *name : {"cra-request/lease-request", "cra-request/type-7"}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        EXPECT_EQ(stage.run(name, Program::xdp), XDP_REDIRECT);
        EXPECT_EQ(stage.counts().sent, 1u);
        EXPECT_EQ(stage.counts().times.asked_ns, 0u);
    }
}

// The server is there, whatever is wrong with what it sends.
TEST(Health, ABadReplyIsAReply) {
    for (const Program program : {Program::xdp, Program::tc}) {
        SCOPED_TRACE(name_of(program));
        Stage stage("tra-reply/no-opt82");
        EXPECT_EQ(stage.run("tra-reply/no-opt82", program),
                  program == Program::xdp ? std::int32_t{XDP_DROP} : std::int32_t{TC_ACT_SHOT});
        EXPECT_EQ(stage.counts().received, 1u);
        EXPECT_GT(stage.counts().times.reply_ns, 0u);
    }
}

} // namespace
