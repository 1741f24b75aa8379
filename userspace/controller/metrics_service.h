// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Metrics where the configuration file says, as long as it says so.
#ifndef DHCP46_CONTROLLER_METRICS_SERVICE_H
#define DHCP46_CONTROLLER_METRICS_SERVICE_H

#include <optional>
#include <string>

#include "config/config.h"
#include "controller/loop.h"
#include "controller/metrics_server.h"
#include "controller/timer.h"

namespace dhcp46 {

class MetricsService {
  public:
    static Result<MetricsService> open(std::string bpffs, std::string version);

    // A server that is there already, and stays, is not touched. Call it again and again: an
    // address may come later, and a unix socket be deleted. What fails is logged once.
    void serve_at(const std::optional<MetricsEndpoint> &wanted, Loop &loop);

  private:
    struct Serving {
        MetricsEndpoint at;
        MetricsServer server;
    };

    MetricsService(std::string bpffs, std::string version, Timer idle)
        : bpffs_(std::move(bpffs)), version_(std::move(version)), idle_(std::move(idle)) {}
    void serve_readers();
    Result<std::string> page() const;

    std::string bpffs_;
    std::string version_;
    Timer idle_; // of readers
    std::optional<Serving> serving_;
    std::string failed_; // where and why it could not serve the last time
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_METRICS_SERVICE_H
