// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Reading what runs.
#ifndef DHCP46_BPF_INSPECT_H
#define DHCP46_BPF_INSPECT_H

#include <string>
#include <vector>

#include "instance/counters.h"
#include "instance/status.h"
#include "util/result.h"

namespace dhcp46 {

// `name` empty: all. A name that is not there is an error; nothing attached is not.
Result<std::vector<InstanceStatus>> inspect_status(const std::string &bpffs,
                                                   const std::string &name);
Result<std::vector<InstanceStats>> inspect_stats(const std::string &bpffs, const std::string &name);

} // namespace dhcp46

#endif // DHCP46_BPF_INSPECT_H
