// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_NET_XDP_FEATURES_H
#define DHCP46_NET_XDP_FEATURES_H

#include <map>
#include <optional>

#include "net/network.h"

namespace dhcp46 {

// By ifindex; none: this kernel has no `netdev` netlink family (before 6.3).
std::optional<std::map<unsigned, XdpFeatures>> read_xdp_features();

} // namespace dhcp46

#endif // DHCP46_NET_XDP_FEATURES_H
