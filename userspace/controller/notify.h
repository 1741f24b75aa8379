// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CONTROLLER_NOTIFY_H
#define DHCP46_CONTROLLER_NOTIFY_H

#include <chrono>
#include <optional>
#include <string>

namespace dhcp46 {

// Tells the service manager, by the protocol of sd_notify(3): `READY=1`, `STATUS=…` and so on, one
// a line. Does nothing where there is none.
void notify_manager(const std::string &state);

// How often the manager wants to hear WATCHDOG=1: half of what it allows (sd_watchdog_enabled(3)).
std::optional<std::chrono::milliseconds> watchdog_interval();

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_NOTIFY_H
