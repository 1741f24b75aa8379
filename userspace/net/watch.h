// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_NET_WATCH_H
#define DHCP46_NET_WATCH_H

#include <memory>

#include "util/result.h"

struct nl_sock;

namespace dhcp46 {

// Tells that something of the network namespace changed, and not what: whoever wants to know reads
// it again.
class NetworkWatch {
  public:
    enum class What {
        devices, // links and addresses
        routes,  // of IPv6, with rules and next hops: by these an lcra finds its uplink
    };

    static Result<NetworkWatch> open(What what);

    // Readable once something changed since drain(). What the socket has no room for meanwhile is
    // lost, and does not matter: one notification is as good as many.
    int fd() const;
    Status drain() const;

  private:
    struct Free {
        void operator()(nl_sock *socket) const;
    };

    explicit NetworkWatch(std::unique_ptr<nl_sock, Free> socket) : socket_(std::move(socket)) {}

    std::unique_ptr<nl_sock, Free> socket_;
};

} // namespace dhcp46

#endif // DHCP46_NET_WATCH_H
