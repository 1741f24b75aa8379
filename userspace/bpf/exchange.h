// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// This binary's programs in place of those that another build of dhcp46 attached.
#ifndef DHCP46_BPF_EXCHANGE_H
#define DHCP46_BPF_EXCHANGE_H

#include <string>

#include "bpf/store.h"
#include "net/network.h"

namespace dhcp46 {

// Exchanges all programs while they run, without a packet between the old and the new; finishes
// what a call began that was killed. False: they are those of this build already. Failing, it
// leaves the old ones in place.
Result<bool> exchange_programs(const std::string &directory, Store &store, const Tables &tables,
                               const Network &network);

} // namespace dhcp46

#endif // DHCP46_BPF_EXCHANGE_H
