// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static std::vector<std::string> order(const std::vector<Change> &changes) {
    std::vector<std::string> names;
    for (const Change &change : changes) {
        const std::string name = (change.erase ? "-" : "+") + std::string(change.map);
        if (names.empty() || names.back() != name)
            names.push_back(name);
    }
    return names;
}

TEST(Difference, WhatIsLedToComesBeforeWhatLeads) {
    const auto published =
        with_instance({}, resolved(tra(), network()), xdp_everywhere(network()), network());
    ASSERT_TRUE(published);
    EXPECT_EQ(order(difference({}, published->tables)),
              (std::vector<std::string>{"+tx_devices", "+upstreams", "+cra_prefixes", "+addresses",
                                        "+links", "+instances"}));
    EXPECT_EQ(order(difference(published->tables, {})),
              (std::vector<std::string>{"+instances", "-links", "-addresses", "-cra_prefixes",
                                        "-upstreams", "-tx_devices", "-instances"}));
}

TEST(Difference, OnlyWhatDiffers) {
    const Tables before = attached({}, lcra(), network());
    Spec spec = lcra();
    spec.upstreams = {ip6("2001:db8:ff::2")};
    const auto changes = difference(before, attached(before, spec, network()));
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_STREQ(changes[0].map, "upstreams");
    EXPECT_EQ(changes[0].key.size(), sizeof(dhcp46_upstream_key));
    EXPECT_EQ(changes[0].value.size(), sizeof(dhcp46_upstream));
}

// A detach that was killed leaves what the next attach takes for nothing.
TEST(Unfinished, AnInstanceThatIsBeingDeletedIsLeftOut) {
    const Tables tables = attached({}, tra(), network());
    const auto changes = difference(tables, {});
    ASSERT_STREQ(changes.front().map, "instances");
    ASSERT_FALSE(changes.front().erase);
    Tables killed = tables;
    dhcp46_instance &instance = killed.instances.begin()->second;
    std::memcpy(&instance, changes.front().value.data(), sizeof(instance));
    EXPECT_EQ(find_instance(killed, "core"), killed.instances.begin()->first);
    const Tables kept = without_unfinished(killed);
    EXPECT_TRUE(kept.instances.empty() && kept.links.empty() && kept.addresses.empty());
}

TEST(Unfinished, EntriesWithoutInstanceAreLeftOut) {
    Tables tables = attached({}, tra(), network());
    tables.instances.clear();
    const Tables kept = without_unfinished(tables);
    EXPECT_TRUE(kept.links.empty() && kept.addresses.empty());
    EXPECT_TRUE(kept.upstreams.empty() && kept.cra_prefixes.empty());
    EXPECT_TRUE(check_conflicts(kept, resolved(tra(), network()), network()));
}
