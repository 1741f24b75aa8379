// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The keys that the file can have. Those of an instance are the options of `attach`.
#ifndef DHCP46_CONFIG_KEYS_H
#define DHCP46_CONFIG_KEYS_H

#include <string>
#include <vector>

#include "dhcp46/abi.h"

namespace dhcp46 {

// Of an [[instance]] with this role; with NONE, of any.
std::vector<std::string> instance_keys(dhcp46_role role);
std::vector<std::string> controller_keys();

} // namespace dhcp46

#endif // DHCP46_CONFIG_KEYS_H
