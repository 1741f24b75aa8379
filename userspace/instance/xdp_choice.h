// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Native XDP or TC alone: which, and why in words.
#ifndef DHCP46_INSTANCE_XDP_CHOICE_H
#define DHCP46_INSTANCE_XDP_CHOICE_H

#include <optional>
#include <string>
#include <vector>

#include "dhcp46/abi.h"
#include "net/network.h"

namespace dhcp46 {

struct XdpChoice {
    bool native = false;
    std::string why;      // of what was chosen, or of why native is not to be had
    std::string hint;     // what would make native possible
    bool foreign = false; // somebody else's program is the reason
};

// Whether frames redirected to this device by XDP go out. Where the kernel does not tell, a
// hardware driver is believed, and veth and tap too if native XDP was asked for.
bool takes_redirects(const Device &device, bool asked_for);

// `outs`: where packets that come in are redirected to. `foreign`: the XDP program of somebody else
// that the device has.
XdpChoice choose_xdp(dhcp46_xdp_mode mode, const Device &in,
                     const std::vector<const Device *> &outs,
                     const std::optional<std::string> &foreign);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_XDP_CHOICE_H
