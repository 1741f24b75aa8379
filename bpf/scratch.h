/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* One packet's working memory: too large for the stack, and in a map the verifier does not track
 * each of its values, which keeps the option walk cheap to verify. Per CPU; programs do not nest.
 */
#ifndef DHCP46_BPF_SCRATCH_H
#define DHCP46_BPF_SCRATCH_H

#include "lookup.h"

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct dhcp46_work);
} scratch SEC(".maps") __weak;

DHCP46_INLINE struct dhcp46_work *scratch_get(void) {
    __u32 zero = 0;

    return bpf_map_lookup_elem(&scratch, &zero);
}

#endif /* DHCP46_BPF_SCRATCH_H */
