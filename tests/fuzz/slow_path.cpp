// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Any frame, as a record of the punt ring brings it from every device, through the slow path.
#include "common/model_lookups.h"
#include "differential/world.h"
#include "fuzz/input.h"
#include "fuzz/packet_checks.h"
#include "slowpath/fragments.h"
#include "slowpath/frame.h"
#include "slowpath/relay.h"

namespace dhcp46::test {

namespace {

// What the kernel programs would have decided, if it was for them to say.
void compare(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
             const Decision &decision) {
    const Outcome outcome = run(network, frame, ifindex, Tier::buffer, Hook::ingress);
    if (outcome.verdict != DHCP46_VERDICT_RELAY || outcome.reason != DHCP46_NO_REASON)
        return;
    require(decision.verdict == DHCP46_VERDICT_RELAY, "relayed by both");
    require(decision.type == outcome.type, "of one type");
    // Where no route leads is found out when a copy is sent.
    require(decision.departures.size() == outcome.out.size() + outcome.skipped, "as many copies");
}

void check_fragments(const Departure &departure) {
    if (departure.frame[ETH_TYPE] != 0x08)
        return;
    std::size_t octets = 0;
    for (const auto &fragment : fragment_ipv4(departure.frame, 576)) {
        require(fragment.size() <= ETH_LENGTH + 576, "a fragment fits");
        octets += fragment.size() - ETH_LENGTH - IPV4_LENGTH;
    }
    require(octets == departure.frame.size() - ETH_LENGTH - IPV4_LENGTH, "all of it is there");
}

void check(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
           bool has_ethernet) {
    const ModelLookups lookups(network.tables);
    const Decision decision = decide(frame, has_ethernet, ifindex, lookups);

    require(decision.verdict != DHCP46_VERDICT_PUNT, "nothing is handed on");
    require((decision.verdict == DHCP46_VERDICT_RELAY) == !decision.departures.empty(),
            "relayed, it leaves");
    require(decision.departures.empty() == (decision.type == DHCP46_TYPES),
            "relayed, it has a type");
    for (const Departure &departure : decision.departures) {
        check_emitted(departure.frame);
        check_fragments(departure);
    }
    compare(network, frame, ifindex, decision);
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46::test;
    static const Network world = make_network();
    const std::span<const std::uint8_t> frame(data, size);

    for (const Device &device : devices()) {
        const bool has_ethernet = l2_length_of(device.ifindex) != 0;
        const std::size_t without = has_ethernet ? 0 : 14;
        check(world, frame.subspan(std::min(frame.size(), without)), device.ifindex, has_ethernet);
    }
    return 0;
}
