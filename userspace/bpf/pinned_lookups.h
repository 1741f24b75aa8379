// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The pinned maps as the slow path asks them. There is no copy that could disagree with them.
#ifndef DHCP46_BPF_PINNED_LOOKUPS_H
#define DHCP46_BPF_PINNED_LOOKUPS_H

#include <list>

#include "bpf/store.h"
#include "slowpath/lookups.h"

namespace dhcp46 {

class PinnedLookups : public Lookups {
  public:
    // The store outlives this.
    explicit PinnedLookups(const Store &store) : store_(store) {}

    const dhcp46_link *link(const dhcp46_link_key &key) const override;
    const dhcp46_address *address(const dhcp46_address_key &key) const override;
    const dhcp46_upstream *upstream(const dhcp46_upstream_key &key) const override;
    const dhcp46_prefix *prefix(const dhcp46_prefix_key &key) const override;

    // Nothing that was returned is needed any more.
    void forget();

  private:
    const Store &store_;
    // Lists, since what was returned must stay where it is.
    mutable std::list<dhcp46_link> links_;
    mutable std::list<dhcp46_address> addresses_;
    mutable std::list<dhcp46_upstream> upstreams_;
    mutable std::list<dhcp46_prefix> prefixes_;
};

} // namespace dhcp46

#endif // DHCP46_BPF_PINNED_LOOKUPS_H
