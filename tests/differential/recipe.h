// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A packet in parts, before it is octets: what a mutation changes.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "common/model.h"
#include "util/address.h"

namespace dhcp46::test {

struct Option {
    std::uint8_t code = 0;
    Frame value;
    std::optional<std::uint8_t> claimed; // instead of the value's length
};

struct ExtensionHeader {
    std::uint8_t type = 0;
    Frame body; // behind "next header"; a multiple of 8 with it
};

enum class Csum {
    good,
    none,    // 0
    partial, // as left by a sender with checksum offload
    wrong,
    all_ones,
};

// Which instance and path a packet is made for.
struct Target {
    std::uint32_t path = 0; // enum dhcp46_path
    std::uint32_t instance = 0;
    std::uint32_t hops_limit = 16;
    std::uint32_t out_mtu = 1500;
    std::uint8_t cra6addr_code = 254;
    Ip4 giaddr; // TRA
};

struct Message {
    std::uint8_t op = 1, htype = 1, hlen = 6, hops = 0;
    std::uint32_t xid = 0;
    std::uint16_t flags = 0;
    Ip4 ciaddr, yiaddr, siaddr, giaddr;
    std::array<std::uint8_t, 16> chaddr = {};
    std::uint8_t file = 0; // what sname and file are filled with
    bool cookie = true;
    bool end = true;
    std::vector<Option> options; // code 0: a Pad, whose value is written as it is
    Frame behind_end;
    std::optional<std::size_t> cut; // the message ends here
};

struct Recipe {
    Target target;
    std::uint32_t ifindex = 0;
    bool egress = false; // on its way out there
    Mac destination, source;
    std::vector<std::uint16_t> tags; // TPIDs
    std::optional<std::uint16_t> ether_type;

    bool ipv6 = false;
    std::uint8_t tos = 0, ttl = 64;
    std::uint8_t protocol = 17;
    int ip_length_change = 0;
    Ip4 source4, destination4;
    Frame ip_options; // a multiple of 4
    std::optional<std::uint8_t> version_and_ihl;
    std::uint16_t fragment = 0;
    bool bad_ip_csum = false;
    Ip6 source6, destination6;
    std::vector<ExtensionHeader> extensions;

    std::uint16_t source_port = 68, destination_port = 67;
    int udp_length_change = 0;
    Csum csum = Csum::good;
    Frame behind_udp; // within the IP length

    Message message;
    Frame trailer; // behind the IP packet
    std::size_t cut_frame = 0;
    std::vector<std::pair<std::size_t, std::uint8_t>> flips; // applied to the finished frame
};

Frame write_message(const Message &message);
Frame write_frame(const Recipe &recipe);

} // namespace dhcp46::test
