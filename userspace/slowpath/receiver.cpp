// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/receiver.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

#include "dhcp46/wire.h"
#include "slowpath/datagram.h"
#include "slowpath/socket_option.h"

namespace dhcp46 {

namespace {

constexpr std::size_t largest = 65536; // octets, of a datagram
constexpr Ip4 broadcast = {{255, 255, 255, 255}};

Fd listen_on_ipv6() {
    Fd fd(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in6 any = {};
    any.sin6_family = AF_INET6;
    any.sin6_port = htons(BOOTP_SERVER_PORT);
    if (!fd || !set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1) ||
        !set_option(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) ||
        bind(fd.get(), reinterpret_cast<sockaddr *>(&any), sizeof(any)) != 0)
        return {};
    return fd;
}

// A server that listens on every address, now or later, and allows others beside it, is not in the
// way, nor we in its.
Fd listen_on_ipv4(const Listening &place) {
    Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(BOOTP_SERVER_PORT);
    std::memcpy(&address.sin_addr, place.address.octets.data(), sizeof(address.sin_addr));
    if (!fd || !set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1) ||
        !set_option(fd.get(), SOL_SOCKET, SO_BROADCAST, 1) ||
        !set_option(fd.get(), IPPROTO_IP, IP_PKTINFO, 1) ||
        (place.ifindex &&
         !set_option(fd.get(), SOL_SOCKET, SO_BINDTOIFINDEX, static_cast<int>(place.ifindex))) ||
        bind(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0)
        return {};
    return fd;
}

// The kernel puts fragments together for those that share a link's packets among each other, which
// one socket can do by itself.
Fd listen_on_link(const Listening &place) {
    constexpr int defragmented =
        (PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
    Fd fd(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_ll link = {};
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_TYPE_IPV4);
    link.sll_ifindex = static_cast<int>(place.ifindex);
    if (!fd || bind(fd.get(), reinterpret_cast<sockaddr *>(&link), sizeof(link)) != 0 ||
        !set_option(fd.get(), SOL_PACKET, PACKET_FANOUT, defragmented))
        return {};
    return fd;
}

Fd open_at(const Listening &place) {
    switch (place.kind) {
    case Listening::Kind::ipv6:
        return listen_on_ipv6();
    case Listening::Kind::link:
        return listen_on_link(place);
    case Listening::Kind::ipv4:
        break;
    }
    return listen_on_ipv4(place);
}

Ip4 unmapped(const __u8 *address) {
    Ip4 ip;
    std::copy_n(address + 12, 4, ip.octets.begin());
    return ip;
}

Ip6 mapped(const in_addr &address) {
    Ip6 ip = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    std::memcpy(ip.octets.data() + 12, &address, sizeof(address));
    return ip;
}

void take_source(const sockaddr_storage &from, Datagram &datagram) {
    datagram.ipv6 = from.ss_family == AF_INET6;
    if (datagram.ipv6) {
        const auto &address = reinterpret_cast<const sockaddr_in6 &>(from);
        std::memcpy(datagram.source.octets.data(), &address.sin6_addr, sizeof(address.sin6_addr));
        datagram.source_port = ntohs(address.sin6_port);
        return;
    }
    const auto &address = reinterpret_cast<const sockaddr_in &>(from);
    datagram.source = mapped(address.sin_addr);
    datagram.source_port = ntohs(address.sin_port);
}

void take_destination(msghdr &header, Datagram &datagram) {
    for (cmsghdr *control = CMSG_FIRSTHDR(&header); control;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info = {};
            std::memcpy(&info, CMSG_DATA(control), sizeof(info));
            std::memcpy(datagram.destination.octets.data(), &info.ipi6_addr,
                        sizeof(info.ipi6_addr));
            datagram.ifindex = info.ipi6_ifindex;
        } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            in_pktinfo info = {};
            std::memcpy(&info, CMSG_DATA(control), sizeof(info));
            datagram.destination = mapped(info.ipi_addr);
            datagram.ifindex = static_cast<std::uint32_t>(info.ipi_ifindex);
        }
    }
}

} // namespace

std::string to_string(const Listening &place) {
    if (place.kind == Listening::Kind::ipv6)
        return "[::]:67";
    if (place.kind == Listening::Kind::link)
        return fmt::format("ifindex {}", place.ifindex);
    return fmt::format("{}:67", to_string(place.address));
}

std::set<Listening> places_to_listen(const Tables &tables) {
    std::set<Listening> places;
    for (const auto &[key, link] : tables.links) {
        if (key.side == DHCP46_SIDE_CLIENT && !(link.flags & DHCP46_LINK_HOST))
            places.insert({Listening::Kind::ipv4, broadcast, key.ifindex});
    }
    for (const auto &[key, address] : tables.addresses) {
        if (address.side != DHCP46_SIDE_SERVER || key.ifindex == 0)
            continue;
        if (address.role == DHCP46_ROLE_TSV)
            places.insert({Listening::Kind::link, {}, key.ifindex});
        else
            places.insert({Listening::Kind::ipv4, unmapped(key.address), 0});
    }
    if (!tables.links.empty())
        places.insert({Listening::Kind::ipv6, {}, 0});
    return places;
}

std::map<Listening, int> Receiver::listen(const std::set<Listening> &places) {
    std::erase_if(sockets_, [&](const auto &socket) { return !places.contains(socket.first); });
    std::map<Listening, int> failed;
    for (const Listening &place : places) {
        if (sockets_.contains(place))
            continue;
        Fd fd = open_at(place);
        if (fd)
            sockets_.emplace(place, std::move(fd));
        else
            failed.emplace(place, errno);
    }
    return failed;
}

std::vector<int> Receiver::fds() const {
    std::vector<int> fds;
    std::transform(sockets_.begin(), sockets_.end(), std::back_inserter(fds),
                   [](const auto &socket) { return socket.second.get(); });
    return fds;
}

std::optional<Received> Receiver::receive(int fd) {
    const auto socket = std::find_if(sockets_.begin(), sockets_.end(),
                                     [&](const auto &each) { return each.second.get() == fd; });
    if (socket == sockets_.end())
        return std::nullopt;
    buffer_.resize(largest);
    return socket->first.kind == Listening::Kind::link ? receive_packet(fd) : receive_datagram(fd);
}

std::optional<Received> Receiver::receive_packet(int fd) {
    sockaddr_ll from = {};
    socklen_t size = sizeof(from);
    const ssize_t length = recvfrom(fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr *>(&from), &size);
    if (length < 0)
        return std::nullopt;
    return Received{{buffer_.begin(), buffer_.begin() + length},
                    false,
                    static_cast<std::uint32_t>(from.sll_ifindex)};
}

std::optional<Received> Receiver::receive_datagram(int fd) {
    sockaddr_storage from = {};
    iovec part = {buffer_.data(), buffer_.size()};
    alignas(cmsghdr) char control[256];
    msghdr header = {};
    header.msg_name = &from;
    header.msg_namelen = sizeof(from);
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof(control);

    ssize_t length = 0;
    do {
        length = recvmsg(fd, &header, MSG_DONTWAIT);
    } while (length < 0 && errno == EINTR);
    if (length < 0) // nothing there, or an ICMP error: the socket goes on
        return std::nullopt;
    Datagram datagram;
    datagram.message.assign(buffer_.begin(), buffer_.begin() + length);
    take_source(from, datagram);
    take_destination(header, datagram);
    return Received{frame_of(datagram), true, datagram.ifindex};
}

} // namespace dhcp46
