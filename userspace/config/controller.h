// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CONFIG_CONTROLLER_H
#define DHCP46_CONFIG_CONTROLLER_H

#include "config/report.h"

namespace dhcp46 {

// What the table [controller] means.
ControllerOptions read_controller(const Value &table, Report &report);

} // namespace dhcp46

#endif // DHCP46_CONFIG_CONTROLLER_H
