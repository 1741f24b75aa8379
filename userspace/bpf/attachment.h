// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Makes an instance run, or changes one that runs, step by step; failing, it takes the steps back.
#ifndef DHCP46_BPF_ATTACHMENT_H
#define DHCP46_BPF_ATTACHMENT_H

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bpf/deploy.h"
#include "bpf/root.h"
#include "instance/names.h"
#include "instance/publish.h"
#include "instance/refresh.h"

namespace dhcp46 {

// An instance as wanted, and the network with the server's link that attach makes.
struct Plan {
    Network network;
    Resolved resolved;
};

Result<Plan> plan_for(const Spec &spec, const Network &network, const Tables &attached);

struct Extras {
    std::optional<std::uint32_t> max_links = {};
    bool maps_may_be_small = false; // max_links counts only if the maps are made now
    bool keep_edited = false;       // upstreams and prefixes stay as they are
    Shape shape = Shape::stays;
    bool exchange = false;                 // programs of another build
    std::vector<AbsentDevice> absent = {}; // devices that the wish names and that are not there
    Names names = {};                      // devices that the wish calls otherwise
    std::set<std::string> yielding = {};   // instances that give up what this one takes
};

Result<Followed> attach_planned(BpfRoot &root, Plan plan, Extras extras);

} // namespace dhcp46

#endif // DHCP46_BPF_ATTACHMENT_H
