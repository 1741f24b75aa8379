/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Applies a plan to an skb, and sends it. Leaves through the kernel's own neighbour discovery, so
 * that the first packet is not lost. */
#ifndef DHCP46_BPF_TC_H
#define DHCP46_BPF_TC_H

#include <linux/pkt_cls.h>

#include "account.h"
#include "dry_run.h"
#include "health.h"
#include "route.h"
#include "sum.h"

/* On a copy for one of several upstreams, on its way to the egress program that finds its next hop:
 * bpf_clone_redirect itself does no neighbour discovery. "dh46". */
enum { COPY_MARK = 0x64683436 };

/* Of the clone that is being sent, for the egress program; at other times its family is 0. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct dhcp46_hop);
} clone_hop SEC(".maps");

/* What a fill edit writes behind its first octet. */
static const __u8 zeros[DHCP46_FILL_SIZE] = {};

DHCP46_INLINE int dhcp46_is_own(const struct dhcp46_tables *tables, const struct dhcp46_work *work,
                                const struct dhcp46_address_key *key) {
    (void)work;
    return dhcp46_lookup_address(tables, key) != NULL;
}

DHCP46_INLINE struct dhcp46_view view_of(struct __sk_buff *skb) {
    struct dhcp46_view view = {(const __u8 *)(long)skb->data, (const __u8 *)(long)skb->data_end};

    return view;
}

/* Makes sure that `length` octets, or all there are, can be read directly. */
DHCP46_INLINE void make_linear(struct __sk_buff *skb, __u32 length) {
    if (length > skb->len)
        length = skb->len;
    if (skb->data_end - skb->data < length)
        bpf_skb_pull_data(skb, length);
}

/* The plan's own device, if the packet fits. */
DHCP46_INLINE __u32 take_device(struct dhcp46_plan *plan) {
    return dhcp46_plan_fits(plan, plan->out_mtu) ? plan->out_ifindex : 0;
}

/* Finds out where the packet goes; the device, or 0 with another verdict in the plan. */
DHCP46_INLINE __u32 find_hop(struct __sk_buff *skb, struct dhcp46_plan *plan,
                             struct dhcp46_hop *hop) {
    struct bpf_fib_lookup fib;

    hop->family = 0;
    if (plan->way != DHCP46_WAY_ROUTE)
        return hop->ifindex = take_device(plan);

    hop->ifindex = 0;
    route_question(plan, skb->ifindex, &fib);
    switch (bpf_fib_lookup(skb, &fib, sizeof(fib), 0)) {
    case BPF_FIB_LKUP_RET_SUCCESS:
    case BPF_FIB_LKUP_RET_NO_NEIGH: /* bpf_redirect_neigh asks for it */
        hop->family = fib.family;
        dhcp46_copy16(hop->address, (const __u8 *)fib.ipv6_dst);
        return hop->ifindex = fib.ifindex;
    case BPF_FIB_LKUP_RET_FRAG_NEEDED:
        dhcp46_plan_fits(plan, fib.mtu_result);
        return 0;
    case BPF_FIB_LKUP_RET_FWD_DISABLED: /* no router: the only device there is */
        if (plan->out_ifindex)
            return hop->ifindex = take_device(plan);
        break;
    }
    dhcp46_plan_drop(plan, DHCP46_DROP_no_route);
    return 0;
}

/* Leaves the MAC addresses to the kernel's neighbour discovery. If the next hop is known, this
 * spares it a second look at the routing table, which takes longer than all else that TC does. */
DHCP46_INLINE int redirect_neigh(__u32 ifindex, struct dhcp46_hop *hop) {
    struct bpf_redir_neigh *next_hop = (void *)&hop->family;

    _Static_assert(sizeof(*next_hop) ==
                       sizeof(*hop) - __builtin_offsetof(struct dhcp46_hop, family),
                   "struct dhcp46_hop");
    if (!hop->family)
        return (int)bpf_redirect_neigh(ifindex, NULL, 0, 0);
    return (int)bpf_redirect_neigh(ifindex, next_hop, sizeof(*next_hop), 0);
}

/* Where a device has no layer-2 header the packet gets room for one, which the helpers below and
 * bpf_redirect_neigh build upon. */
DHCP46_INLINE int add_layer2(struct __sk_buff *skb, struct dhcp46_plan *plan, __u32 l2_length) {
    if (l2_length)
        return 1;
    plan->old_header += ETH_LENGTH;
    return bpf_skb_change_head(skb, ETH_LENGTH, 0) == 0;
}

/* Gives the headers and the tail their new sizes. Both helpers keep a partial checksum's offsets.
 */
DHCP46_INLINE int resize(struct __sk_buff *skb, const struct dhcp46_plan *plan) {
    int head = (int)plan->header_length - (int)plan->old_header;
    int change = plan->ipv6 ? IPV6_LENGTH - IPV4_LENGTH : IPV4_LENGTH - IPV6_LENGTH;
    __u32 length = plan->frame_length - head;

    if (length != skb->len && bpf_skb_change_tail(skb, length, 0) != 0)
        return 0;
    if (head != change && bpf_skb_adjust_room(skb, head - change, BPF_ADJ_ROOM_NET, 0) != 0)
        return 0;
    return bpf_skb_change_proto(
               skb, plan->ipv6 ? DHCP46_BE16(ETH_TYPE_IPV6) : DHCP46_BE16(ETH_TYPE_IPV4), 0) == 0;
}

/* The length is bounded from below by an addition: 6.1 learns nothing from a comparison with 0. */
DHCP46_INLINE int store_bytes(struct __sk_buff *skb, __u32 offset, const __u8 *bytes, __u32 length,
                              __u32 most) {
    __u32 behind_first = length - 1;

    DHCP46_OPAQUE(behind_first);
    if (behind_first >= most)
        return 0;
    DHCP46_OPAQUE(behind_first);
    return bpf_skb_store_bytes(skb, offset, bytes, behind_first + 1, 0) == 0;
}

DHCP46_INLINE int store_edit(struct __sk_buff *skb, const struct dhcp46_edit *edit) {
    if (edit->kind == DHCP46_EDIT_NONE)
        return 1;
    if (edit->kind == DHCP46_EDIT_BYTES)
        return store_bytes(skb, edit->offset, edit->bytes, edit->length, DHCP46_EDIT_SIZE);
    return store_bytes(skb, edit->offset, zeros, edit->length, DHCP46_FILL_SIZE) &&
           bpf_skb_store_bytes(skb, edit->offset, edit->bytes, 1, 0) == 0;
}

/* The skb knows whether its checksum is partial; these helpers respect it. */
DHCP46_INLINE int update_csum(struct __sk_buff *skb, const struct dhcp46_plan *plan) {
    __u32 field = plan->udp_offset + UDP_CSUM;

    return bpf_l4_csum_replace(skb, field, 0, plan->csum_pseudo,
                               BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0) == 0 &&
           bpf_l4_csum_replace(skb, field, 0, plan->csum_payload, BPF_F_MARK_MANGLED_0) == 0;
}

/* A global function: the verifier walks each once, whatever its callers know. */
__noinline __u32 tc_sum(struct __sk_buff *skb, __u32 offset, __u32 length, __u32 pseudo) {
    make_linear(skb, skb->len);
    return sum_datagram(view_of(skb), offset, length, pseudo);
}

DHCP46_INLINE int store_csum(struct __sk_buff *skb, const struct dhcp46_plan *plan) {
    __u16 field = (__u16)tc_sum(skb, plan->udp_offset, plan->udp_length, plan->csum_pseudo);

    return bpf_skb_store_bytes(skb, plan->udp_offset + UDP_CSUM, &field, sizeof(field), 0) == 0;
}

DHCP46_INLINE int rewrite(struct __sk_buff *skb, struct dhcp46_plan *plan, __u32 l2_length) {
    if (!add_layer2(skb, plan, l2_length) || !resize(skb, plan))
        return 0;
    if (!store_bytes(skb, 0, plan->header, plan->header_length, DHCP46_HEADER_SIZE))
        return 0;
    for (int i = 0; i < DHCP46_EDITS; i++) {
        if (!store_edit(skb, &plan->edits[i]))
            return 0;
    }
    return plan->csum == DHCP46_CSUM_FULL ? store_csum(skb, plan) : update_csum(skb, plan);
}

/* ---- several upstreams: one copy to each ---- */

/* Finds where each copy goes. What is found is kept in `work`, where the verifier does not
 * follow it: with counters of our own 6.1 would walk the rest of the loop for each value they can
 * have. */
DHCP46_INLINE void find_hops(struct __sk_buff *skb, struct dhcp46_work *work, __u32 instance) {
    work->skipped = 0;
    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++)
        work->hops[slot].ifindex = 0;
    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        const struct dhcp46_upstream *upstream = dhcp46_find_upstream(NULL, instance, slot);
        if (!upstream)
            continue;
        dhcp46_plan_aim(&work->plan, upstream);
        if (!find_hop(skb, &work->plan, &work->hops[slot]))
            work->skipped++;
        if (dhcp46_is_last(upstream, slot))
            break;
    }
}

/* Finds where all copies go, before the packet is touched: it must not be if there is none.
 * Returns whether there is one; the plan is then aimed at the first, else it has another verdict.
 */
__noinline __u32 tc_find_copies(struct __sk_buff *skb, struct dhcp46_work *work, __u32 instance) {
    if (!work)
        return 0;
    __u32 note = work->plan.reason;
    find_hops(skb, work, instance);
    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        if (!work->hops[slot].ifindex)
            continue;
        const struct dhcp46_upstream *first = dhcp46_find_upstream(NULL, instance, slot);
        if (!first) {
            work->hops[slot].ifindex = 0;
            continue;
        }
        work->hop = work->hops[slot];
        work->facts.upstream_index = DHCP46_UPSTREAM_INDEX(instance, slot);
        dhcp46_plan_aim(&work->plan, first);
        dhcp46_plan_verdict(&work->plan, DHCP46_VERDICT_RELAY, note);
        for (__u32 i = 0; i < DHCP46_UPSTREAM_SLOTS && i < work->skipped; i++)
            count_reason(work->link_id, DHCP46_NOTE_upstream_skipped, skb->len);
        return 1;
    }
    if (work->plan.verdict == DHCP46_VERDICT_RELAY) /* all have gone since they were counted */
        dhcp46_plan_drop(&work->plan, DHCP46_DROP_no_upstream);
    return 0;
}

DHCP46_INLINE int aim(struct __sk_buff *skb, struct dhcp46_plan *plan,
                      const struct dhcp46_upstream *upstream) {
    dhcp46_plan_aim(plan, upstream);
    if (!store_bytes(skb, 0, plan->header, dhcp46_plan_aim_length(plan), DHCP46_HEADER_SIZE) ||
        !update_csum(skb, plan))
        return 0;
    dhcp46_plan_applied(plan);
    return 1;
}

/* In a dry run, instead of sending it. */
DHCP46_INLINE void show_copy(struct __sk_buff *skb, __u32 ifindex) {
    __u32 behind_first = skb->len - 1; /* as in store_bytes */
    struct dhcp46_shown *record = bpf_ringbuf_reserve(&shown, sizeof(*record), 0);

    if (!record)
        return;
    DHCP46_OPAQUE(behind_first);
    if (behind_first >= DHCP46_SHOWN_FRAME_SIZE) {
        bpf_ringbuf_discard(record, 0);
        return;
    }
    DHCP46_OPAQUE(behind_first);
    if (bpf_skb_load_bytes(skb, 0, record->frame, behind_first + 1) != 0) {
        bpf_ringbuf_discard(record, 0);
        return;
    }
    record->ifindex = ifindex;
    record->to_host = 0;
    record->length = skb->len;
    bpf_ringbuf_submit(record, 0);
}

DHCP46_INLINE void send_clone(struct __sk_buff *skb, const struct dhcp46_hop *hop) {
    __u32 zero = 0;
    struct dhcp46_hop *of_clone = bpf_map_lookup_elem(&clone_hop, &zero);

    if (!of_clone)
        return;
    if (dhcp46_dry_run) { /* else a clone is really sent, even in a test run */
        show_copy(skb, hop->ifindex);
        return;
    }
    *of_clone = *hop;
    bpf_clone_redirect(skb, hop->ifindex, 0);
    of_clone->family = 0;
}

/* Sends a clone to each but the last, and makes the packet the last one's. An upstream that has
 * gone since gets none. Returns whether all of it could be done. */
__noinline __u32 tc_send_clones(struct __sk_buff *skb, struct dhcp46_work *work, __u32 instance) {
    __u32 mark = skb->mark;
    __u32 is_first = 1;

    if (!work)
        return 0;
    dhcp46_plan_applied(&work->plan);
    skb->mark = COPY_MARK;
    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        if (!work->hops[slot].ifindex)
            continue;
        if (is_first) { /* it is aimed there already */
            is_first = 0;
            continue;
        }
        const struct dhcp46_upstream *upstream = dhcp46_find_upstream(NULL, instance, slot);
        if (!upstream)
            continue;
        send_clone(skb, &work->hop);
        count_sent(work);
        if (!aim(skb, &work->plan, upstream))
            return 0; /* it is half of one and half of another: dropped */
        work->hop = work->hops[slot];
        work->facts.upstream_index = DHCP46_UPSTREAM_INDEX(instance, slot);
    }
    skb->mark = mark;
    return 1;
}

/* ---- the whole way ---- */

DHCP46_INLINE int send(struct __sk_buff *skb, struct dhcp46_work *work) {
    show_way(work->hop.ifindex, work->plan.way == DHCP46_WAY_HOST);
    if (work->plan.way == DHCP46_WAY_LINK)
        return (int)bpf_redirect(work->hop.ifindex, 0);
    /* Not merely passed on: packet sockets have seen the frame before TC did. It comes round with
     * the client's port, which is none of ours. */
    if (work->plan.way == DHCP46_WAY_HOST)
        return (int)bpf_redirect(skb->ifindex, BPF_F_INGRESS);
    return redirect_neigh(work->hop.ifindex, &work->hop);
}

/* Returns the action; with a verdict other than relay nothing has been done. `length` is that of
 * the frame as it came. */
DHCP46_INLINE int relay(struct __sk_buff *skb, struct dhcp46_work *work, __u32 instance,
                        __u32 l2_length, __u32 length) {
    struct dhcp46_plan *plan = &work->plan;

    if (!(plan->copies ? tc_find_copies(skb, work, instance) : find_hop(skb, plan, &work->hop)))
        return TC_ACT_UNSPEC;
    if (!rewrite(skb, plan, l2_length) || (plan->copies && !tc_send_clones(skb, work, instance))) {
        dhcp46_plan_drop(plan, DHCP46_DROP_edit_failed);
        return TC_ACT_UNSPEC;
    }
    count_relayed(work->link_id, plan->type, DHCP46_TIER_TC, length);
    count_upstream(work);
    if (plan->reason != DHCP46_NO_REASON)
        count_reason(work->link_id, plan->reason, length);
    return send(skb, work);
}

#endif /* DHCP46_BPF_TC_H */
