// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Any frame, on every device, through the whole data path under a configuration of any kind.
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

void check(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
           Tier tier) {
    const Outcome outcome = run(network, frame, ifindex, tier);

    require(outcome == run(network, frame, ifindex, tier), "the same twice");
    if (outcome.verdict != DHCP46_VERDICT_RELAY)
        return;
    require(outcome.type < DHCP46_TYPES, "a type");
    require(!outcome.out.empty(), "something leaves");
    for (const Sent &sent : outcome.out) {
        require(sent.frame.size() <= frame.size() + 20 + 64, "what leaves is hardly longer");
        check_emitted(sent.frame);
        if (has_good_udp_csum(frame))
            require(has_good_udp_csum(sent.frame), "a good UDP checksum stays good");
    }
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

    for (const Device &device : devices()) {
        for (Tier tier : {Tier::buffer, Tier::xdp, Tier::tc})
            check(network, bytes.rest(), device.ifindex, tier);
    }
    return 0;
}
