// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which upstreams fell silent, or answer again: each is told once.
#ifndef DHCP46_CONTROLLER_HEALTH_LOG_H
#define DHCP46_CONTROLLER_HEALTH_LOG_H

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "instance/status.h"

namespace dhcp46 {

struct HealthNews {
    std::string instance;
    std::string upstream;
    std::optional<std::chrono::nanoseconds> silent_for; // none: it answers again
};

class HealthLog {
  public:
    // What is to be told, given how all instances are. An upstream that has gone is no news.
    std::vector<HealthNews> news(const std::vector<InstanceStatus> &instances);
    // Logs it.
    void tell(const std::vector<InstanceStatus> &instances);

  private:
    std::set<std::pair<std::string, std::string>> silent_; // instance and upstream
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_HEALTH_LOG_H
