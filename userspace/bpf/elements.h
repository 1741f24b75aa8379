// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Elements of maps, pinned or not.
#ifndef DHCP46_BPF_ELEMENTS_H
#define DHCP46_BPF_ELEMENTS_H

#include <cstddef>
#include <cstdint>

#include "instance/tables.h"
#include "util/result.h"

namespace dhcp46 {

// Those that a per-CPU map has values of.
std::size_t cpu_count();

Status apply_change(int map, const Change &change);

// Summed over the CPUs.
Result<dhcp46_stats> read_stats(int map, std::uint32_t link_id);
Status zero_stats(int map, std::uint32_t link_id);

} // namespace dhcp46

#endif // DHCP46_BPF_ELEMENTS_H
