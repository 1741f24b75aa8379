// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The options of an instance on the command line.
#ifndef DHCP46_CLI_ATTACH_OPTIONS_H
#define DHCP46_CLI_ATTACH_OPTIONS_H

#include "instance/options.h"

namespace CLI {
class App;
}

namespace dhcp46 {

struct AttachOptions {
    InstanceOptions instance;
    std::optional<std::string> max_links; // none: as they are, or the default
};

// Those of the role that `options` has. CLI11 keeps references to it.
void add_attach_options(CLI::App &app, AttachOptions &options);

} // namespace dhcp46

#endif // DHCP46_CLI_ATTACH_OPTIONS_H
