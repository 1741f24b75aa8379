// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What is wrong with an option of an instance, wherever it was written: on the command line, or as
// a key in a configuration file.
#ifndef DHCP46_INSTANCE_PROBLEM_H
#define DHCP46_INSTANCE_PROBLEM_H

#include <cstddef>
#include <string>
#include <vector>

#include "util/result.h"

namespace dhcp46 {

struct Problem {
    std::string option;    // the long option without its hyphens, or "name"
    std::string value;     // empty: it is about no single one
    std::size_t index = 0; // of the value among those of a repeatable option
    std::string why;
    std::string hint; // names options as --OPTION
};
using Problems = std::vector<Problem>;

// As the command line says it.
Error error_of(const Problem &problem);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_PROBLEM_H
