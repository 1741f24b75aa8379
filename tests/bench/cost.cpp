// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// bench_cost: what programs cost per packet, by BPF_PROG_TEST_RUN.
//
// Reads cases as JSON from standard input and writes what they took, in nanoseconds, to standard
// output. The empty program runs in the same loop, so that drift of the clock rate hits both.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "bench_probes.skel.h"
#include "probing.h"

namespace dhcp46::bench {

using Json = nlohmann::json;

// A frame that one program gets on one device.
struct Case {
    std::string name;
    std::string program; // where it is pinned
    std::string layer;   // xdp or tc
    std::vector<std::uint8_t> frame;
    unsigned ifindex = 0;
    std::uint32_t verdict = 0;           // what the program must return
    bool repeatable = false;             // the program leaves the frame as it is
    std::optional<bpf_fib_lookup> route; // the question that the program asks, if it does
};

// The programs that a case is measured against.
struct Reference {
    int empty, question, lookup;
};

static Case parse(const Json &json) {
    Case it;

    it.name = json.at("name");
    it.program = json.at("program");
    it.layer = json.at("layer");
    it.frame = from_hex(json.at("frame").get<std::string>());
    it.ifindex = index_of(json.at("device"));
    it.verdict = json.at("verdict");
    it.repeatable = json.at("repeatable");
    if (json.contains("route")) {
        const auto octets = from_hex(json.at("route").get<std::string>());
        bpf_fib_lookup route{};
        if (octets.size() != sizeof(route))
            throw std::invalid_argument("route: not a struct bpf_fib_lookup");
        std::memcpy(&route, octets.data(), sizeof(route));
        route.ifindex = it.ifindex;
        it.route = route;
    }
    return it;
}

struct Run {
    std::uint32_t verdict;
    double nanoseconds; // for one run, on average
};

static Run run(int program, const Case &it, int repeat) {
    xdp_md xdp{};
    __sk_buff skb{};
    bpf_test_run_opts options{};
    options.sz = sizeof(options);

    options.data_in = it.frame.data();
    options.data_size_in = static_cast<__u32>(it.frame.size());
    options.repeat = repeat;
    if (it.layer == "xdp") {
        xdp.data_end = options.data_size_in;
        xdp.ingress_ifindex = it.ifindex;
        options.ctx_in = &xdp;
        options.ctx_size_in = sizeof(xdp);
    } else {
        skb.ifindex = it.ifindex;
        options.ctx_in = &skb;
        options.ctx_size_in = sizeof(skb);
    }
    if (bpf_prog_test_run_opts(program, &options) != 0)
        fail(fmt::format("{}: test run", it.name), errno);
    return {options.retval, static_cast<double>(options.duration)};
}

static void check_verdict(const Case &it, std::uint32_t verdict) {
    if (verdict != it.verdict)
        throw std::runtime_error(
            fmt::format("{}: verdict {} and not {}", it.name, verdict, it.verdict));
}

// The mean of the middle half: as steady as the median, and finer than a clock that ticks in tens
// of nanoseconds.
static double middle(std::vector<double> &values) {
    const auto quarter = static_cast<std::ptrdiff_t>(values.size() / 4);

    std::sort(values.begin(), values.end());
    return std::accumulate(values.begin() + quarter, values.end() - quarter, 0.0) /
           static_cast<double>(values.size() - 2 * static_cast<std::size_t>(quarter));
}

// The middles of `rounds` runs of each program, one after the other.
template <std::size_t N>
static std::array<double, N> measure(const std::array<int, N> &programs, const Case &it, int rounds,
                                     int repeat) {
    std::array<std::vector<double>, N> taken;
    std::array<double, N> middles{};

    for (int round = 0; round < rounds; round++) {
        for (std::size_t i = 0; i < N; i++)
            taken[i].push_back(run(programs[i], it, repeat).nanoseconds);
    }
    for (std::size_t i = 0; i < N; i++)
        middles[i] = middle(taken[i]);
    return middles;
}

constexpr int hot_rounds = 41, hot_repeat = 10'000; // cache-warm runs, as in a flood

// A program that leaves the frame as it is.
static Json measure_repeatable(int program, const Reference &reference, const Case &it) {
    const auto [raw, empty] = measure<2>({program, reference.empty}, it, hot_rounds, hot_repeat);

    return {{"raw", raw}, {"empty", empty}};
}

// An XDP program that rewrites the frame: xdp_restored goes before it, and before the empty one.
static Json measure_restored(bench_probes &probes, int program, const Reference &reference,
                             const Case &it) {
    const int restored = bpf_program__fd(probes.progs.xdp_restored);
    const int target = bpf_map__fd(probes.maps.target);
    const auto run_after_restoring = [&](int next) {
        const unsigned key = 0;
        if (bpf_map_update_elem(target, &key, &next, BPF_ANY) != 0)
            fail("tail call", errno);
        return run(restored, it, hot_repeat);
    };
    std::vector<double> raw, empty;

    std::copy(it.frame.begin(), it.frame.end(), probes.bss->pattern);
    probes.bss->pattern_length = static_cast<__u32>(it.frame.size());
    for (int round = 0; round < hot_rounds; round++) {
        const auto done = run_after_restoring(program);
        check_verdict(it, done.verdict); // of the last run, so the frame was what it should be
        raw.push_back(done.nanoseconds);
        empty.push_back(run_after_restoring(reference.empty).nanoseconds);
    }
    return {{"raw", middle(raw)}, {"empty", middle(empty)}};
}

// A TC program that rewrites the frame: one run per call, whose overhead the empty one has too.
static Json measure_once(int program, const Reference &reference, const Case &it) {
    constexpr int rounds = 20'001;
    const auto [raw, empty] = measure<2>({program, reference.empty}, it, rounds, 1);

    return {{"raw", raw}, {"empty", empty}};
}

// The route lookup by itself, in the same way as the program under test was measured.
static double measure_lookup(const Reference &reference, const Case &it) {
    const auto answer = run(reference.lookup, it, 1).verdict;
    const bool is_xdp = it.layer == "xdp";

    if (answer != BPF_FIB_LKUP_RET_SUCCESS)
        throw std::runtime_error(fmt::format("{}: no route, the lookup says {}", it.name, answer));
    const auto [question, lookup] =
        measure<2>({reference.question, reference.lookup}, it, is_xdp ? hot_rounds : 20'001,
                   is_xdp ? hot_repeat : 1);
    return lookup - question;
}

static Json measure_case(bench_probes &probes, const Case &it) {
    const bool is_xdp = it.layer == "xdp";
    const Reference reference = {
        bpf_program__fd(is_xdp ? probes.progs.xdp_empty : probes.progs.tc_empty),
        bpf_program__fd(is_xdp ? probes.progs.xdp_question : probes.progs.tc_question),
        bpf_program__fd(is_xdp ? probes.progs.xdp_lookup : probes.progs.tc_lookup),
    };
    const int program = bpf_obj_get(it.program.c_str());

    if (program < 0)
        fail(it.program, errno);
    check_verdict(it, run(program, it, 1).verdict);
    Json result = it.repeatable       ? measure_repeatable(program, reference, it)
                  : it.layer == "xdp" ? measure_restored(probes, program, reference, it)
                                      : measure_once(program, reference, it);
    if (it.route) {
        probes.bss->question = *it.route;
        result["lookup"] = measure_lookup(reference, it);
    }
    close(program);
    result["name"] = it.name;
    return result;
}

static void measure_all() {
    const Probes probes = load_probes();
    Json results = Json::array();

    for (const auto &json : Json::parse(std::cin))
        results.push_back(measure_case(*probes, parse(json)));
    std::cout << results << '\n';
}

} // namespace dhcp46::bench

int main() {
    try {
        dhcp46::bench::measure_all();
        return 0;
    } catch (const std::exception &error) {
        fmt::print(stderr, "bench_cost: {}\n", error.what());
        return 1;
    }
}
