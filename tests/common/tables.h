// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The configuration maps in memory: what the shell looks up when it runs outside the kernel.
#pragma once

#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "dhcp46/abi.h"

namespace dhcp46::test {

// Orders keys by their octets; the ABI's keys have no implicit padding.
template <typename Key> struct ByOctets {
    bool operator()(const Key &a, const Key &b) const {
        return std::memcmp(&a, &b, sizeof(Key)) < 0;
    }
};

template <typename Key, typename Value> class Table : public std::map<Key, Value, ByOctets<Key>> {
  public:
    const Value *find_or_null(const Key &key) const {
        const auto it = this->find(key);
        return it == this->end() ? nullptr : &it->second;
    }
};

} // namespace dhcp46::test

// The shell's opaque type, here.
struct dhcp46_tables {
    dhcp46::test::Table<dhcp46_link_key, dhcp46_link> links;
    dhcp46::test::Table<dhcp46_address_key, dhcp46_address> addresses;
    dhcp46::test::Table<dhcp46_upstream_key, dhcp46_upstream> upstreams;
    dhcp46::test::Table<dhcp46_prefix_key, dhcp46_prefix> prefixes;

    // The longest prefix of the key's instance that matches, as an LPM trie finds it.
    const dhcp46_prefix *longest_prefix(const dhcp46_prefix_key &key) const;
};
