// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which device a name means after devices were renamed or made again. Pure.
#ifndef DHCP46_INSTANCE_NAMES_H
#define DHCP46_INSTANCE_NAMES_H

#include <map>
#include <string>

#include "instance/tables.h"
#include "net/network.h"

namespace dhcp46 {

// The device of a link as it is now; null: it is gone. One that was renamed is the same: it has its
// ifindex and its MAC address. One that was made again is known by its name; its old ifindex may be
// somebody else's by now.
const Device *device_of(const dhcp46_link_key &key, const dhcp46_link &link,
                        const Network &network);

// Names by which an instance knows devices that are called otherwise now, by ifindex.
using Names = std::map<unsigned, std::string>;

// Of two devices with a claim to a name: the one that has it, or the one that the instance knows by
// it.
enum class Claim { has_it, known_by_it };

Names names_known_to(const Tables &tables, std::uint32_t instance, const Network &network,
                     Claim stronger);
Network with_names(Network network, const Names &names);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_NAMES_H
