// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_OBSERVE_LOG_OPTIONS_H
#define DHCP46_OBSERVE_LOG_OPTIONS_H

namespace dhcp46 {

enum class LogLevel { error, warn, info, debug };
enum class LogFormat { text, json };

} // namespace dhcp46

#endif // DHCP46_OBSERVE_LOG_OPTIONS_H
