// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// GET /metrics by HTTP, on a TCP or unix socket. libmicrohttpd without a thread: the loop runs it.
#ifndef DHCP46_CONTROLLER_METRICS_SERVER_H
#define DHCP46_CONTROLLER_METRICS_SERVER_H

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "config/config.h"
#include "util/result.h"

namespace dhcp46 {

class MetricsServer {
  public:
    // The page, or why there is none now.
    using Render = std::function<Result<std::string>()>;

    // A unix socket that nobody listens on any more is replaced; it has mode 0660.
    static Result<MetricsServer> open(const MetricsEndpoint &endpoint, Render render);

    MetricsServer(MetricsServer &&other) noexcept;
    MetricsServer &operator=(MetricsServer &&other) noexcept;
    ~MetricsServer();

    // False: somebody deleted the unix socket, and nobody can connect any more.
    bool can_be_found() const;
    int fd() const;
    // Call it when readable, and when due.
    void serve();
    // After how long serve() is to be called in any case: connections that do nothing are closed.
    std::optional<std::chrono::milliseconds> due() const;

  private:
    struct Server;
    explicit MetricsServer(std::unique_ptr<Server> server);

    std::unique_ptr<Server> server_;
};

std::string to_string(const MetricsEndpoint &endpoint);

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_METRICS_SERVER_H
