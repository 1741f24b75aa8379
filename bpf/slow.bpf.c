/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Counts for the controller, which runs it on a list of fates (BPF_PROG_TEST_RUN): the counters are
 * per CPU, and from outside a count could only be written over those that the kernel makes at the
 * time. Attached nowhere. */
#include <linux/pkt_cls.h>

#include "account.h"

DHCP46_INLINE void count_fate(const struct dhcp46_fate *fate) {
    if (fate->type < DHCP46_TYPES)
        count_relayed(fate->link_id, fate->type, DHCP46_TIER_SLOW, fate->bytes);
    if (fate->reason != DHCP46_NO_REASON)
        count_reason(fate->link_id, fate->reason, fate->bytes);
}

DHCP46_INLINE void take_from_ring(const struct dhcp46_fate *fate) {
    __u32 link_id = fate->link_id;
    __u32 *waiting = bpf_map_lookup_elem(&punt_waiting, &link_id);

    if (waiting && *waiting && fate->punts)
        __sync_fetch_and_add(waiting, -1);
}

SEC("tc")
int dhcp46_account(struct __sk_buff *skb) {
    struct dhcp46_fate fate;

    for (__u32 i = 0; i < DHCP46_FATES; i++) {
        if (bpf_skb_load_bytes(skb, i * sizeof(fate), &fate, sizeof(fate)) != 0)
            break;
        count_fate(&fate);
        take_from_ring(&fate);
    }
    return TC_ACT_OK;
}
