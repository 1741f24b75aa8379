// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// `dhcp46 run`: lets the maps follow the configuration file and the network. The instances do
// without it: it holds no state that they need, and may end at any moment.
#ifndef DHCP46_CONTROLLER_CONTROLLER_H
#define DHCP46_CONTROLLER_CONTROLLER_H

#include <optional>
#include <string>

#include "observe/log_options.h"
#include "util/result.h"

namespace dhcp46 {

struct ControllerSetup {
    std::string bpffs;
    std::string version;                 // of dhcp46, as metrics tell it
    std::string file;                    // empty: none
    std::optional<LogFormat> log_format; // none: that of the file, or text
    std::optional<LogLevel> log_level;   // none: that of the file, or info
};

// Returns when a signal ends it, or with what keeps it from working at all.
Status run_controller(const ControllerSetup &setup);

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_CONTROLLER_H
