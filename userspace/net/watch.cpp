// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/watch.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "net/netlink.h"

namespace dhcp46 {

void NetworkWatch::Free::operator()(nl_sock *socket) const {
    nl_socket_free(socket);
}

static std::vector<int> groups_of(NetworkWatch::What what) {
    if (what == NetworkWatch::What::devices)
        return {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
    return {RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE, RTNLGRP_NEXTHOP};
}

Result<NetworkWatch> NetworkWatch::open(What what) {
    auto opened = open_netlink(NETLINK_ROUTE);
    if (!opened)
        return opened.error();
    nl_sock *socket = opened->get();
    for (const int group : groups_of(what)) {
        if (const int error = nl_socket_add_membership(socket, group); error < 0)
            return netlink_error(error);
    }
    if (const int error = nl_socket_set_nonblocking(socket); error < 0)
        return netlink_error(error);
    return NetworkWatch(std::unique_ptr<nl_sock, Free>(opened->release()));
}

int NetworkWatch::fd() const {
    return nl_socket_get_fd(socket_.get());
}

Status NetworkWatch::drain() const {
    char none = 0;
    for (;;) {
        if (recv(fd(), &none, sizeof(none), MSG_DONTWAIT | MSG_TRUNC) >= 0)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return {};
        if (errno != EINTR && errno != ENOBUFS) // ENOBUFS: some were lost
            return Error{Exit::runtime, "network configuration", errno_text(errno),
                         "netlink failed while waiting for changes; run again"};
    }
}

} // namespace dhcp46
