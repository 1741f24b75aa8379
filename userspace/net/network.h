// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the network namespace looked like at one moment: passive data, so that everything decided
// from it can be tested without a kernel.
#ifndef DHCP46_NET_NETWORK_H
#define DHCP46_NET_NETWORK_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "util/address.h"
#include "util/result.h"

namespace dhcp46 {

struct Address6 {
    Ip6 address;
    bool temporary = false; // RFC 8981
    bool deprecated = false;
    bool tentative = false; // duplicate address detection has not passed
    bool permanent = false; // configured, not learnt
};

struct Address4 {
    Ip4 address;
    unsigned prefix_length = 32;
    Ip4 broadcast = {}; // as configured; mostly it is not, see directed_broadcast()
};

// What a driver can do with XDP, from the kernel's `netdev` netlink family (6.3 and later).
struct XdpFeatures {
    bool basic = false;
    bool redirect = false;
    bool ndo_xmit = false; // takes frames that others redirect to it
};

// 0.0.0.0: its subnet has none. The kernel takes it as broadcast whether configured or not.
Ip4 directed_broadcast(const Address4 &address);

struct Device {
    unsigned ifindex = 0;
    std::string name;
    std::string kind; // of a virtual device: veth, vlan, bridge, ...; empty: a hardware driver
    bool ethernet = false;
    bool bare_ip = false; // its frames are IP packets without a header before them: tun, PPP
    bool loopback = false;
    bool up = false;
    Mac mac;
    std::uint32_t mtu = 0;
    bool forwarding4 = false;
    bool forwarding6 = false;
    unsigned peer = 0;        // of a veth: the other end, if it is in this namespace
    bool ipv6_enabled = true; // read of a veth only
    std::vector<Address4> addresses4;
    std::vector<Address6> addresses6;
    std::optional<XdpFeatures> xdp; // absent: the kernel does not tell
};

struct Network {
    std::vector<Device> devices;

    const Device *find(const std::string &name) const;
    const Device *find(unsigned ifindex) const;
    const Address6 *find(const Ip6 &address) const;
    const Device *owner(const Ip6 &address) const;
    const Device *owner(const Ip4 &address) const;
};

// The device by which the kernel would send to an address, v4-mapped for IPv4; none: no route.
using RouteLookup = std::function<std::optional<unsigned>(const Ip6 &)>;

Result<Network> read_network();
std::optional<unsigned> route_device(const Ip6 &destination);
Result<std::uint64_t> netns_cookie();

} // namespace dhcp46

#endif // DHCP46_NET_NETWORK_H
