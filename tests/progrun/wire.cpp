// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "progrun/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "dhcp46/core/classify.h"
#include "util/result.h"

namespace dhcp46::test {

namespace {

constexpr std::size_t longest = 65536;
constexpr int patience_ms = 5000; // for what is on its way already

// struct virtio_net_hdr, whose header is no C++: what stands before each packet of a tun device,
// and of a packet socket that asks for it.
struct VnetHeader {
    std::uint8_t flags = 0;
    std::uint8_t gso_type = 0;
    std::uint16_t header_length = 0;
    std::uint16_t gso_size = 0;
    std::uint16_t csum_start = 0;
    std::uint16_t csum_offset = 0;
};
static_assert(sizeof(VnetHeader) == 10);
constexpr std::uint8_t needs_csum = 1; // VIRTIO_NET_HDR_F_NEEDS_CSUM

void check(bool good, const std::string &what) {
    if (!good)
        throw std::runtime_error(what + ": " + errno_text(errno));
}

// Says that all frames before it have arrived. An EtherType for experiments (IEEE 802).
Frame marker() {
    Frame frame(60, 0xff);
    frame[ETH_TYPE] = 0x88;
    frame[ETH_TYPE + 1] = 0xb5;
    return frame;
}

Fd open_packet_socket(const std::string &device) {
    Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    check(static_cast<bool>(fd), "packet socket");
    sockaddr_ll address = {};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
    check(bind(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) == 0, device);
    return fd;
}

// Empty: there is none.
Frame read_one(int fd) {
    Frame frame(longest);
    const ssize_t length = read(fd, frame.data(), frame.size());
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return {};
    check(length >= 0, "read a frame");
    frame.resize(static_cast<std::size_t>(length));
    return frame;
}

void wait_for_one(int fd) {
    pollfd wanted = {fd, POLLIN, 0};
    if (poll(&wanted, 1, patience_ms) != 1)
        throw std::runtime_error("a frame was sent, and does not arrive");
}

void send_with_header(int fd, const Frame &frame, std::size_t l3, bool partial) {
    VnetHeader header;
    if (partial) {
        const bool ipv6 = frame[l3] >> 4 == 6;
        header.flags = needs_csum;
        header.csum_start = static_cast<std::uint16_t>(l3 + (ipv6 ? IPV6_LENGTH : IPV4_LENGTH));
        header.csum_offset = UDP_CSUM;
    }
    Frame octets(sizeof(header) + frame.size());
    std::memcpy(octets.data(), &header, sizeof(header));
    std::copy(frame.begin(), frame.end(), octets.begin() + sizeof(header));
    check(write(fd, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()), "send");
}

// UDP from port 67, which nothing else in a lab sends.
bool is_ours(const Frame &frame, std::size_t l3) {
    if (frame.size() < l3 + IPV4_LENGTH)
        return false;
    const bool ipv6 = frame[l3] >> 4 == 6;
    const std::size_t udp = l3 + (ipv6 ? IPV6_LENGTH : IPV4_LENGTH);
    return frame.size() >= udp + UDP_LENGTH &&
           frame[l3 + (ipv6 ? IPV6_NEXT : IPV4_PROTOCOL)] == UDP_PROTOCOL && frame[udp] == 0 &&
           frame[udp + 1] == BOOTP_SERVER_PORT;
}

} // namespace

std::vector<Frame> Wire::take() {
    std::vector<Frame> frames = take_all();
    std::erase_if(frames, [this](const Frame &frame) { return !is_ours(frame, l2_length_); });
    return frames;
}

VethWire::VethWire(const std::string &name)
    : Wire(ETH_LENGTH), near_(open_packet_socket(name)), far_(open_packet_socket(name + "-far")) {
    const int on = 1;
    check(setsockopt(near_.get(), SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) == 0,
          "PACKET_VNET_HDR");
}

void VethWire::give(const Frame &frame, bool partial) const {
    send_with_header(near_.get(), frame, ETH_LENGTH, partial);
}

std::vector<Frame> VethWire::take_all() {
    const Frame last = marker();
    give(last, false);
    std::vector<Frame> frames;
    for (;;) {
        wait_for_one(far_.get());
        Frame frame = read_one(far_.get());
        if (frame == last)
            return frames;
        frames.push_back(std::move(frame));
    }
}

TunWire::TunWire(const std::string &name)
    : Wire(0), device_(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)) {
    check(static_cast<bool>(device_), "/dev/net/tun");
    ifreq request = {};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
    check(ioctl(device_.get(), TUNSETIFF, &request) == 0, name);
}

void TunWire::give(const Frame &packet, bool partial) const {
    send_with_header(device_.get(), packet, 0, partial);
}

// The device has what was sent to it before the one who sent it goes on.
std::vector<Frame> TunWire::take_all() {
    std::vector<Frame> packets;
    for (;;) {
        Frame packet = read_one(device_.get());
        if (packet.size() <= sizeof(VnetHeader))
            return packets;
        packet.erase(packet.begin(), packet.begin() + sizeof(VnetHeader));
        packets.push_back(std::move(packet));
    }
}

} // namespace dhcp46::test
