// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The link between a tsv and the DHCPv4 server on its own host: a veth pair that attach makes.
#ifndef DHCP46_NET_SERVER_LINK_H
#define DHCP46_NET_SERVER_LINK_H

#include <string>
#include <vector>

#include "util/address.h"
#include "util/result.h"

namespace dhcp46 {

struct ServerLink {
    std::string ours;    // our end: no address, the programs take what comes in
    std::string servers; // the end where the server listens
    Mac our_mac;
    Mac server_mac;
    Ip4 server; // address of the server's end
    Ip4 giaddr; // beyond it: a host route and a permanent neighbour lead to our end
};

// Option 82 makes a message that came in at an MTU of 1500 longer. Native XDP takes some 3,500.
constexpr unsigned server_link_mtu = 2048;

// Both ends are down and without IPv6: link-local addresses and routes never appear.
Status make_server_link(const ServerLink &link);
// Brings a pair that is there into the state that the link is to have. What has it is not touched,
// but for the MAC addresses, which are read.
Status prepare_server_link(const ServerLink &link);
// Takes from the server's end what earlier values of the link put there: /32 addresses, permanent
// neighbours and the routes to them.
Status tidy_server_link(const ServerLink &link);
// Both ends go. No error if it is not there.
Status remove_server_link(const std::string &ours);

struct PermanentNeighbour {
    Ip4 address;
    Mac mac;
};
using Neighbours = std::vector<PermanentNeighbour>;

Neighbours permanent_neighbours(unsigned ifindex);

} // namespace dhcp46

#endif // DHCP46_NET_SERVER_LINK_H
