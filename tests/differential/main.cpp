// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Compares the kernel's programs with the model on many packets. Needs root.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

#include "differential/comparison.h"
#include "differential/netns.h"
#include "differential/report.h"
#include "differential/world.h"

namespace dhcp46::test {

namespace {

constexpr std::uint64_t batch_size = 256;
constexpr std::uint64_t controller_every = 5; // of so many batches, one has a controller
constexpr double least_relayed = 60;
constexpr std::size_t least_of_each = 1000;

struct Arguments {
    std::uint64_t seed = 46;
    std::uint64_t first = 0;
    std::uint64_t packets = 2000000; // most go through two programs
    std::string report;
};

std::vector<Input> make_batch(const Arguments &arguments, std::uint64_t first) {
    const std::uint64_t end = arguments.first + arguments.packets;
    std::vector<Input> batch;
    for (std::uint64_t i = first; i < std::min(first + batch_size, end); i++)
        batch.push_back(make_input(arguments.seed, i));
    return batch;
}

void run_batches(const Arguments &arguments, Comparison &comparison) {
    constexpr std::size_t too_many = 20; // differences: it is no use to go on
    const std::uint64_t end = arguments.first + arguments.packets;

    for (std::uint64_t i = arguments.first; i < end; i += batch_size) {
        const bool alive = i / batch_size % controller_every == 0;
        comparison.run_batch(make_batch(arguments, i), alive);
        if (comparison.mismatches() > too_many)
            return;
    }
}

void print_summary(const Histogram &histogram, double seconds) {
    histogram.print();
    std::printf("compared: %zu; relayed: %.1f %%; %.1f s\n", histogram.compared(),
                histogram.relay_share(), seconds);
    for (const std::string &name : histogram.missing())
        std::printf("seen too seldom: %s\n", name.c_str());
}

std::vector<Verdict> judge(const Comparison &comparison, double seconds) {
    const Histogram &histogram = comparison.histogram();
    const bool each_relays =
        std::all_of(std::begin(all_programs), std::end(all_programs),
                    [&](Program program) { return histogram.relayed(program) >= least_of_each; });

    return {
        {"differential.equal", comparison.mismatches() == 0, seconds},
        {"differential.each-program", each_relays, 0},
        {"differential.relay-share", histogram.relay_share() >= least_relayed, 0},
        {"differential.every-reason", histogram.missing().empty(), 0},
    };
}

int compare(const Arguments &arguments) {
    const auto start = std::chrono::steady_clock::now();
    std::printf("seed %llu\n", static_cast<unsigned long long>(arguments.seed));
    enter_world();
    const Network network = make_network();
    Comparison comparison(network, arguments.seed);
    run_batches(arguments, comparison);

    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    print_summary(comparison.histogram(), took.count());
    const auto verdicts = judge(comparison, took.count());
    if (!arguments.report.empty())
        write_report(arguments.report, verdicts);
    return print_verdicts(verdicts) ? 0 : 1;
}

} // namespace

} // namespace dhcp46::test

int main(int argc, char **argv) {
    dhcp46::test::Arguments arguments;
    CLI::App app{"Compares the kernel's programs with the model, packet by packet."};
    app.add_option("--seed", arguments.seed, "of all packets");
    app.add_option("--first", arguments.first, "number of the first packet");
    app.add_option("--packets", arguments.packets, "how many");
    app.add_option("--report", arguments.report, "write a JSON report to this file");
    CLI11_PARSE(app, argc, argv);

    try {
        return dhcp46::test::compare(arguments);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "error: differential: %s\n", error.what());
        return 1;
    }
}
