// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which drops are worth a line in the log: new ones, at most once a minute for each link and
// reason.
#ifndef DHCP46_CONTROLLER_DROP_LOG_H
#define DHCP46_CONTROLLER_DROP_LOG_H

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "instance/counters.h"

namespace dhcp46 {

struct NewDrops {
    std::string instance;
    std::string device;
    dhcp46_side side = DHCP46_SIDE_NONE;
    std::string reason;
    std::string text; // what the reason means
    std::uint64_t packets = 0;
};

class DropLog {
  public:
    using Time = std::chrono::steady_clock::time_point;

    // What is to be told, given all counters as they are. The first time nothing: what was dropped
    // before we came is no news.
    std::vector<NewDrops> news(const std::vector<InstanceStats> &counters, Time now);

  private:
    struct Told {
        std::uint64_t packets = 0;
        std::optional<Time> at;
    };
    using Key = std::tuple<std::string, std::string, dhcp46_side, std::string>;

    std::map<Key, Told> told_;
    bool started_ = false;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_DROP_LOG_H
