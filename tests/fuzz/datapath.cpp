// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Any frame, coming in and going out on every device, through the whole data path under a
// configuration of any kind.
#include "differential/world.h"
#include "fuzz/input.h"
#include "fuzz/packet_checks.h"

namespace dhcp46::test {

namespace {

// The world, with one policy everywhere that the input chooses, or with its own.
Network make_configuration(const Network &world, const dhcp46_policy &policy) {
    Network network = world;

    for (auto &[key, link] : network.tables.links)
        link.policy = policy;
    for (auto &[key, address] : network.tables.addresses)
        address.policy = policy;
    return network;
}

dhcp46_policy take_policy(Bytes &bytes) {
    return {
        static_cast<std::uint8_t>(1 + bytes.octet() % 16),
        static_cast<std::uint8_t>(1 + bytes.octet() % 254),
        static_cast<std::uint8_t>(bytes.octet() % 2),
        static_cast<std::uint8_t>(bytes.octet() % 4),
    };
}

// As a device with an Ethernet header would have it.
Frame with_ethernet(std::span<const std::uint8_t> octets, std::uint32_t ifindex) {
    Frame frame;
    if (l2_length_of(ifindex) == 0 && !octets.empty()) {
        const bool ipv6 = octets[0] >> 4 == 6;
        frame.resize(14);
        frame[12] = ipv6 ? 0x86 : 0x08;
        frame[13] = ipv6 ? 0xdd : 0x00;
    }
    frame.insert(frame.end(), octets.begin(), octets.end());
    return frame;
}

void check(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
           Tier tier, Hook hook) {
    const Outcome outcome = run(network, frame, ifindex, tier, hook);

    require(outcome == run(network, frame, ifindex, tier, hook), "the same twice");
    require((outcome.verdict == DHCP46_VERDICT_RELAY) == !outcome.out.empty(),
            "relayed, it leaves");
    require(outcome.out.empty() == (outcome.type == DHCP46_TYPES), "relayed, it has a type");
    require(outcome.skipped == 0 || !outcome.out.empty(), "some are skipped, others are not");
    if (outcome.out.empty())
        return;
    const bool good = has_good_udp_csum(with_ethernet(frame, ifindex));
    for (const Sent &sent : outcome.out) {
        const Frame emitted = with_ethernet(sent.frame, sent.ifindex);
        require(emitted.size() <= frame.size() + 20 + 14 + 64, "what leaves is hardly longer");
        check_emitted(emitted);
        if (good)
            require(has_good_udp_csum(emitted), "a good UDP checksum stays good");
    }
}

// Where a device has no layer-2 header the input is without its own.
void check_device(const Network &network, std::span<const std::uint8_t> frame,
                  std::uint32_t ifindex) {
    const std::size_t without = l2_length_of(ifindex) == 0 ? 14 : 0;
    frame = frame.subspan(std::min(frame.size(), without));
    for (Tier tier : {Tier::buffer, Tier::xdp, Tier::tc})
        check(network, frame, ifindex, tier, Hook::ingress);
    check(network, frame, ifindex, Tier::tc, Hook::egress);
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46::test;
    static const Network world = make_network();
    Bytes bytes(data, size);
    const dhcp46_policy policy = take_policy(bytes);
    const Network changed = policy.flags ? make_configuration(world, policy) : Network{};
    const Network &network = policy.flags ? changed : world;

    for (const Device &device : devices())
        check_device(network, bytes.rest(), device.ifindex);
    return 0;
}
