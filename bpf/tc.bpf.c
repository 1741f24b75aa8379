/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The data path that is complete by itself: whatever XDP does not do, or where there is no XDP.
 * Leaves through the kernel's own neighbour discovery, so that the first packet is not lost.
 */
#include <linux/pkt_cls.h>

#include "account.h"
#include "route.h"
#include "sum.h"

/* What a fill edit writes behind its first octet. */
static const __u8 zeros[DHCP46_FILL_SIZE] = {};

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

/* The device that the packet leaves on; 0 with another verdict in the plan. */
DHCP46_INLINE __u32 find_way(struct __sk_buff *skb, struct dhcp46_plan *plan) {
    struct bpf_fib_lookup fib;

    if (!plan->routed)
        return dhcp46_plan_fits(plan, plan->out_mtu) ? plan->out_ifindex : 0;

    route_question(plan, skb->ifindex, &fib);
    switch (bpf_fib_lookup(skb, &fib, sizeof(fib), 0)) {
    case BPF_FIB_LKUP_RET_SUCCESS:
    case BPF_FIB_LKUP_RET_NO_NEIGH: /* bpf_redirect_neigh asks for it */
        return fib.ifindex;
    case BPF_FIB_LKUP_RET_FRAG_NEEDED:
        dhcp46_plan_fits(plan, fib.mtu_result);
        return 0;
    case BPF_FIB_LKUP_RET_FWD_DISABLED: /* no router: the only device there is */
        if (plan->out_ifindex)
            return dhcp46_plan_fits(plan, plan->out_mtu) ? plan->out_ifindex : 0;
        break;
    }
    dhcp46_plan_drop(plan, DHCP46_DROP_no_route);
    return 0;
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

/* Global functions: the verifier walks each once, whatever its callers know. */

__noinline int tc_read(struct __sk_buff *skb, struct dhcp46_work *work, __u32 path, __u32 code) {
    if (!work)
        return 0;
    dhcp46_read(view_of(skb), &work->packet, path, code, &work->message);
    return 1;
}

__noinline __u32 tc_sum(struct __sk_buff *skb, __u32 offset, __u32 length, __u32 pseudo) {
    make_linear(skb, skb->len);
    return sum_datagram(view_of(skb), offset, length, pseudo);
}

DHCP46_INLINE int store_csum(struct __sk_buff *skb, const struct dhcp46_plan *plan) {
    __u16 field = (__u16)tc_sum(skb, plan->udp_offset, plan->udp_length, plan->csum_pseudo);

    return bpf_skb_store_bytes(skb, plan->udp_offset + UDP_CSUM, &field, sizeof(field), 0) == 0;
}

DHCP46_INLINE int rewrite(struct __sk_buff *skb, const struct dhcp46_plan *plan) {
    if (!resize(skb, plan))
        return 0;
    if (!store_bytes(skb, 0, plan->header, plan->header_length, DHCP46_HEADER_SIZE))
        return 0;
    for (int i = 0; i < DHCP46_EDITS; i++) {
        if (!store_edit(skb, &plan->edits[i]))
            return 0;
    }
    return plan->csum == DHCP46_CSUM_FULL ? store_csum(skb, plan) : update_csum(skb, plan);
}

DHCP46_INLINE int relay(struct __sk_buff *skb, struct dhcp46_work *work, __u32 length) {
    struct dhcp46_plan *plan = &work->plan;
    __u32 out = find_way(skb, plan);

    if (!out)
        return TC_ACT_UNSPEC; /* with a verdict other than relay */
    if (!rewrite(skb, plan)) {
        dhcp46_plan_drop(plan, DHCP46_DROP_edit_failed);
        return TC_ACT_UNSPEC;
    }
    count_relayed(work->link_id, plan->type, DHCP46_TIER_TC, length);
    if (plan->reason != DHCP46_NO_REASON)
        count_reason(work->link_id, plan->reason, length);
    return plan->routed ? (int)bpf_redirect_neigh(out, NULL, 0, 0) : (int)bpf_redirect(out, 0);
}

/* Copies the frame into the punt ring. */
DHCP46_INLINE int hand_over(struct __sk_buff *skb, const struct dhcp46_work *work) {
    __u32 behind_first = skb->len - 1; /* as in store_bytes */
    struct dhcp46_punt *record = bpf_ringbuf_reserve(&punt, sizeof(*record), 0);

    if (!record)
        return 0;
    DHCP46_OPAQUE(behind_first);
    if (behind_first >= DHCP46_PUNT_FRAME_SIZE) {
        bpf_ringbuf_discard(record, 0);
        return 0;
    }
    DHCP46_OPAQUE(behind_first);
    if (bpf_skb_load_bytes(skb, 0, record->frame, behind_first + 1) != 0) {
        bpf_ringbuf_discard(record, 0);
        return 0;
    }
    record->time_ns = bpf_ktime_get_ns();
    record->ifindex = skb->ifindex;
    record->link_id = work->link_id;
    record->reason = work->plan.reason;
    record->length = (__u16)skb->len;
    record->l2_length = work->packet.l2_length;
    bpf_ringbuf_submit(record, 0);
    return 1;
}

/* Every fate but "relayed". A punt nobody listens to is a drop (D-14), so nothing stale waits. */
DHCP46_INLINE int settle(struct __sk_buff *skb, struct dhcp46_work *work, __u32 length) {
    struct dhcp46_plan *plan = &work->plan;
    __u32 reason = plan->reason;

    if (plan->verdict == DHCP46_VERDICT_IGNORE)
        return TC_ACT_UNSPEC;
    if (plan->verdict == DHCP46_VERDICT_PUNT && !is_controller_alive())
        reason = DHCP46_DROP_no_controller;
    else if (plan->verdict == DHCP46_VERDICT_PUNT && !hand_over(skb, work))
        reason = DHCP46_DROP_punt_full;
    count_reason(work->link_id, reason, length);
    return plan->verdict == DHCP46_VERDICT_PASS ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

/* UDP 67 for us that is not one plain datagram. Several in one, as the receive offloads
 * rx-udp-gro-forwarding and rx-gro-list make them, would be read and rewritten as one. The stack
 * would answer IPv6 with port-unreachable where nobody has the socket (D-17). */
DHCP46_INLINE void decide_odd(const struct __sk_buff *skb, struct dhcp46_work *work) {
    struct dhcp46_plan *plan = &work->plan;

    if (work->packet.tags)
        dhcp46_plan_verdict(plan, DHCP46_VERDICT_PASS, DHCP46_PASS_vlan_tagged);
    else if (skb->gso_size)
        dhcp46_plan_drop(plan, DHCP46_DROP_coalesced);
    else if (work->packet.kind == DHCP46_KIND_IPV4_FRAGMENT)
        dhcp46_plan_verdict(plan, DHCP46_VERDICT_PASS, DHCP46_PASS_ipv4_fragment);
    else if (is_controller_alive())
        dhcp46_plan_verdict(plan, DHCP46_VERDICT_PASS, DHCP46_PASS_to_controller);
    else if (work->packet.kind == DHCP46_KIND_IPV6_FRAGMENT)
        dhcp46_plan_drop(plan, DHCP46_DROP_ipv6_fragment);
    else
        dhcp46_plan_drop(plan, DHCP46_DROP_ipv6_ext_header);
}

SEC("tc")
int dhcp46_tc(struct __sk_buff *skb) {
    struct dhcp46_work *work = scratch_get();
    __u32 length = skb->len;

    if (!work)
        return TC_ACT_UNSPEC;
    if (skb->protocol != DHCP46_BE16(ETH_TYPE_IPV4) &&
        skb->protocol != DHCP46_BE16(ETH_TYPE_IPV6) &&
        skb->protocol != DHCP46_BE16(ETH_TYPE_VLAN) && skb->protocol != DHCP46_BE16(ETH_TYPE_QINQ))
        return TC_ACT_UNSPEC;
    make_linear(skb, ETH_LENGTH + 60 + UDP_LENGTH);
    dhcp46_classify(view_of(skb), ETH_LENGTH, DHCP46_DEPTH_FULL, &work->packet);
    if (work->packet.kind == DHCP46_KIND_OTHER)
        return TC_ACT_UNSPEC;
    if (skb->vlan_present)
        work->packet.tags++; /* the driver or the stack took it out of the frame */

    struct dhcp46_owner owner = dhcp46_find_owner(NULL, view_of(skb), &work->packet, skb->ifindex);
    if (!dhcp46_has_owner(owner))
        return TC_ACT_UNSPEC;
    work->link_id = owner.link ? owner.link->link_id : owner.own->link_id;
    dhcp46_plan_begin(&work->plan);

    if (work->packet.tags || skb->gso_size ||
        (work->packet.kind != DHCP46_KIND_IPV4 && work->packet.kind != DHCP46_KIND_IPV6)) {
        decide_odd(skb, work);
        return settle(skb, work, length);
    }
    make_linear(skb, skb->len);
    __u32 path = dhcp46_path_of(owner);
    tc_read(skb, work, path, owner.own ? owner.own->policy.cra6addr_code : 0);
    dhcp46_decide(NULL, view_of(skb), owner, path, 1, work);

    if (work->plan.verdict == DHCP46_VERDICT_RELAY) {
        int action = relay(skb, work, length);
        if (work->plan.verdict == DHCP46_VERDICT_RELAY)
            return action;
    }
    return settle(skb, work, length);
}
