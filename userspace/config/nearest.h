// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CONFIG_NEAREST_H
#define DHCP46_CONFIG_NEAREST_H

#include <string>
#include <vector>

namespace dhcp46 {

// The one that was probably meant by what was written; empty: none is like it.
std::string nearest(const std::string &written, const std::vector<std::string> &known);

} // namespace dhcp46

#endif // DHCP46_CONFIG_NEAREST_H
