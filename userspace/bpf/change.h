// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What is pinned, locked.
#ifndef DHCP46_BPF_CHANGE_H
#define DHCP46_BPF_CHANGE_H

#include <optional>
#include <string>

#include "bpf/root.h"
#include "bpf/store.h"

namespace dhcp46 {

// No store: nothing is attached.
struct Opened {
    BpfRoot root;
    std::optional<Store> store;
    Tables tables;
};

Result<Opened> open_for_change(const std::string &bpffs);
// An error if there is no instance of that name; empty: all.
Result<Opened> open_for_reading(const std::string &bpffs, const std::string &name);
Result<std::uint32_t> instance_for_change(const Opened &opened, const std::string &name);

} // namespace dhcp46

#endif // DHCP46_BPF_CHANGE_H
