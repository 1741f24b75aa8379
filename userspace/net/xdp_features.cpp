// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "net/xdp_features.h"

#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "net/netlink.h"

namespace dhcp46 {

// From linux/netdev.h, which the headers of older systems lack.
namespace netdev {
constexpr int cmd_dev_get = 1;
constexpr int a_ifindex = 1;
constexpr int a_xdp_features = 3;
constexpr int a_max = 16;
constexpr std::uint64_t act_basic = 1;
constexpr std::uint64_t act_redirect = 2;
constexpr std::uint64_t act_ndo_xmit = 4;
} // namespace netdev

using FeatureMap = std::map<unsigned, XdpFeatures>;

static int take_device(nl_msg *message, void *argument) {
    nlattr *attributes[netdev::a_max + 1] = {};
    auto *header = static_cast<genlmsghdr *>(nlmsg_data(nlmsg_hdr(message)));
    if (nla_parse(attributes, netdev::a_max, genlmsg_attrdata(header, 0),
                  genlmsg_attrlen(header, 0), nullptr) < 0)
        return NL_SKIP;
    if (!attributes[netdev::a_ifindex] || !attributes[netdev::a_xdp_features])
        return NL_SKIP;
    const std::uint64_t bits = nla_get_u64(attributes[netdev::a_xdp_features]);
    XdpFeatures features;
    features.basic = bits & netdev::act_basic;
    features.redirect = bits & netdev::act_redirect;
    features.ndo_xmit = bits & netdev::act_ndo_xmit;
    static_cast<FeatureMap *>(argument)->emplace(nla_get_u32(attributes[netdev::a_ifindex]),
                                                 features);
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
