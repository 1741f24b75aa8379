// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_BPF_PROGRAMS_H
#define DHCP46_BPF_PROGRAMS_H

namespace dhcp46 {

// File descriptors of our programs, owned by a Store; -1: none.
struct Programs {
    int xdp = -1;
    int tc = -1;     // TC ingress, Ethernet
    int tc_l3 = -1;  // TC ingress of devices without a layer-2 header
    int egress = -1; // TC egress
};

} // namespace dhcp46

#endif // DHCP46_BPF_PROGRAMS_H
