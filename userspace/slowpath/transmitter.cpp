// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/transmitter.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "dhcp46/abi.h"
#include "dhcp46/core/bytes.h"
#include "slowpath/fragments.h"
#include "slowpath/socket_option.h"

namespace dhcp46 {

namespace {

// <linux/in6.h> has it, which does not go with <netinet/in.h>.
constexpr int ipv6_auto_flow_label = 70;

Error socket_error(const char *what) {
    const int number = errno;
    const bool forbidden = number == EPERM || number == EACCES;
    return {forbidden ? Exit::privilege : Exit::runtime, fmt::format("{} socket", what),
            errno_text(number), forbidden ? "CAP_NET_RAW and CAP_NET_ADMIN are needed" : ""};
}

// A raw socket gets a copy of every datagram that this host receives. Not this one: the stack looks
// for datagrams of the address to which it is connected, and the filter takes none of those.
bool receive_nothing(int socket, const sockaddr *nobody, socklen_t length) {
    sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program = {1, &none};
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0 &&
           (nobody == nullptr || connect(socket, nobody, length) == 0);
}

Result<Fd> open_ipv6() {
    Fd fd(socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP));
    sockaddr_in6 nobody = {};
    nobody.sin6_family = AF_INET6;
    nobody.sin6_addr = in6addr_loopback;
    if (!fd || !receive_nothing(fd.get(), reinterpret_cast<sockaddr *>(&nobody), sizeof(nobody)) ||
        !set_option(fd.get(), IPPROTO_IPV6, IPV6_UNICAST_HOPS, SENT_TTL) ||
        !set_option(fd.get(), IPPROTO_IPV6, IPV6_TCLASS, SENT_TOS) ||
        !set_option(fd.get(), IPPROTO_IPV6, ipv6_auto_flow_label, 0)) // E-41
        return socket_error("raw IPv6");
    return fd;
}

Result<Fd> open_ipv4() {
    Fd fd(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP));
    sockaddr_in nobody = {};
    nobody.sin_family = AF_INET;
    nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!fd || !receive_nothing(fd.get(), reinterpret_cast<sockaddr *>(&nobody), sizeof(nobody)) ||
        !set_option(fd.get(), IPPROTO_IP, IP_TTL, SENT_TTL) ||
        !set_option(fd.get(), IPPROTO_IP, IP_TOS, SENT_TOS) ||
        !set_option(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)) // may be fragmented
        return socket_error("raw IPv4");
    return fd;
}

Result<Fd> open_packet(std::uint32_t mark) {
    Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)); // protocol 0 receives nothing
    if (!fd || (mark && !set_option(fd.get(), SOL_SOCKET, SO_MARK, static_cast<int>(mark))))
        return socket_error("packet");
    return fd;
}

// A datagram to be sent, with the source that it has to have.
template <typename Address, typename Info> class Message {
  public:
    Message(std::span<const std::uint8_t> datagram, const Address &to, int level, int type,
            const Info &info)
        : to_(to) {
        part_.iov_base = const_cast<std::uint8_t *>(datagram.data());
        part_.iov_len = datagram.size();
        header_.msg_name = &to_;
        header_.msg_namelen = sizeof(to_);
        header_.msg_iov = &part_;
        header_.msg_iovlen = 1;
        header_.msg_control = control_;
        header_.msg_controllen = sizeof(control_);
        cmsghdr *control = CMSG_FIRSTHDR(&header_);
        control->cmsg_level = level;
        control->cmsg_type = type;
        control->cmsg_len = CMSG_LEN(sizeof(info));
        std::memcpy(CMSG_DATA(control), &info, sizeof(info));
    }
    Message(const Message &) = delete;
    Message &operator=(const Message &) = delete;

    int send(int socket) const { return sendmsg(socket, &header_, MSG_DONTWAIT) < 0 ? errno : 0; }

  private:
    Address to_;
    iovec part_ = {};
    msghdr header_ = {};
    alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(Info))] = {};
};

int send_frames(int socket, const Departure &departure) {
    sockaddr_ll to = {};
    to.sll_family = AF_PACKET;
    to.sll_protocol = DHCP46_BE16(ETH_TYPE_IPV4);
    to.sll_ifindex = static_cast<int>(departure.ifindex);
    for (const auto &frame : fragment_ipv4(departure.frame, departure.mtu)) {
        if (sendto(socket, frame.data(), frame.size(), MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr *>(&to), sizeof(to)) < 0)
            return errno;
    }
    return 0;
}

// Only who must leave by one device says so; the route decides for the others.
int device_of(const Departure &departure) {
    return departure.way == DHCP46_WAY_DEVICE ? static_cast<int>(departure.ifindex) : 0;
}

} // namespace

Result<Transmitter> Transmitter::open() {
    Transmitter transmitter;
    const auto take = [](Result<Fd> fd, Fd &into) -> Status {
        if (!fd)
            return fd.error();
        into = *std::move(fd);
        return {};
    };
    if (auto status = take(open_ipv6(), transmitter.ipv6_); !status)
        return status.error();
    if (auto status = take(open_ipv4(), transmitter.ipv4_); !status)
        return status.error();
    if (auto status = take(open_packet(0), transmitter.link_); !status)
        return status.error();
    if (auto status = take(open_packet(DHCP46_MARK_TO_HOST), transmitter.to_host_); !status)
        return status.error();
    return transmitter;
}

int Transmitter::send(const Departure &departure) const {
    if (departure.way == DHCP46_WAY_HOST)
        return send_frames(to_host_.get(), departure);
    if (departure.way == DHCP46_WAY_LINK)
        return send_frames(link_.get(), departure);
    return dhcp46_load16(departure.frame.data() + ETH_TYPE) == DHCP46_BE16(ETH_TYPE_IPV6)
               ? send_ipv6(departure)
               : send_ipv4(departure);
}

int Transmitter::send_ipv6(const Departure &departure) const {
    const auto ip = std::span(departure.frame).subspan(ETH_LENGTH);
    sockaddr_in6 to = {};
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, ip.data() + IPV6_DST, sizeof(to.sin6_addr));
    in6_pktinfo info = {};
    std::memcpy(&info.ipi6_addr, ip.data() + IPV6_SRC, sizeof(info.ipi6_addr));
    info.ipi6_ifindex = static_cast<unsigned>(device_of(departure));
    return Message(ip.subspan(IPV6_LENGTH), to, IPPROTO_IPV6, IPV6_PKTINFO, info).send(ipv6_.get());
}

int Transmitter::send_ipv4(const Departure &departure) const {
    const auto ip = std::span(departure.frame).subspan(ETH_LENGTH);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, ip.data() + IPV4_DST, sizeof(to.sin_addr));
    in_pktinfo info = {};
    std::memcpy(&info.ipi_spec_dst, ip.data() + IPV4_SRC, sizeof(info.ipi_spec_dst));
    info.ipi_ifindex = device_of(departure);
    return Message(ip.subspan(IPV4_LENGTH), to, IPPROTO_IP, IP_PKTINFO, info).send(ipv4_.get());
}

} // namespace dhcp46
