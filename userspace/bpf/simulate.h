// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The real programs, run on packets in memory: this binary's, with copies of the pinned maps.
#ifndef DHCP46_BPF_SIMULATE_H
#define DHCP46_BPF_SIMULATE_H

#include <string>
#include <vector>

#include "instance/simulation.h"
#include "util/result.h"

namespace dhcp46 {

// As if the frames came in on the instance's device, or left it, if an HCRA's own client has sent
// them. Nothing is sent, nothing counted, and nothing pinned changes.
Result<Simulation> simulate(const std::string &bpffs, const std::string &name,
                            const std::string &device, const std::vector<Frame> &frames);

} // namespace dhcp46

#endif // DHCP46_BPF_SIMULATE_H
