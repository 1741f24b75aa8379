// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "faults/probe.h"

namespace dhcp46::test {

// Some fates are the kernel programs' own, and the model's as TC.
bool holds(const GoldenCase &golden_case, const Scene &scene) {
    const Tier tier = golden_case.on_core ? Tier::buffer : Tier::tc;
    const std::uint32_t ifindex = scene.ifindexes.at(golden_case.on);
    const Outcome outcome = run(scene.network, golden_case.in, ifindex, tier, golden_case.hook);

    return difference(golden_case, scene, outcome).empty();
}

} // namespace dhcp46::test
