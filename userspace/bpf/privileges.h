// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_BPF_PRIVILEGES_H
#define DHCP46_BPF_PRIVILEGES_H

#include <cstdint>
#include <string>

#include "util/result.h"

namespace dhcp46 {

// Names of those of CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON that a set of effective capabilities
// lacks; CAP_SYS_ADMIN stands for the first and the last.
std::string missing_capabilities(std::uint64_t effective);
// Exit 4 naming what is missing.
Status check_privileges();
// Likewise for the controller, which also sends by raw sockets and listens on UDP 67.
std::string missing_for_run(std::uint64_t effective);
Status check_privileges_of_run();
// An error of a system call, with the exit code that it deserves.
Error syscall_error(const std::string &what, int number);
// The same of a file in the bpffs: what is missing is mostly permission on it, and no capability.
Error file_error(const std::string &path, int number);

} // namespace dhcp46

#endif // DHCP46_BPF_PRIVILEGES_H
