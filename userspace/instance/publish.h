// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which map entries an instance means. Pure: the caller applies the difference.
#ifndef DHCP46_INSTANCE_PUBLISH_H
#define DHCP46_INSTANCE_PUBLISH_H

#include <set>

#include "instance/hook_state.h"
#include "instance/resolve.h"
#include "instance/tables.h"

namespace dhcp46 {

struct Published {
    Tables tables;
    std::uint32_t instance = 0;
    std::set<std::uint32_t> fresh_link_ids; // their counters are to be zeroed
};

// Whether an instance may have other devices than it had: those that went may be left out.
enum class Shape { stays, may_change };

// Refuses what clashes with other instances, or with what this one was before. `yielding`: names of
// instances that give up what this one takes.
Status check_conflicts(const Tables &current, const Resolved &resolved, const Network &network,
                       Shape shape = Shape::stays, const std::set<std::string> &yielding = {});

// All entries with the instance as resolved in place of what it was. Call check_conflicts() first.
Result<Published> with_instance(const Tables &current, const Resolved &resolved,
                                const HookMap &hooks, const Network &network);

// All entries without the instance. `hooks` as in with_instance(), for what remains.
Tables without_instance(const Tables &current, std::uint32_t instance, const HookMap &hooks,
                        const Network &network);

std::set<unsigned> devices_of(const Tables &tables);
std::set<unsigned> devices_of(const Tables &tables, std::uint32_t instance);
// Where packets that came in on this link go out. Nowhere at an hcra: replies stay on the host, and
// requests come from it.
std::set<unsigned> out_devices(const Tables &tables, const dhcp46_link_key &key,
                               const dhcp46_link &link);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_PUBLISH_H
