// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The configuration maps as plain C++ maps: what is in the kernel, or what should be.
#ifndef DHCP46_INSTANCE_TABLES_H
#define DHCP46_INSTANCE_TABLES_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dhcp46/abi.h"
#include "util/address.h"

namespace dhcp46 {

// The ABI's structs have no implicit padding, so their octets order and compare them.
struct BytesLess {
    template <typename T> bool operator()(const T &a, const T &b) const {
        return std::memcmp(&a, &b, sizeof(T)) < 0;
    }
};
template <typename T> bool same_bytes(const T &a, const T &b) {
    return std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <typename Key, typename Value> using Table = std::map<Key, Value, BytesLess>;

struct Tables {
    std::map<std::uint32_t, dhcp46_instance> instances;
    Table<dhcp46_link_key, dhcp46_link> links;
    Table<dhcp46_address_key, dhcp46_address> addresses;
    Table<dhcp46_upstream_key, dhcp46_upstream> upstreams;
    Table<dhcp46_prefix_key, dhcp46_prefix> cra_prefixes;
    std::map<std::uint32_t, std::uint32_t> tx_devices;
    std::uint32_t max_links = DHCP46_MAX_LINKS; // the size of links, stats and tx_devices
};

// One element to write or to delete, as octets for the kernel.
struct Change {
    const char *map;
    bool erase;
    std::vector<std::byte> key;
    std::vector<std::byte> value;
};

// In an order in which no packet is mis-sent: what an entry leads to is written before the entry
// that leads there, and deleted after it. DHCP46_UPSTREAM_LAST is taken off before an upstream
// comes behind it, and set after those behind it went. The instance comes last both times, so that
// one that is there has all its entries, and one that is being deleted can be deleted again: it has
// role NONE by then.
std::vector<Change> difference(const Tables &from, const Tables &to);

// Without the entries that a call left which was killed before it came to write the instance, or
// while it deleted one.
Tables without_unfinished(const Tables &tables);

std::optional<std::uint32_t> find_instance(const Tables &tables, const std::string &name);
// The instance for which packets to this address are that come in on the device (IPv4 as
// v4-mapped).
std::optional<std::uint32_t> find_address_user(const Tables &tables, const Ip6 &address,
                                               unsigned ifindex);
dhcp46_side side_of(const dhcp46_link_key &key);
// The name that the link's device had when it was attached.
std::string name_of(const dhcp46_link &link);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_TABLES_H
