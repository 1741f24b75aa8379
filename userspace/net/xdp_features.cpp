// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/xdp_features.h"

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "net/netlink.h"
#include "net/parse.h"

namespace dhcp46 {

// From linux/netdev.h, which the headers of older systems lack.
namespace netdev {
constexpr int cmd_dev_get = 1;
} // namespace netdev

static int take_device(nl_msg *message, void *features) {
    parse_features(message, *static_cast<FeatureMap *>(features));
    return NL_OK;
}

std::optional<FeatureMap> read_xdp_features() {
    auto socket = open_netlink(NETLINK_GENERIC);
    if (!socket)
        return std::nullopt;
    const int family = genl_ctrl_resolve(socket->get(), "netdev");
    if (family < 0)
        return std::nullopt;

    FeatureMap features;
    nl_socket_modify_cb(socket->get(), NL_CB_VALID, NL_CB_CUSTOM, take_device, &features);
    NlMessage message(nlmsg_alloc());
    if (!message || !genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP,
                                 netdev::cmd_dev_get, 1))
        return std::nullopt;
    if (nl_send_auto(socket->get(), message.get()) < 0 || nl_recvmsgs_default(socket->get()) < 0)
        return std::nullopt;
    return features;
}

} // namespace dhcp46
