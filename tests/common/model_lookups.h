// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The model's tables, as the slow path asks them.
#pragma once

#include "common/tables.h"
#include "slowpath/lookups.h"

namespace dhcp46::test {

class ModelLookups : public Lookups {
  public:
    explicit ModelLookups(const dhcp46_tables &tables) : tables_(tables) {}

    const dhcp46_link *link(const dhcp46_link_key &key) const override {
        return tables_.links.find_or_null(key);
    }
    const dhcp46_address *address(const dhcp46_address_key &key) const override {
        return tables_.addresses.find_or_null(key);
    }
    const dhcp46_upstream *upstream(const dhcp46_upstream_key &key) const override {
        return tables_.upstreams.find_or_null(key);
    }
    const dhcp46_prefix *prefix(const dhcp46_prefix_key &key) const override {
        return tables_.longest_prefix(key);
    }

  private:
    const dhcp46_tables &tables_;
};

} // namespace dhcp46::test
