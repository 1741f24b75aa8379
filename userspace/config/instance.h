// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CONFIG_INSTANCE_H
#define DHCP46_CONFIG_INSTANCE_H

#include "config/report.h"

namespace dhcp46 {

// What each table of [[instance]] means. Reports what is wrong, with each and between them; what it
// gives is complete if nothing is.
std::vector<Spec> read_instances(const std::vector<Value> &tables, Report &report);

} // namespace dhcp46

#endif // DHCP46_CONFIG_INSTANCE_H
