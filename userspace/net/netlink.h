// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// RAII for libnl. Only userspace/net includes libnl.
#ifndef DHCP46_NET_NETLINK_H
#define DHCP46_NET_NETLINK_H

#include <memory>

#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/object.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

#include "util/result.h"

namespace dhcp46 {

struct NlFree {
    void operator()(nl_sock *socket) const { nl_socket_free(socket); }
    void operator()(nl_cache *cache) const { nl_cache_free(cache); }
    void operator()(nl_addr *address) const { nl_addr_put(address); }
    void operator()(nl_msg *message) const { nlmsg_free(message); }
    void operator()(rtnl_route *route) const { rtnl_route_put(route); }
};

using NlSocket = std::unique_ptr<nl_sock, NlFree>;
using NlCache = std::unique_ptr<nl_cache, NlFree>;
using NlAddress = std::unique_ptr<nl_addr, NlFree>;
using NlMessage = std::unique_ptr<nl_msg, NlFree>;
using NlRoute = std::unique_ptr<rtnl_route, NlFree>;

inline Error netlink_error(int error) {
    return {Exit::runtime, "network configuration", nl_geterror(error),
            "netlink failed while reading; run again"};
}

inline Result<NlSocket> open_netlink(int protocol) {
    NlSocket socket(nl_socket_alloc());
    if (!socket)
        return Error{Exit::runtime, "netlink", "out of memory", "free some memory"};
    if (const int error = nl_connect(socket.get(), protocol); error < 0)
        return Error{Exit::runtime, "netlink", nl_geterror(error),
                     "netlink sockets must be allowed"};
    return socket;
}

} // namespace dhcp46

#endif // DHCP46_NET_NETLINK_H
