// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "config/nearest.h"

#include <algorithm>
#include <cstddef>

namespace dhcp46 {

// How many letters to insert, delete, replace, or swap with the next one.
static std::size_t distance(const std::string &from, const std::string &to) {
    std::vector<std::vector<std::size_t>> d(from.size() + 1,
                                            std::vector<std::size_t>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); i++)
        d[i][0] = i;
    for (std::size_t j = 0; j <= to.size(); j++)
        d[0][j] = j;
    for (std::size_t i = 1; i <= from.size(); i++) {
        for (std::size_t j = 1; j <= to.size(); j++) {
            const std::size_t replaced = d[i - 1][j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[from.size()][to.size()];
}

static constexpr std::size_t longest = 64; // what is longer is like nothing

std::string nearest(const std::string &written, const std::vector<std::string> &known) {
    if (written.size() > longest)
        return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, written.size() / 3) + 1;
    for (const std::string &name : known) {
        const std::size_t steps = distance(written, name);
        if (steps < best_distance) {
            best_distance = steps;
            best = name;
        }
    }
    if (!best.empty() || written.size() < 3)
        return best;
    const auto begun = std::find_if(known.begin(), known.end(), [&](const std::string &name) {
        return name.starts_with(written);
    });
    return begun == known.end() ? std::string() : *begun;
}

} // namespace dhcp46
