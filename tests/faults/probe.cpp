// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "faults/probe.h"

namespace dhcp46::test {

namespace {

bool relays_as_told(const GoldenCase &golden_case, const Scene &scene, const Outcome &outcome) {
    return outcome.out == golden_case.out &&
           outcome.out_ifindex == scene.ifindexes.at(golden_case.to) &&
           (!golden_case.type || outcome.type == *golden_case.type);
}

} // namespace

// Some fates are the kernel programs' own, and the model's as TC.
bool holds(const GoldenCase &golden_case, const Scene &scene) {
    const Tier tier = golden_case.on_core ? Tier::buffer : Tier::tc;
    const Outcome outcome =
        run(scene.network, golden_case.in, scene.ifindexes.at(golden_case.on), tier);

    if (outcome.verdict != golden_case.verdict || outcome.reason != golden_case.reason)
        return false;
    return outcome.verdict != DHCP46_VERDICT_RELAY || relays_as_told(golden_case, scene, outcome);
}

} // namespace dhcp46::test
