// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/comparison.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>

#include "differential/mutate.h"
#include "differential/seeds.h"
#include "differential/world.h"

namespace dhcp46::test {

namespace {

constexpr std::size_t shown = 5; // differences that are printed in full

// Whether the kernel would have this program look at the packet.
bool may_see(Program program, const Input &input) {
    if (input.hook == Hook::egress || program == Program::egress)
        return input.hook == Hook::egress && program == Program::egress;
    return (l2_length_of(input.ifindex) == 0) == (program == Program::tc_l3);
}

void dump(const char *title, const Frame &frame) {
    std::printf("  %s, %zu octets", title, frame.size());
    for (std::size_t i = 0; i < frame.size(); i++) {
        if (i % 32 == 0)
            std::printf("\n    %04zx ", i);
        std::printf("%s%02x", i % 8 ? "" : " ", frame[i]);
    }
    std::printf("\n");
}

// What moved between two readings.
Stats difference(const Stats &before, const Stats &after) {
    constexpr std::size_t words = sizeof(dhcp46_stats) / sizeof(__u64);
    Stats moved(after.size());
    for (std::size_t id = 0; id < after.size(); id++) {
        __u64 old[words];
        __u64 now[words];
        std::memcpy(old, &before[id], sizeof(old));
        std::memcpy(now, &after[id], sizeof(now));
        for (std::size_t i = 0; i < words; i++)
            now[i] -= old[i];
        std::memcpy(&moved[id], now, sizeof(now));
    }
    return moved;
}

bool equal(const Stats &a, const Stats &b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(dhcp46_stats)) == 0;
}

bool is_punt_of(const dhcp46_punt &punt, const Input &input, const Expected &expected) {
    return punt.ifindex == input.ifindex && punt.link_id == expected.link_id &&
           punt.reason == expected.reason && punt.l2_length == l2_length_of(input.ifindex) &&
           punt.length == input.frame.size() &&
           std::equal(input.frame.begin(), input.frame.end(), punt.frame);
}

} // namespace

Input make_input(std::uint64_t seed, std::uint64_t number) {
    Random random(seed, number);
    Recipe recipe = make_seed(random);

    vary(random, recipe);
    if (random.percent(30))
        spoil(random, recipe);
    const Hook hook = recipe.egress ? Hook::egress : Hook::ingress;
    Frame frame = write_frame(recipe);
    if (l2_length_of(recipe.ifindex) == 0) {
        constexpr std::size_t least =
            ETH_LENGTH + IPV6_LENGTH; /* a test run refuses shorter ones */
        frame.erase(frame.begin(), frame.begin() + ETH_LENGTH);
        frame.resize(std::max(frame.size(), least));
    }
    return {number, recipe.ifindex, hook, std::move(frame)};
}

Comparison::Comparison(const Network &network, std::uint64_t seed)
    : network_(network), seed_(seed), kernel_(network) {}

void Comparison::report(const Input &input, Program program, const char *what) {
    mismatches_++;
    std::printf("MISMATCH %s: %s\n  again with: --seed %llu --first %llu --packets 1\n",
                name_of(program), what, static_cast<unsigned long long>(seed_),
                static_cast<unsigned long long>(input.number));
}

Outcome Comparison::model(const Input &input, Program program) const {
    if (program == Program::tc_l3 && !is_known_ether_type(input.frame))
        return {};
    return run(network_, input.frame, input.ifindex, tier_of(program), hook_of(program));
}

Expected Comparison::compare_frame(const Input &input, Program program, bool alive) {
    const Outcome outcome = model(input, program);
    Expected expected = expect(outcome, tier_of(program), input.frame, alive);
    const Result result = kernel_.run(program, input.frame, input.ifindex);

    if (result.action == expected.action && result.frame == expected.frame)
        return expected;
    report(input, program, "frame or verdict");
    if (mismatches_ > shown)
        return expected;
    std::printf("  on device %u; verdict %d, expected %d (reason %u, path %u)\n", input.ifindex,
                static_cast<int>(result.action), static_cast<int>(expected.action), outcome.reason,
                outcome.path);
    dump("in", input.frame);
    dump("expected", expected.frame);
    dump("out", result.frame);
    return expected;
}

// A packet at a time, with a look at the counters after each.
void Comparison::narrow_down(const std::vector<Input> &batch, Program program, bool alive) {
    for (const Input &input : batch) {
        const Outcome outcome = model(input, program);
        const Expected expected = expect(outcome, tier_of(program), input.frame, alive);
        Stats counted(link_ids);
        count(expected, tier_of(program), input.frame.size(), counted);

        const Stats before = kernel_.read_stats();
        kernel_.run(program, input.frame, input.ifindex);
        if (equal(difference(before, kernel_.read_stats()), counted))
            continue;
        report(input, program, "counters");
        dump("in", input.frame);
        return;
    }
    report(batch.front(), program, "counters of the batch that begins here");
}

bool Comparison::punts_agree(const std::vector<Input> &batch,
                             const std::vector<Expected> &expected) {
    const std::vector<dhcp46_punt> punts = kernel_.take_punts();
    std::size_t next = 0;

    for (std::size_t i = 0; i < batch.size(); i++) {
        if (!expected[i].punted)
            continue;
        if (next == punts.size() || !is_punt_of(punts[next], batch[i], expected[i]))
            return false;
        next++;
    }
    return next == punts.size();
}

void Comparison::run_program(const std::vector<Input> &batch, Program program, bool alive) {
    const Stats before = kernel_.read_stats();
    Stats counted(before.size());
    std::vector<Expected> all;

    for (const Input &input : batch) {
        all.push_back(compare_frame(input, program, alive));
        histogram_.add(all.back(), program);
        count(all.back(), tier_of(program), input.frame.size(), counted);
    }
    if (!punts_agree(batch, all))
        report(batch.front(), program, "punts of the batch that begins here");
    if (!equal(difference(before, kernel_.read_stats()), counted))
        narrow_down(batch, program, alive);
}

void Comparison::run_batch(const std::vector<Input> &batch, bool controller_alive) {
    for (const Program program : all_programs) {
        std::vector<Input> seen;
        std::copy_if(batch.begin(), batch.end(), std::back_inserter(seen),
                     [&](const Input &input) { return may_see(program, input); });
        if (seen.empty())
            continue;
        kernel_.set_controller(controller_alive);
        run_program(seen, program, controller_alive);
    }
}

} // namespace dhcp46::test
