// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Any netlink messages, of this kernel or another: what is made of them has the form that all else
// relies on. The octets are messages one after the other, as a socket has them.
#include "net/parse.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include <netlink/netlink.h>

#include "fuzz/input.h"

namespace dhcp46::test {

namespace {

struct Seen {
    Network network;
    FeatureMap features;
    Neighbours neighbours;
};

template <typename Handle> void each_object(nl_msg *message, Handle handle) {
    const auto call = [](nl_object *object, void *handler) {
        (*static_cast<Handle *>(handler))(object);
    };
    nl_msg_parse(message, call, &handle);
}

void take_link(nl_object *object, Seen &seen) {
    const auto device = parse_link(reinterpret_cast<rtnl_link *>(object));
    if (!device)
        return;
    require(device->ifindex > 0 && !device->name.empty(), "a device can be told from others");
    require(device->peer == 0 || device->kind == "veth", "only a veth has a peer");
    seen.network.devices.push_back(*device);
}

void take_route(nl_object *object) {
    const auto ifindex = parse_route(reinterpret_cast<rtnl_route *>(object));
    require(!ifindex || *ifindex > 0, "a way has a device");
}

// Looked for without libnl: one that is shorter would be read beyond its end, where nobody notices.
bool has_attribute(const nlmsghdr *header, std::uint16_t kind, std::size_t size) {
    const auto *octets = reinterpret_cast<const std::uint8_t *>(header);
    std::size_t at = sizeof(nlmsghdr) + 4; // behind a genlmsghdr
    nlattr attribute = {};
    while (at + sizeof(attribute) <= header->nlmsg_len) {
        std::memcpy(&attribute, octets + at, sizeof(attribute));
        if ((attribute.nla_type & NLA_TYPE_MASK) == kind &&
            attribute.nla_len >= sizeof(attribute) + size)
            return true;
        at += std::max<std::size_t>(NLA_ALIGN(attribute.nla_len), sizeof(attribute));
    }
    return false;
}

void take_features(nl_msg *message, Seen &seen) {
    const std::size_t before = seen.features.size();
    parse_features(message, seen.features);
    const nlmsghdr *header = nlmsg_hdr(message);
    require(seen.features.size() == before || (has_attribute(header, 1, sizeof(std::uint32_t)) &&
                                               has_attribute(header, 3, sizeof(std::uint64_t))),
            "features are those of a device");
}

void take(nl_msg *message, Seen &seen) {
    switch (nlmsg_hdr(message)->nlmsg_type) {
    case RTM_NEWLINK:
        return each_object(message, [&](nl_object *object) { take_link(object, seen); });
    case RTM_NEWADDR:
        return each_object(message, [&](nl_object *object) {
            parse_address(reinterpret_cast<rtnl_addr *>(object), seen.network);
        });
    case RTM_NEWROUTE:
        return each_object(message, take_route);
    case RTM_NEWNEIGH:
        return parse_permanent_neighbour(message, seen.neighbours);
    default:
        return take_features(message, seen);
    }
}

void check_devices(const Network &network) {
    for (const Device &device : network.devices) {
        for (const Address4 &own : device.addresses4) {
            require(own.address.is_set() && own.prefix_length <= 32, "an IPv4 address is one");
            directed_broadcast(own);
        }
        for (const Address6 &own : device.addresses6)
            require(own.address.is_set(), "an IPv6 address is one");
    }
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46::test;
    Seen seen;
    int left = static_cast<int>(size);
    // Aligned, as what comes from a socket is.
    std::vector<std::uint32_t> words(size / 4 + 1);
    std::memcpy(words.data(), data, size);
    auto *header = reinterpret_cast<nlmsghdr *>(words.data());
    while (nlmsg_ok(header, left)) {
        const std::unique_ptr<nl_msg, void (*)(nl_msg *)> message(nlmsg_convert(header),
                                                                  nlmsg_free);
        require(message != nullptr, "there is memory");
        nlmsg_set_proto(message.get(), NETLINK_ROUTE);
        take(message.get(), seen);
        header = nlmsg_next(header, &left);
    }
    check_devices(seen.network);
    return 0;
}
