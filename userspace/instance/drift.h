// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// How an instance differs from what the configuration file says of it. Pure.
#ifndef DHCP46_INSTANCE_DRIFT_H
#define DHCP46_INSTANCE_DRIFT_H

#include <string>
#include <vector>

#include "instance/spec.h"
#include "instance/status.h"

namespace dhcp46 {

// In words; empty: it is as the file says. `running` is null if it is not attached. What a hook has
// learned is no drift: the file leaves it to the hook.
std::vector<std::string> drift_of(const Spec &file, const InstanceStatus *running);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_DRIFT_H
