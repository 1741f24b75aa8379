// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The golden table through the model: exit 0 if every case holds, 1 if one does not.
#include <cstdio>

#include "faults/probe.h"

using namespace dhcp46::test;

namespace {

Scene scene_of(const GoldenCase &golden_case) {
    Ifindexes ifindexes;
    std::uint32_t next = 11;
    for (const GoldenDevice &device : golden().devices(golden_case.world))
        ifindexes[device.name] = next++;
    return golden().scene(golden_case, ifindexes);
}

} // namespace

int main() {
    std::size_t ran = 0, failed = 0;
    for (const GoldenCase &golden_case : golden().cases()) {
        if (!golden_case.on_core && !golden_case.on_tc)
            continue;
        ran++;
        if (holds(golden_case, scene_of(golden_case)))
            continue;
        if (failed++ == 0)
            std::printf("%s\n", golden_case.name.c_str());
    }
    std::printf("%zu of %zu cases fail\n", failed, ran);
    return failed || !ran ? 1 : 0;
}
