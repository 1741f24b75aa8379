// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_NET_QDISC_H
#define DHCP46_NET_QDISC_H

#include <string>

#include "util/result.h"

namespace dhcp46 {

// The kind of the qdisc that holds the device's ingress filters: clsact, ingress; empty: it has
// none.
Result<std::string> ingress_qdisc(unsigned ifindex);

} // namespace dhcp46

#endif // DHCP46_NET_QDISC_H
