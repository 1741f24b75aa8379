// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Instances from the wish to the running programs: what the command line and the controller do.
#ifndef DHCP46_BPF_DEPLOY_H
#define DHCP46_BPF_DEPLOY_H

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "instance/spec.h"
#include "util/result.h"

namespace dhcp46 {

// `bpffs` is the root under which everything is pinned.

// Makes the instance run, or brings one that runs up to date. Failing, it leaves all as it was,
// except that programs of another build may have been exchanged for this one's by then.
// `max_links`: room for so many links, which is only decided when the programs are loaded.
Status attach_instance(const std::string &bpffs, const Spec &spec,
                       std::optional<std::uint32_t> max_links);
// Attaches a running instance again as it is, if the network has an address that its entries lack.
// Upstreams and prefixes stay as they are.
Status refresh_instance(const std::string &bpffs, const std::string &name);

// Puts this binary's programs in place of those that another build attached, on all devices. False:
// there was nothing to do.
Result<bool> exchange_programs(const std::string &bpffs);

// What the controller did to an instance.
struct Followed {
    bool changed = false;            // entries were written
    std::vector<std::string> absent; // devices that are not there, and wait to be
    std::uint32_t max_links = 0;     // for how many links there is room
};

struct Deployment {
    // Counts if it is the first instance: maps that are there stay as large as they are.
    std::optional<std::uint32_t> max_links = {};
    // The file was read since. Else upstreams and prefixes stay as they are, and so do devices,
    // whatever they are called now.
    bool anew = false;
    std::set<std::string> yielding = {}; // instances that are made anew, too, after this one
};

// Makes an instance be as the controller's file says. Devices that are missing keep no other from
// working. One that cannot be changed in place is detached first.
Result<Followed> deploy_instance(const std::string &bpffs, const Spec &spec,
                                 const Deployment &deployment);
// Attaches a running instance again as the network is now. Devices that are missing keep no other
// from working. Upstreams and prefixes stay as they are.
Result<Followed> follow_instance(const std::string &bpffs, const std::string &name);

Status detach_instance(const std::string &bpffs, const std::string &name);
Status detach_all(const std::string &bpffs);

Status add_upstream(const std::string &bpffs, const std::string &name, const std::string &address);
Status delete_upstream(const std::string &bpffs, const std::string &name,
                       const std::string &address);
// What DHCPv6 taught: replaces what it taught before, and no other upstream.
Status learn_upstreams(const std::string &bpffs, const std::string &name,
                       const std::vector<std::string> &addresses);

// "no instance of that name", exit 1.
Error no_such_instance(const std::string &name);

} // namespace dhcp46

#endif // DHCP46_BPF_DEPLOY_H
