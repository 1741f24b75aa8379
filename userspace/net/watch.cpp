// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/watch.h"

#include <linux/rtnetlink.h>

#include "net/netlink.h"

namespace dhcp46 {

void NetworkWatch::Free::operator()(nl_sock *socket) const {
    nl_socket_free(socket);
}

Result<NetworkWatch> NetworkWatch::open() {
    auto opened = open_netlink(NETLINK_ROUTE);
    if (!opened)
        return opened.error();
    nl_sock *socket = opened->get();
    nl_socket_disable_seq_check(socket); // notifications answer nothing
    if (const int error = nl_socket_add_memberships(socket, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                                    RTNLGRP_IPV6_IFADDR, RTNLGRP_NONE);
        error < 0)
        return netlink_error(error);
    if (const int error = nl_socket_set_nonblocking(socket); error < 0)
        return netlink_error(error);
    return NetworkWatch(std::unique_ptr<nl_sock, Free>(opened->release()));
}

int NetworkWatch::fd() const {
    return nl_socket_get_fd(socket_.get());
}

Status NetworkWatch::drain() {
    for (;;) {
        const int error = nl_recvmsgs_default(socket_.get());
        if (error == -NLE_AGAIN)
            return {};
        // Of more notifications than the socket holds, some are lost: one is as good as many.
        if (error < 0 && error != -NLE_NOMEM)
            return netlink_error(error);
    }
}

} // namespace dhcp46
