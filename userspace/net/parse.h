// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// From what the kernel answers to ours. Another kernel may leave attributes out, add some, or send
// shorter and longer ones: what has not the form that is known is left out.
#ifndef DHCP46_NET_PARSE_H
#define DHCP46_NET_PARSE_H

#include <map>
#include <optional>

#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>

#include "net/network.h"
#include "net/server_link.h"

namespace dhcp46 {

using FeatureMap = std::map<unsigned, XdpFeatures>; // by ifindex

// Without what /proc/sys says.
std::optional<Device> parse_link(rtnl_link *link);
// Adds it to its device.
void parse_address(rtnl_addr *address, Network &network);
// The device of the first way out.
std::optional<unsigned> parse_route(rtnl_route *route);
// One device's, of the `netdev` family.
void parse_features(nl_msg *message, FeatureMap &features);
// Of IPv4 and Ethernet.
void parse_permanent_neighbour(nl_msg *message, Neighbours &neighbours);

} // namespace dhcp46

#endif // DHCP46_NET_PARSE_H
