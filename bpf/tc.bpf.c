/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The data path that is complete by itself: whatever XDP does not do, or where there is no XDP, and
 * what leaves this host. */
#include "tc.h"

/* Copies the frame into the punt ring. */
DHCP46_INLINE int hand_over(struct __sk_buff *skb, const struct dhcp46_work *work) {
    __u32 behind_first = skb->len - 1; /* as in store_bytes */
    __u32 link_id = work->link_id;
    __u32 *waiting = bpf_map_lookup_elem(&punt_waiting, &link_id);

    if (!waiting || *waiting >= DHCP46_PUNT_SHARE)
        return 0;
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
    record->link_id = link_id;
    record->reason = work->plan.reason;
    record->length = (__u16)skb->len;
    record->l2_length = work->packet.l2_length;
    __sync_fetch_and_add(waiting, 1);
    bpf_ringbuf_submit(record, 0);
    return 1;
}

/* Every fate but "relayed". A punt nobody listens to is a drop (D-14), so nothing stale waits. What
 * only option 82 makes too big (E-18) is fragmented like all that is too big, if somebody does it.
 */
DHCP46_INLINE int settle(struct __sk_buff *skb, struct dhcp46_work *work, __u32 length) {
    struct dhcp46_plan *plan = &work->plan;

    if (plan->verdict == DHCP46_VERDICT_IGNORE)
        return TC_ACT_UNSPEC;
    if (plan->verdict == DHCP46_VERDICT_DROP && plan->reason == DHCP46_DROP_no_room &&
        is_controller_alive())
        dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_too_big);
    __u32 reason = plan->reason;
    if (plan->verdict == DHCP46_VERDICT_PUNT && !is_controller_alive())
        reason = DHCP46_DROP_no_controller;
    else if (plan->verdict == DHCP46_VERDICT_PUNT && !hand_over(skb, work))
        reason = DHCP46_DROP_punt_full;
    count_reason(work->link_id, reason, length);
    if (plan->verdict == DHCP46_VERDICT_PASS)
        return TC_ACT_UNSPEC;
    count_bad_reply(work);
    return TC_ACT_SHOT;
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

/* A global function: the verifier walks each once, whatever its callers know. */
__noinline int tc_read(struct __sk_buff *skb, struct dhcp46_work *work) {
    if (!work)
        return 0;
    dhcp46_read(view_of(skb), &work->packet, &work->reading, dhcp46_kernel_limits(),
                &work->message);
    return 1;
}

DHCP46_INLINE int is_plain(const struct __sk_buff *skb, const struct dhcp46_packet *packet) {
    return !packet->tags && !skb->gso_size &&
           (packet->kind == DHCP46_KIND_IPV4 || packet->kind == DHCP46_KIND_IPV6);
}

/* Decides and acts on a packet that has an owner. */
DHCP46_INLINE int serve(struct __sk_buff *skb, struct dhcp46_work *work, struct dhcp46_owner owner,
                        __u32 l2_length) {
    __u32 instance = owner.link ? owner.link->instance : owner.own ? owner.own->instance : 0;
    __u32 length = skb->len;

    dhcp46_begin(NULL, view_of(skb), owner, 1, work);
    if (!is_plain(skb, &work->packet)) {
        decide_odd(skb, work);
        return settle(skb, work, length);
    }
    make_linear(skb, skb->len);
    tc_read(skb, work);
    dhcp46_decide(NULL, view_of(skb), owner, work);

    if (work->plan.verdict == DHCP46_VERDICT_RELAY) {
        int action = relay(skb, work, instance, l2_length, length);
        if (work->plan.verdict == DHCP46_VERDICT_RELAY)
            return action;
    }
    return settle(skb, work, length);
}

/* Whether the packet is UDP 67, in whatever form. */
DHCP46_INLINE int classify(struct __sk_buff *skb, struct dhcp46_work *work, __u32 l2_length) {
    if (skb->protocol != DHCP46_BE16(ETH_TYPE_IPV4) &&
        skb->protocol != DHCP46_BE16(ETH_TYPE_IPV6) &&
        skb->protocol != DHCP46_BE16(ETH_TYPE_VLAN) && skb->protocol != DHCP46_BE16(ETH_TYPE_QINQ))
        return 0;
    make_linear(skb, l2_length + 60 + UDP_LENGTH);
    dhcp46_classify(view_of(skb), l2_length, DHCP46_DEPTH_FULL, &work->packet);
    if (work->packet.kind == DHCP46_KIND_OTHER)
        return 0;
    if (skb->vlan_present)
        work->packet.tags++; /* the driver or the stack took it out of the frame */
    return 1;
}

DHCP46_INLINE int ingress(struct __sk_buff *skb, __u32 l2_length) {
    struct dhcp46_work *work = scratch_get(SCRATCH_INGRESS);

    if (!work || !classify(skb, work, l2_length))
        return TC_ACT_UNSPEC;
    struct dhcp46_owner owner = dhcp46_find_owner(NULL, view_of(skb), &work->packet, skb->ifindex);
    if (!dhcp46_has_owner(owner))
        return TC_ACT_UNSPEC;
    if (dhcp46_is_other_host(owner)) {
        count_reason(owner.link->link_id, DHCP46_PASS_other_host, skb->len);
        return TC_ACT_UNSPEC;
    }
    return serve(skb, work, owner, l2_length);
}

SEC("tc")
int dhcp46_tc(struct __sk_buff *skb) {
    return ingress(skb, ETH_LENGTH);
}

/* For devices without a layer-2 header: tun, PPP. */
SEC("tc")
int dhcp46_tc_l3(struct __sk_buff *skb) {
    return ingress(skb, 0);
}

/* A copy that was sent as a clone. Others may use the mark for something else. */
DHCP46_INLINE int is_copy(struct __sk_buff *skb) {
    if (skb->mark != COPY_MARK)
        return 0;
    make_linear(skb, ETH_LENGTH + IPV6_LENGTH + UDP_LENGTH);
    return dhcp46_is_emitted(view_of(skb));
}

/* What the controller has for this host's own client: a packet socket sends, but cannot make a
 * frame come in. */
DHCP46_INLINE int is_for_host(struct __sk_buff *skb) {
    return skb->mark == DHCP46_MARK_TO_HOST && skb->protocol == DHCP46_BE16(ETH_TYPE_IPV4);
}

DHCP46_INLINE int turn_round(struct __sk_buff *skb) {
    skb->mark = 0;
    return (int)bpf_redirect(skb->ifindex, BPF_F_INGRESS);
}

/* On the way out of a device: gives copies their next hop, and takes the requests of an HCRA's
 * clients, who are on this host: what another sent, and a bridge forwards, came in somewhere. */
SEC("tc")
int dhcp46_egress(struct __sk_buff *skb) {
    if (is_copy(skb)) {
        __u32 zero = 0;
        struct dhcp46_hop *hop = bpf_map_lookup_elem(&clone_hop, &zero);
        skb->mark = 0;
        return hop ? redirect_neigh(skb->ifindex, hop) : TC_ACT_SHOT;
    }
    if (is_for_host(skb))
        return turn_round(skb);
    if (skb->protocol != DHCP46_BE16(ETH_TYPE_IPV4) || skb->ingress_ifindex)
        return TC_ACT_UNSPEC;

    struct dhcp46_work *work = scratch_get(SCRATCH_EGRESS);
    if (!work || !classify(skb, work, ETH_LENGTH))
        return TC_ACT_UNSPEC;
    struct dhcp46_owner owner =
        dhcp46_find_host_owner(NULL, view_of(skb), &work->packet, skb->ifindex);
    if (!dhcp46_has_owner(owner))
        return TC_ACT_UNSPEC;
    return serve(skb, work, owner, ETH_LENGTH);
}
