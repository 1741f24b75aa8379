// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/histogram.h"

#include <algorithm>
#include <cstdio>

namespace dhcp46::test {

namespace {

constexpr std::size_t least = 100;

// The words of counters.def's `paths` column.
enum Paths : unsigned {
    CRA_REQUEST = 1,
    CRA_REPLY = 2,
    TRA_REQUEST = 4,
    TRA_REPLY = 8,
    CORE = 15,
    DATAPATH = 16,
    SLOWPATH = 32,
};

struct Reason {
    const char *section;
    const char *name;
    unsigned paths;
};

constexpr Reason reasons[] = {
#define DHCP46_DROP(name, paths, text) {"dropped", #name, paths},
#include "dhcp46/counters.def"
#define DHCP46_PASS(name, paths, text) {"passed", #name, paths},
#include "dhcp46/counters.def"
#define DHCP46_PUNT(name, paths, text) {"punted", #name, paths},
#include "dhcp46/counters.def"
#define DHCP46_NOTE(name, paths, text) {"noted", #name, paths},
#include "dhcp46/counters.def"
};
static_assert(std::size(reasons) == DHCP46_REASONS);

constexpr const char *types[] = {
#define DHCP46_TYPE(name, value) #name,
#include "dhcp46/counters.def"
};

// Of the programs' own reasons, what no test run shows: the kernel out of memory, and a ring that
// nobody empties.
constexpr std::size_t not_here[] = {DHCP46_DROP_edit_failed, DHCP46_DROP_punt_full,
                                    DHCP46_DROP_coalesced};

bool is_due(std::size_t reason) {
    return reasons[reason].paths & (CORE | DATAPATH) &&
           std::find(std::begin(not_here), std::end(not_here), reason) == std::end(not_here);
}

} // namespace

void Histogram::add(const Expected &expected, Program program) {
    Counts &counts = each_[static_cast<std::size_t>(program)];
    counts.compared++;
    counts.relayed += expected.relayed;
    counts.types[expected.type]++;
    counts.reasons[expected.reason]++;
    counts.reasons[DHCP46_NOTE_upstream_skipped] += expected.skipped;
}

std::size_t Histogram::compared() const {
    return sum([](const Counts &counts) { return counts.compared; });
}

double Histogram::relay_share() const {
    const auto relays = sum([](const Counts &counts) { return counts.relayed; });
    return compared() ? 100.0 * static_cast<double>(relays) / static_cast<double>(compared()) : 0;
}

std::vector<std::string> Histogram::missing() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < DHCP46_REASONS; i++) {
        if (is_due(i) && sum([i](const Counts &counts) { return counts.reasons[i]; }) < least)
            names.emplace_back(reasons[i].name);
    }
    return names;
}

template <typename Part>
void Histogram::print_line(const char *fate, const char *name, Part part) const {
    std::printf("%-9s%-20s", fate, name);
    for (const Counts &counts : each_)
        std::printf("%10zu", part(counts));
}

void Histogram::print() const {
    std::printf("%-9s%-20s", "fate", "reason");
    for (const Program program : all_programs)
        std::printf("%10s", name_of(program));
    std::printf("\n");
    for (std::size_t i = 0; i < DHCP46_TYPES; i++) {
        print_line("relayed", types[i], [i](const Counts &counts) { return counts.types[i]; });
        std::printf("\n");
    }
    for (std::size_t i = 0; i < DHCP46_REASONS; i++) {
        print_line(reasons[i].section, reasons[i].name,
                   [i](const Counts &counts) { return counts.reasons[i]; });
        std::printf("%s\n", is_due(i) ? "" : "  (not due here)");
    }
    print_line("all", "compared", [](const Counts &counts) { return counts.compared; });
    std::printf("\n");
    print_line("all", "relayed", [](const Counts &counts) { return counts.relayed; });
    std::printf("\n");
}

} // namespace dhcp46::test
