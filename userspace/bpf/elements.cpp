// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/elements.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <vector>

#include <fmt/format.h>

#include "bpf/privileges.h"
#include "instance/counters.h"

namespace dhcp46 {

Status apply_change(int map, const Change &change) {
    const int failed =
        change.erase ? bpf_map_delete_elem(map, change.key.data())
                     : bpf_map_update_elem(map, change.key.data(), change.value.data(), BPF_ANY);
    // The kernel itself takes a device that goes out of tx_devices.
    if (failed && !(change.erase && errno == ENOENT))
        return syscall_error(fmt::format("map {}", change.map), errno);
    return {};
}

std::size_t cpu_count() {
    const int count = libbpf_num_possible_cpus();
    return count > 0 ? static_cast<std::size_t>(count) : 1;
}

Result<dhcp46_stats> read_stats(int map, std::uint32_t link_id) {
    std::vector<dhcp46_stats> values(cpu_count());
    if (bpf_map_lookup_elem(map, &link_id, values.data()) != 0)
        return syscall_error("map stats", errno);
    dhcp46_stats total = {};
    for (const dhcp46_stats &value : values)
        add_stats(total, value);
    return total;
}

Status zero_stats(int map, std::uint32_t link_id) {
    const std::vector<dhcp46_stats> zeros(cpu_count());
    if (bpf_map_update_elem(map, &link_id, zeros.data(), BPF_ANY) != 0)
        return syscall_error("map stats", errno);
    return {};
}

} // namespace dhcp46
