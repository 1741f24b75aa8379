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
#include <sched.h>
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
    bool forgets = false;                // XDP is to ask for the next hop each time
    std::optional<bpf_fib_lookup> route; // the question that the program asks, if it does
    std::vector<std::uint8_t> prefix;    // only this question, to cra_prefixes, is measured
};

// The programs that a case is measured against.
struct Reference {
    int empty, question, lookup;
};

static bpf_fib_lookup parse_route(const Json &json, unsigned ifindex) {
    const auto octets = from_hex(json.get<std::string>());
    bpf_fib_lookup route{};

    if (octets.size() != sizeof(route))
        throw std::invalid_argument("route: not a struct bpf_fib_lookup");
    std::memcpy(&route, octets.data(), sizeof(route));
    route.ifindex = ifindex;
    return route;
}

static Case parse(const Json &json) {
    Case it;

    it.name = json.at("name");
    it.program = json.at("program");
    it.layer = json.at("layer");
    it.frame = from_hex(json.at("frame").get<std::string>());
    it.ifindex = index_of(json.at("device"));
    it.verdict = json.at("verdict");
    it.repeatable = json.at("repeatable");
    it.forgets = json.value("forgets", false);
    if (json.contains("route"))
        it.route = parse_route(json.at("route"), it.ifindex);
    it.prefix = from_hex(json.value("prefix", ""));
    return it;
}

struct Run {
    std::uint32_t verdict;
    std::size_t length;
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
    return {options.retval, options.data_size_out, static_cast<double>(options.duration)};
}

// Relaying changes the length of every frame.
static void check(const Case &it, const Run &done) {
    if (done.verdict != it.verdict)
        throw std::runtime_error(
            fmt::format("{}: verdict {} and not {}", it.name, done.verdict, it.verdict));
    if ((done.length == it.frame.size()) != it.repeatable)
        throw std::runtime_error(fmt::format("{}: {} octets left", it.name, done.length));
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
constexpr int once_rounds = 20'001;

// A program that leaves the frame as it is.
static Json measure_repeatable(int program, const Reference &reference, const Case &it) {
    const auto [raw, empty] = measure<2>({program, reference.empty}, it, hot_rounds, hot_repeat);

    return {{"raw", raw}, {"empty", empty}};
}

// What XDP keeps of the kernel's answers (bpf/next_hops.h): slots for each CPU, which begin with a
// destination.
class NextHops {
  public:
    explicit NextHops(const bpf_map *map)
        : map_(bpf_map__fd(map)), slots_(bpf_map__max_entries(map)),
          words_((bpf_map__value_size(map) + 7) / 8),
          value_(words_ * static_cast<std::size_t>(libbpf_num_possible_cpus())) {}

    void forget() {
        std::fill(value_.begin(), value_.end(), 0);
        for (std::uint32_t slot = 0; slot < slots_; slot++) {
            if (bpf_map_update_elem(map_, &slot, value_.data(), BPF_ANY) != 0)
                fail("forget next hops", errno);
        }
    }

    // On any CPU.
    bool is_known(std::uint32_t slot) {
        if (bpf_map_lookup_elem(map_, &slot, value_.data()) != 0)
            fail("read next hops", errno);
        for (std::size_t word = 0; word < value_.size(); word += words_) {
            if (value_[word] != 0)
                return true;
        }
        return false;
    }

    std::uint32_t only_known() {
        std::vector<std::uint32_t> known;
        for (std::uint32_t slot = 0; slot < slots_; slot++) {
            if (is_known(slot))
                known.push_back(slot);
        }
        if (known.size() != 1)
            throw std::runtime_error(fmt::format("{} next hops are known", known.size()));
        return known.front();
    }

  private:
    int map_;
    std::uint32_t slots_;
    std::size_t words_;
    std::vector<std::uint64_t> value_;
};

// Runs XDP programs that rewrite the frame: a program goes before each that restores it.
class Restorer {
  public:
    Restorer(bench_probes &probes, const Case &it)
        : it_(it), front_(bpf_program__fd(it.forgets ? probes.progs.xdp_forgotten
                                                     : probes.progs.xdp_restored)),
          target_(bpf_map__fd(probes.maps.target)) {
        std::copy(it.frame.begin(), it.frame.end(), probes.bss->pattern);
        probes.bss->pattern_length = static_cast<__u32>(it.frame.size());
    }

    Run before(int program) const {
        const unsigned key = 0;
        if (bpf_map_update_elem(target_, &key, &program, BPF_ANY) != 0)
            fail("tail call", errno);
        return run(front_, it_, hot_repeat);
    }

  private:
    const Case &it_;
    int front_, target_;
};

static Json measure_restored(bench_probes &probes, int program, const Reference &reference,
                             const Case &it) {
    const Restorer restored(probes, it);
    std::vector<double> raw;
    std::vector<double> empty;

    for (int round = 0; round < hot_rounds; round++) {
        const Run done = restored.before(program);
        check(it, done); // the last run, so the frame was what it should be
        raw.push_back(done.nanoseconds);
        empty.push_back(restored.before(reference.empty).nanoseconds);
    }
    return {{"raw", middle(raw)}, {"empty", middle(empty)}};
}

// Likewise, and the program has to ask the kernel for the next hop each time.
static Json measure_forgotten(bench_probes &probes, int program, const Reference &reference,
                              const Case &it) {
    NextHops next_hops(probes.maps.next_hops);

    next_hops.forget();
    check(it, run(program, it, 1));
    const std::uint32_t slot = next_hops.only_known();
    probes.bss->next_hop_slot = slot;
    Json result = measure_restored(probes, program, reference, it);

    const Restorer restored(probes, it);
    restored.before(reference.empty);
    const bool was_forgotten = !next_hops.is_known(slot);
    restored.before(program);
    if (!was_forgotten || !next_hops.is_known(slot))
        throw std::runtime_error(fmt::format("{}: the next hop was not asked for", it.name));
    return result;
}

// A TC program that rewrites the frame: one run per call, whose overhead the empty one has too.
static Json measure_once(int program, const Reference &reference, const Case &it) {
    const auto [raw, empty] = measure<2>({program, reference.empty}, it, once_rounds, 1);

    return {{"raw", raw}, {"empty", empty}};
}

// What `lookup` costs more than `question`, which does all but the lookup itself. It is measured as
// the program under test was.
static double measure_lookup(const Reference &reference, const Case &it) {
    const auto answer = run(reference.lookup, it, 1).verdict;
    const bool is_xdp = it.layer == "xdp";

    if (answer != BPF_FIB_LKUP_RET_SUCCESS)
        throw std::runtime_error(fmt::format("{}: no route, the lookup says {}", it.name, answer));
    const auto [question, lookup] =
        measure<2>({reference.question, reference.lookup}, it, is_xdp ? hot_rounds : once_rounds,
                   is_xdp ? hot_repeat : 1);
    return lookup - question;
}

static Json measure_prefix(bench_probes &probes, const Case &it) {
    const int question = bpf_program__fd(probes.progs.xdp_prefix_question);
    const int lookup = bpf_program__fd(probes.progs.xdp_prefix_lookup);

    if (it.prefix.size() != sizeof(probes.bss->prefix))
        throw std::invalid_argument("prefix: not a key of cra_prefixes");
    std::copy(it.prefix.begin(), it.prefix.end(), probes.bss->prefix);
    check(it, run(lookup, it, 1));
    const auto [raw, empty] = measure<2>({lookup, question}, it, hot_rounds, hot_repeat);
    return {{"raw", raw}, {"empty", empty}};
}

static Json measure_program(bench_probes &probes, int program, const Case &it) {
    const bool is_xdp = it.layer == "xdp";
    const Reference reference = {
        bpf_program__fd(is_xdp ? probes.progs.xdp_empty : probes.progs.tc_empty),
        bpf_program__fd(is_xdp ? probes.progs.xdp_question : probes.progs.tc_question),
        bpf_program__fd(is_xdp ? probes.progs.xdp_lookup : probes.progs.tc_lookup),
    };

    check(it, run(program, it, 1));
    Json result = it.repeatable ? measure_repeatable(program, reference, it)
                  : it.forgets  ? measure_forgotten(probes, program, reference, it)
                  : is_xdp      ? measure_restored(probes, program, reference, it)
                                : measure_once(program, reference, it);
    if (it.route) {
        probes.bss->question = *it.route;
        result["lookup"] = measure_lookup(reference, it);
    }
    return result;
}

class Pinned {
  public:
    explicit Pinned(const std::string &path) : fd_(bpf_obj_get(path.c_str())) {
        if (fd_ < 0)
            fail(path, errno);
    }
    ~Pinned() { close(fd_); }
    Pinned(const Pinned &) = delete;
    Pinned &operator=(const Pinned &) = delete;

    int fd() const { return fd_; }

  private:
    int fd_;
};

// What is known on one CPU is not on another.
static void stay_on_this_cpu() {
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cpus);
    if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0)
        fail("stay on one CPU", errno);
}

// All cases are of one attachment, so that the programs have their maps in common.
static void measure_all() {
    const Json cases = Json::parse(std::cin);
    const Pinned any(cases.at(0).at("program").get<std::string>());
    const Probes probes = load_probes(any.fd());
    Json results = Json::array();

    stay_on_this_cpu();
    for (const auto &json : cases) {
        const Case it = parse(json);
        const Pinned program(it.program);
        results.push_back(it.prefix.empty() ? measure_program(*probes, program.fd(), it)
                                            : measure_prefix(*probes, it));
        results.back()["name"] = it.name;
    }
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
