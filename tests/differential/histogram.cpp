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

void Histogram::add(const Expected &expected, Tier tier) {
    Counts &counts = by_tier_[index(tier)];
    counts.compared++;
    counts.relayed += expected.relayed;
    counts.types[expected.type]++;
    counts.reasons[expected.reason]++;
    counts.reasons[DHCP46_NOTE_upstream_skipped] += expected.skipped;
}

double Histogram::relay_share() const {
    const auto all = by_tier_[0].compared + by_tier_[1].compared;
    const auto relays = by_tier_[0].relayed + by_tier_[1].relayed;
    return all ? 100.0 * static_cast<double>(relays) / static_cast<double>(all) : 0;
}

std::vector<std::string> Histogram::missing() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < DHCP46_REASONS; i++) {
        if (is_due(i) && by_tier_[0].reasons[i] + by_tier_[1].reasons[i] < least)
            names.emplace_back(reasons[i].name);
    }
    return names;
}

void Histogram::print() const {
    const auto &[xdp, tc] = by_tier_;
    std::printf("%-9s%-20s%12s%12s\n", "fate", "reason", "xdp", "tc");
    for (std::size_t i = 0; i < DHCP46_TYPES; i++)
        std::printf("%-9s%-20s%12zu%12zu\n", "relayed", types[i], xdp.types[i], tc.types[i]);
    for (std::size_t i = 0; i < DHCP46_REASONS; i++) {
        std::printf("%-9s%-20s%12zu%12zu%s\n", reasons[i].section, reasons[i].name, xdp.reasons[i],
                    tc.reasons[i], is_due(i) ? "" : "  (not due here)");
    }
}

} // namespace dhcp46::test
