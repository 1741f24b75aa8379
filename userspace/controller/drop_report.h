// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Logs what the programs dropped.
#ifndef DHCP46_CONTROLLER_DROP_REPORT_H
#define DHCP46_CONTROLLER_DROP_REPORT_H

#include <string>
#include <vector>

#include "controller/drop_log.h"
#include "instance/counters.h"

namespace dhcp46 {

class DropReport {
  public:
    explicit DropReport(std::string bpffs) : bpffs_(std::move(bpffs)) {}

    // Given all counters as they are.
    void tell(const std::vector<InstanceStats> &counters);

  private:
    void tell_one(const NewDrops &drop) const;
    std::string servers_of(const std::string &instance) const;

    std::string bpffs_;
    DropLog log_;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_DROP_REPORT_H
