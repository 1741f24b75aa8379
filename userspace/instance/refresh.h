// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What it takes to attach a running instance again without its command line. Pure.
#ifndef DHCP46_INSTANCE_REFRESH_H
#define DHCP46_INSTANCE_REFRESH_H

#include "instance/resolve.h"
#include "instance/tables.h"

namespace dhcp46 {

// What the instance was attached with, from its entries; upstreams and prefixes are those that
// there are now. An LCRA's uplinks are named if it has no upstream whose route could say which.
Result<Spec> rebuilt_spec(const Tables &tables, std::uint32_t instance, const Network &network);

// A device of the wish that is not there.
struct AbsentDevice {
    std::string name;
    dhcp46_side side = DHCP46_SIDE_NONE;
    std::uint32_t position = 0; // among the devices of its side
};

// Takes the devices that are not there out of the wish, as far as others are left on their side:
// one dead device does not keep the others from working.
std::vector<AbsentDevice> leave_out_absent(Spec &spec, const Network &network);

// Keeps in `next` what the instance had of such devices: nothing comes in there, but the names and
// the counters are not lost. All have the positions that they have in the wish.
void keep_absent(Tables &next, const Tables &current, std::uint32_t instance,
                 const std::vector<AbsentDevice> &absent);

// Whether the network has an own address for the instance that its entries lack, and none less.
bool brings_address(const Tables &tables, std::uint32_t instance, const Resolved &now);

// Gives `next` the instance's upstreams and prefixes as they are, with all that a Spec cannot say
// of them: ports, origins, refused prefixes.
void keep_edited(Tables &next, const Tables &current, std::uint32_t instance);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_REFRESH_H
