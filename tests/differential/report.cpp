// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/report.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace dhcp46::test {

namespace {

const char *status_of(const Verdict &verdict) {
    return verdict.passed ? "passed" : "failed";
}

} // namespace

bool print_verdicts(const std::vector<Verdict> &verdicts) {
    const auto passed = std::count_if(verdicts.begin(), verdicts.end(),
                                      [](const Verdict &verdict) { return verdict.passed; });
    const auto failed = std::ssize(verdicts) - passed;

    for (const Verdict &verdict : verdicts)
        std::printf("%-7s %s (%.1f s)\n", status_of(verdict), verdict.name.c_str(),
                    verdict.seconds);
    std::printf("%td passed, %td failed, 0 skipped\n", passed, failed);
    return failed == 0;
}

void write_report(const std::string &path, const std::vector<Verdict> &verdicts) {
    auto entries = nlohmann::json::array();
    for (const Verdict &verdict : verdicts)
        entries.push_back({{"name", verdict.name},
                           {"ids", nlohmann::json::array()},
                           {"status", status_of(verdict)},
                           {"seconds", verdict.seconds}});
    std::ofstream(path) << entries.dump(1) << "\n";
}

} // namespace dhcp46::test
