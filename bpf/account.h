/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Counts fates: every packet of ours once, where it came in (D-21). */
#ifndef DHCP46_BPF_ACCOUNT_H
#define DHCP46_BPF_ACCOUNT_H

#include "maps.h"

#include "dhcp46/core/core.h"

/* A reason is an index into the counts behind `relayed`; abi.h keeps both in one order. */
DHCP46_INLINE void count_reason(__u32 link_id, __u32 reason, __u32 bytes) {
    struct dhcp46_stats *link = bpf_map_lookup_elem(&stats, &link_id);

    if (!link || reason >= DHCP46_REASONS)
        return;
    struct dhcp46_count *count = (struct dhcp46_count *)&link->dropped + reason;
    count->packets++;
    count->bytes += bytes;
}

DHCP46_INLINE void count_relayed(__u32 link_id, __u32 type, enum dhcp46_tier tier, __u32 bytes) {
    struct dhcp46_stats *link = bpf_map_lookup_elem(&stats, &link_id);

    if (!link || type >= DHCP46_TYPES)
        return;
    struct dhcp46_relayed *relayed = (struct dhcp46_relayed *)&link->relayed + type;
    if (tier == DHCP46_TIER_XDP)
        relayed->xdp++;
    else if (tier == DHCP46_TIER_TC)
        relayed->tc++;
    else
        relayed->slow++;
    relayed->bytes += bytes;
}

DHCP46_INLINE int is_controller_alive(void) {
    __u32 zero = 0;
    const struct dhcp46_meta *state = bpf_map_lookup_elem(&meta, &zero);

    return state && state->heartbeat_ns &&
           bpf_ktime_get_ns() - state->heartbeat_ns < DHCP46_HEARTBEAT_MAX_AGE_NS;
}

#endif /* DHCP46_BPF_ACCOUNT_H */
