// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/datagram.h"

#include <algorithm>

#include "dhcp46/core/csum.h"
#include "slowpath/frame.h"

namespace dhcp46 {

namespace {

constexpr std::size_t v4_mapped_head = 12;

void store_ethernet(std::uint8_t *frame, std::uint16_t type) {
    std::fill_n(frame + ETH_DST, 6, std::uint8_t{0xff}); // for every station (D-16)
    dhcp46_store16(frame + ETH_TYPE, type);
}

void store_ipv4(std::uint8_t *ip, const Datagram &datagram, std::size_t udp_length) {
    ip[0] = 0x45;
    dhcp46_store16(ip + IPV4_TOTAL,
                   dhcp46_swap16(static_cast<std::uint16_t>(IPV4_LENGTH + udp_length)));
    ip[IPV4_TTL] = SENT_TTL;
    ip[IPV4_PROTOCOL] = UDP_PROTOCOL;
    std::copy_n(datagram.source.octets.begin() + v4_mapped_head, 4, ip + IPV4_SRC);
    std::copy_n(datagram.destination.octets.begin() + v4_mapped_head, 4, ip + IPV4_DST);
    store_ipv4_csum(ip);
}

void store_ipv6(std::uint8_t *ip, const Datagram &datagram, std::size_t udp_length) {
    ip[0] = 0x60;
    dhcp46_store16(ip + IPV6_PAYLOAD, dhcp46_swap16(static_cast<std::uint16_t>(udp_length)));
    ip[IPV6_NEXT] = UDP_PROTOCOL;
    ip[IPV6_HOP_LIMIT] = SENT_TTL;
    std::copy_n(datagram.source.octets.begin(), 16, ip + IPV6_SRC);
    std::copy_n(datagram.destination.octets.begin(), 16, ip + IPV6_DST);
}

} // namespace

std::vector<std::uint8_t> frame_of(const Datagram &datagram) {
    const std::size_t header = datagram.ipv6 ? IPV6_LENGTH : IPV4_LENGTH;
    const std::size_t udp_length = UDP_LENGTH + datagram.message.size();
    std::vector<std::uint8_t> frame(ETH_LENGTH + header + udp_length);
    std::uint8_t *ip = frame.data() + ETH_LENGTH;
    std::uint8_t *udp = ip + header;

    store_ethernet(frame.data(),
                   datagram.ipv6 ? DHCP46_BE16(ETH_TYPE_IPV6) : DHCP46_BE16(ETH_TYPE_IPV4));
    datagram.ipv6 ? store_ipv6(ip, datagram, udp_length) : store_ipv4(ip, datagram, udp_length);
    dhcp46_store16(udp + UDP_SPORT, dhcp46_swap16(datagram.source_port));
    dhcp46_store16(udp + UDP_DPORT, DHCP46_BE16(BOOTP_SERVER_PORT));
    dhcp46_store16(udp + UDP_LEN, dhcp46_swap16(static_cast<std::uint16_t>(udp_length)));
    std::copy(datagram.message.begin(), datagram.message.end(), udp + UDP_LENGTH);
    store_unfinished_csum(frame, ETH_LENGTH);
    return frame;
}

} // namespace dhcp46
