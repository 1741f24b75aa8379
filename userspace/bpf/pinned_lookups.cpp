// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/pinned_lookups.h"

#include <bpf/bpf.h>

namespace dhcp46 {

template <typename Key, typename Value>
static const Value *look_up(int map, const Key &key, std::list<Value> &kept) {
    Value value = {};
    if (bpf_map_lookup_elem(map, &key, &value) != 0)
        return nullptr;
    return &kept.emplace_back(value);
}

const dhcp46_link *PinnedLookups::link(const dhcp46_link_key &key) const {
    return look_up(store_.map("links"), key, links_);
}

const dhcp46_address *PinnedLookups::address(const dhcp46_address_key &key) const {
    return look_up(store_.map("addresses"), key, addresses_);
}

const dhcp46_upstream *PinnedLookups::upstream(const dhcp46_upstream_key &key) const {
    return look_up(store_.map("upstreams"), key, upstreams_);
}

const dhcp46_prefix *PinnedLookups::prefix(const dhcp46_prefix_key &key) const {
    return look_up(store_.map("cra_prefixes"), key, prefixes_);
}

void PinnedLookups::forget() {
    links_.clear();
    addresses_.clear();
    upstreams_.clear();
    prefixes_.clear();
}

} // namespace dhcp46
