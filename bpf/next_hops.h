/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the kernel's routing table has just said, for XDP. Its IPv6 lookup costs more than all that
 * XDP does with a packet otherwise (docs/performance.md), and in a flood the answer is the same.
 *
 * One answer is believed for NEXT_HOP_TICKS ticks of the kernel's clock. The table is small, per
 * CPU and direct-mapped: what shares a slot replaces each other, and is asked for again. So nothing
 * fills up, and who sends from many addresses gets the speed of the lookup, no less.
 */
#ifndef DHCP46_BPF_NEXT_HOPS_H
#define DHCP46_BPF_NEXT_HOPS_H

#include "route.h"

enum {
    NEXT_HOP_SLOTS = 1024,
    NEXT_HOP_TICKS = 25, /* 25 to 250 ms: the kernel has 1000 to 100 ticks in a second */
};

struct next_hop {
    __u64 destination[2]; /* IPv4: the second half is 0 */
    __u64 asked;          /* tick */
    __u32 link_id;        /* where the packet came in, since routes can depend on it */
    __u32 out_ifindex;
    __u32 mtu;
    __u8 macs[12]; /* destination and source, as they begin a frame */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, NEXT_HOP_SLOTS);
    __type(key, __u32);
    __type(value, struct next_hop);
} next_hops SEC(".maps");

DHCP46_INLINE struct next_hop *next_hop_slot(const __u64 key[2], __u32 link_id) {
    /* Fibonacci hashing: the upper bits of the product depend on all bits of the number. */
    __u32 slot = (__u32)(((key[0] ^ key[1] ^ link_id) * 0x9e3779b97f4a7c15ULL) >> 54);
    return bpf_map_lookup_elem(&next_hops, &slot);
}

DHCP46_INLINE int is_known(const struct next_hop *hop, const __u64 key[2], __u32 link_id) {
    return hop->destination[0] == key[0] && hop->destination[1] == key[1] &&
           hop->link_id == link_id && bpf_jiffies64() - hop->asked < NEXT_HOP_TICKS;
}

/* What the kernel sends on is not ours. This is known sooner than that there is no such address. */
DHCP46_INLINE int dhcp46_is_own(const struct dhcp46_tables *tables, const struct dhcp46_work *work,
                                const struct dhcp46_address_key *address) {
    __u64 key[2] = {dhcp46_load64(address->address), dhcp46_load64(address->address + 8)};
    const struct next_hop *hop = next_hop_slot(key, work->link_id);

    if (hop && is_known(hop, key, work->link_id))
        return 0;
    return dhcp46_lookup_address(tables, address) != NULL;
}

/* Asks the kernel; the answer is kept if XDP can use it. */
DHCP46_INLINE int ask_next_hop(struct xdp_md *ctx, const struct dhcp46_plan *plan, __u32 link_id,
                               const __u64 key[2], struct next_hop *hop) {
    struct bpf_fib_lookup fib;

    route_question(plan, ctx->ingress_ifindex, &fib);
    if (bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
        return 0;
    hop->destination[0] = key[0];
    hop->destination[1] = key[1];
    hop->asked = bpf_jiffies64();
    hop->link_id = link_id;
    hop->out_ifindex = fib.ifindex;
    hop->mtu = fib.mtu_result;
    dhcp46_join_macs(hop->macs, fib.dmac, fib.smac);
    return 1;
}

/* Fills in the plan's MAC addresses; the device on which the packet leaves, or 0. */
DHCP46_INLINE __u32 find_next_hop(struct xdp_md *ctx, struct dhcp46_plan *plan, __u32 link_id) {
    const __u8 *ip = plan->header + ETH_LENGTH;
    __u64 key[2] = {plan->ipv6 ? dhcp46_load64(ip + IPV6_DST) : dhcp46_load32(ip + IPV4_DST),
                    plan->ipv6 ? dhcp46_load64(ip + IPV6_DST + 8) : 0};
    struct next_hop *hop = next_hop_slot(key, link_id);

    if (!hop)
        return 0;
    int is_enough = is_known(hop, key, link_id) && dhcp46_plan_ip_length(plan) <= hop->mtu;
    if (!is_enough && !ask_next_hop(ctx, plan, link_id, key, hop))
        return 0;
    dhcp46_store64(plan->header, dhcp46_load64(hop->macs));
    dhcp46_store32(plan->header + 8, dhcp46_load32(hop->macs + 8));
    return hop->out_ifindex;
}

#endif /* DHCP46_BPF_NEXT_HOPS_H */
