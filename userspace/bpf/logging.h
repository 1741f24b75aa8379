// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_BPF_LOGGING_H
#define DHCP46_BPF_LOGGING_H

namespace dhcp46 {

// What libbpf says goes to our log, at debug level: its warnings are about attempts that may fail.
void log_libbpf();

} // namespace dhcp46

#endif // DHCP46_BPF_LOGGING_H
