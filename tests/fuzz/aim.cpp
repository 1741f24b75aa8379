// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Copies for any upstreams: each is what the one for this upstream alone would have been.
#include <algorithm>

#include "differential/world.h"
#include "fuzz/input.h"

namespace dhcp46::test {

namespace {

using Upstreams = std::vector<dhcp46_upstream>;

// Up to eight, at any port; IPv4 as v4-mapped.
Upstreams take_upstreams(Bytes &bytes, bool ipv6) {
    Upstreams upstreams(1 + bytes.octet() % DHCP46_UPSTREAM_SLOTS);
    for (dhcp46_upstream &upstream : upstreams) {
        upstream = {};
        if (ipv6)
            upstream.address[0] = 0x20;
        else
            upstream.address[10] = upstream.address[11] = 0xff;
        const auto last = bytes.take(4);
        std::copy(last.begin(), last.end(), upstream.address + 12);
        upstream.port = static_cast<std::uint16_t>(bytes.octet() << 8 | bytes.octet());
    }
    return upstreams;
}

std::vector<Sent> sent_to(const Network &world, std::uint32_t instance, const Upstreams &upstreams,
                          std::span<const std::uint8_t> frame, std::uint32_t ifindex) {
    Network network = world;
    for (std::uint32_t slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++)
        network.tables.upstreams.erase({instance, slot});
    for (std::uint32_t slot = 0; slot < upstreams.size(); slot++)
        network.tables.upstreams[{instance, slot}] = upstreams[slot];
    return run(network, frame, ifindex, Tier::buffer).out;
}

void check(const Network &world, std::uint32_t instance, const Upstreams &upstreams,
           std::span<const std::uint8_t> frame, std::uint32_t ifindex) {
    const std::vector<Sent> copies = sent_to(world, instance, upstreams, frame, ifindex);
    if (copies.empty())
        return;
    require(copies.size() == upstreams.size(), "one copy to each");
    for (std::size_t i = 0; i < copies.size(); i++) {
        const std::vector<Sent> alone = sent_to(world, instance, {upstreams[i]}, frame, ifindex);
        require(alone.size() == 1 && alone.front() == copies[i], "as if it were the only one");
    }
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46::test;
    static const Network world = make_network();
    const Cra &cra = cras().front();
    const Tra &tra = tras().front();
    Bytes bytes(data, size);
    const bool at_cra = bytes.octet() & 1;
    const Upstreams upstreams = take_upstreams(bytes, at_cra);

    if (at_cra)
        check(world, cra.id, upstreams, bytes.rest(), cra.client);
    else
        check(world, tra.id, upstreams, bytes.rest(), tra.v6);
    return 0;
}
