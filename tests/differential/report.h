// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The outcomes of a run, in the form that every layer's report has.
#pragma once

#include <string>
#include <vector>

namespace dhcp46::test {

struct Verdict {
    std::string name;
    bool passed = false;
    double seconds = 0;
};

// Prints each and a last line with the counts; returns whether all passed.
bool print_verdicts(const std::vector<Verdict> &verdicts);
void write_report(const std::string &path, const std::vector<Verdict> &verdicts);

} // namespace dhcp46::test
