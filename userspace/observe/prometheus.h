// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Counters and readiness in Prometheus's text format, version 0.0.4. Names are a contract, see
// docs/metrics.md. Pure: what is read is handed in.
#ifndef DHCP46_OBSERVE_PROMETHEUS_H
#define DHCP46_OBSERVE_PROMETHEUS_H

#include <string>
#include <vector>

#include "instance/counters.h"
#include "instance/status.h"

namespace dhcp46 {

std::string prometheus_text(const std::string &version,
                            const std::vector<InstanceStatus> &instances,
                            const std::vector<InstanceStats> &counters);

} // namespace dhcp46

#endif // DHCP46_OBSERVE_PROMETHEUS_H
