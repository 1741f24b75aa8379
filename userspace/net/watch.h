// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_NET_WATCH_H
#define DHCP46_NET_WATCH_H

#include <memory>

#include "util/result.h"

struct nl_sock;

namespace dhcp46 {

// Tells that links or addresses of the network namespace changed.
class NetworkWatch {
  public:
    static Result<NetworkWatch> open();

    // Readable once something changed since drain().
    int fd() const;
    Status drain();

  private:
    struct Free {
        void operator()(nl_sock *socket) const;
    };

    explicit NetworkWatch(std::unique_ptr<nl_sock, Free> socket) : socket_(std::move(socket)) {}

    std::unique_ptr<nl_sock, Free> socket_;
};

} // namespace dhcp46

#endif // DHCP46_NET_WATCH_H
