// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Where the slow path asks what the kernel programs ask their maps.
#pragma once

#include "dhcp46/abi.h"

namespace dhcp46 {

// Each returns null if there is no such entry. What it returns stays until the packet is done.
class Lookups {
  public:
    Lookups() = default;
    Lookups(const Lookups &) = delete;
    Lookups &operator=(const Lookups &) = delete;
    virtual ~Lookups() = default;

    virtual const dhcp46_link *link(const dhcp46_link_key &key) const = 0;
    virtual const dhcp46_address *address(const dhcp46_address_key &key) const = 0;
    virtual const dhcp46_upstream *upstream(const dhcp46_upstream_key &key) const = 0;
    // The longest prefix that matches.
    virtual const dhcp46_prefix *prefix(const dhcp46_prefix_key &key) const = 0;
};

} // namespace dhcp46
