// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/qdisc.h"

#include <linux/pkt_sched.h>

#include <netlink/route/qdisc.h>
#include <netlink/route/tc.h>

#include "net/netlink.h"

namespace dhcp46 {

Result<std::string> ingress_qdisc(unsigned ifindex) {
    auto socket = open_netlink(NETLINK_ROUTE);
    if (!socket)
        return socket.error();
    nl_cache *raw = nullptr;
    if (const int error = rtnl_qdisc_alloc_cache(socket->get(), &raw); error < 0)
        return netlink_error(error);
    const NlCache cache(raw);
    for (nl_object *object = nl_cache_get_first(raw); object; object = nl_cache_get_next(object)) {
        auto *qdisc = reinterpret_cast<rtnl_tc *>(object);
        if (rtnl_tc_get_ifindex(qdisc) == static_cast<int>(ifindex) &&
            rtnl_tc_get_parent(qdisc) == TC_H_INGRESS)
            return std::string(rtnl_tc_get_kind(qdisc));
    }
    return std::string();
}

} // namespace dhcp46
