// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_BPF_WAIT_H
#define DHCP46_BPF_WAIT_H

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "instance/status.h"
#include "util/result.h"

namespace dhcp46 {

// Returns once the instance is ready, bringing its entries up to date where the network has what
// they lack. `tell` hears how it is whenever what is missing changes, and at the end.
Status wait_until_ready(const std::string &bpffs, const std::string &name,
                        std::optional<std::chrono::seconds> timeout,
                        const std::function<void(const InstanceStatus &)> &tell);

} // namespace dhcp46

#endif // DHCP46_BPF_WAIT_H
