/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* One packet's working memory: too large for the stack, and in a map the verifier does not track
 * each of its values, which keeps the option walk cheap to verify. Per CPU and user. */
#ifndef DHCP46_BPF_SCRATCH_H
#define DHCP46_BPF_SCRATCH_H

#include "lookup.h"

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 2);
    __type(key, __u32);
    __type(value, struct dhcp46_work);
} scratch SEC(".maps") __weak;

enum scratch_user {
    SCRATCH_INGRESS,
    SCRATCH_EGRESS, /* runs inside of ingress, when that sends a copy */
};

DHCP46_INLINE struct dhcp46_work *scratch_get(__u32 user) {
    return bpf_map_lookup_elem(&scratch, &user);
}

#endif /* DHCP46_BPF_SCRATCH_H */
