// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CLI_COMMANDS_H
#define DHCP46_CLI_COMMANDS_H

#include "cli/options.h"

namespace dhcp46 {

// Does what the command line says, and prints to stdout; the exit code if there was no error.
Result<Exit> run_command(const Invocation &invocation);

} // namespace dhcp46

#endif // DHCP46_CLI_COMMANDS_H
