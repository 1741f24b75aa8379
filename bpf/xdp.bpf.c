/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The accelerator in front of TC: relays where the route and the neighbour are known. Everything
 * else goes on to TC as it came, uncounted.
 */
#include "account.h"
#include "dry_run.h"
#include "health.h"
#include "next_hops.h"
#include "sum.h"

DHCP46_INLINE struct dhcp46_view view_of(struct xdp_md *ctx) {
    struct dhcp46_view view = {(const __u8 *)(long)ctx->data, (const __u8 *)(long)ctx->data_end};

    return view;
}

/* The device that the packet leaves on, its MAC addresses in the plan's header; 0: TC finds out. */
DHCP46_INLINE __u32 find_way(struct xdp_md *ctx, struct dhcp46_plan *plan, __u32 link_id) {
    if (plan->way == DHCP46_WAY_ROUTE)
        return find_next_hop(ctx, plan, link_id);
    return dhcp46_plan_fits(plan, plan->out_mtu) ? plan->out_ifindex : 0;
}

/* UDP and the head of BOOTP. */
DHCP46_INLINE void store_datagram(__u8 *to, const __u8 *from) {
    dhcp46_store32(to, dhcp46_load32(from));
    dhcp46_store16(to + UDP_LEN, dhcp46_load16(from + UDP_LEN));
    dhcp46_store16(to + UDP_CSUM, dhcp46_load16(from + UDP_CSUM));
    dhcp46_store32(to + UDP_LENGTH, dhcp46_load32(from + UDP_LENGTH));
}

/* In the words in which the core has written it, see dhcp46_pair32. */
DHCP46_INLINE int store_header(struct dhcp46_view view, const struct dhcp46_plan *plan) {
    __u8 *data = (__u8 *)view.data;
    const __u8 *header = plan->header;

    if (view.data + DHCP46_HEADER_SIZE - 20 > view.end)
        return 0;
    dhcp46_store64(data, dhcp46_load64(header));
    dhcp46_store32(data + 8, dhcp46_load32(header + 8));
    dhcp46_store16(data + 12, dhcp46_load16(header + 12));
    if (!plan->ipv6) {
        for (int i = ETH_LENGTH; i < ETH_LENGTH + IPV4_LENGTH; i += 4)
            dhcp46_store32(data + i, dhcp46_load32(header + i));
        store_datagram(data + ETH_LENGTH + IPV4_LENGTH, header + ETH_LENGTH + IPV4_LENGTH);
        return 1;
    }
    if (view.data + DHCP46_HEADER_SIZE > view.end)
        return 0;
    dhcp46_store32(data + ETH_LENGTH, dhcp46_load32(header + ETH_LENGTH));
    dhcp46_store32(data + ETH_LENGTH + 4, dhcp46_load32(header + ETH_LENGTH + 4));
    for (int i = ETH_LENGTH + IPV6_SRC; i < ETH_LENGTH + IPV6_LENGTH; i += 8)
        dhcp46_store64(data + i, dhcp46_load64(header + i));
    store_datagram(data + ETH_LENGTH + IPV6_LENGTH, header + ETH_LENGTH + IPV6_LENGTH);
    return 1;
}

/* Edits are short: plain stores are done before a helper would have begun. */

/* An edit of constant size. */
DHCP46_INLINE int store_bytes(struct dhcp46_view view, const struct dhcp46_edit *edit, __u32 size) {
    __u8 *p = (__u8 *)dhcp46_at(view, edit->offset, size);

    if (!p)
        return 0;
    for (__u32 i = 0; i + 4 <= size; i += 4)
        dhcp46_store32(p + i, dhcp46_load32(edit->bytes + i));
    if (size & 2)
        dhcp46_store16(p + (size & ~3u), dhcp46_load16(edit->bytes + (size & ~3u)));
    if (size & 1)
        p[size - 1] = edit->bytes[size - 1];
    return 1;
}

/* Zeros over `size` octets: 1, or a multiple of 4. */
DHCP46_INLINE int store_zeros(struct dhcp46_view view, __u32 *offset, __u32 size) {
    DHCP46_OPAQUE(*offset);
    __u8 *p = (__u8 *)dhcp46_at(view, *offset, size);

    if (!p)
        return 0;
    if (size == 1)
        *p = 0;
    for (__u32 i = 0; i + 4 <= size; i += 4)
        dhcp46_store32(p + i, 0);
    *offset += size;
    return 1;
}

/* Global functions: the verifier walks each once, whatever its callers know. */

__noinline int xdp_read(struct xdp_md *ctx, struct dhcp46_work *work) {
    if (!work)
        return 0;
    dhcp46_read(view_of(ctx), &work->packet, &work->reading, dhcp46_kernel_limits(),
                &work->message);
    return 1;
}

__noinline __u32 xdp_sum(struct xdp_md *ctx, __u32 offset, __u32 length, __u32 pseudo) {
    return sum_datagram(view_of(ctx), offset, length, pseudo);
}

/* Zeros over `length` octets. */
__noinline int xdp_clear(struct xdp_md *ctx, __u32 offset, __u32 length) {
    struct dhcp46_view view = view_of(ctx);

    for (__u32 i = 0; i < DHCP46_FILL_SIZE / 16 && i < length / 16; i++) {
        if (!store_zeros(view, &offset, 16))
            return 0;
    }
    if (length & 8 && !store_zeros(view, &offset, 8))
        return 0;
    if (length & 4 && !store_zeros(view, &offset, 4))
        return 0;
    for (__u32 i = 0; i < 3 && i < (length & 3); i++) {
        if (!store_zeros(view, &offset, 1))
            return 0;
    }
    return 1;
}

/* The first octet of a fill is its own, the others are zero. */
DHCP46_INLINE int store_fill(struct xdp_md *ctx, const struct dhcp46_edit *edit) {
    if (!xdp_clear(ctx, edit->offset, edit->length))
        return 0;
    return store_bytes(view_of(ctx), edit, 1);
}

/* The bytes of an edit are giaddr, or option 82 and End. */
DHCP46_INLINE int store_edit(struct xdp_md *ctx, const struct dhcp46_edit *edit) {
    if (edit->kind == DHCP46_EDIT_NONE)
        return 1;
    if (edit->kind == DHCP46_EDIT_FILL)
        return store_fill(ctx, edit);
    if (edit->length == 4)
        return store_bytes(view_of(ctx), edit, 4);
    if (edit->length == DHCP46_INSERT_LENGTH)
        return store_bytes(view_of(ctx), edit, DHCP46_INSERT_LENGTH);
    return edit->length == DHCP46_INSERT_LONGEST &&
           store_bytes(view_of(ctx), edit, DHCP46_INSERT_LONGEST);
}

DHCP46_INLINE int store_csum(struct xdp_md *ctx, const struct dhcp46_plan *plan) {
    __u16 field = (__u16)xdp_sum(ctx, plan->udp_offset, plan->udp_length, plan->csum_pseudo);

    return bpf_xdp_store_bytes(ctx, plan->udp_offset + UDP_CSUM, &field, sizeof(field)) == 0;
}

/* By how much the frame's tail is to grow (or to be cut, if negative). */
DHCP46_INLINE int tail_change(struct xdp_md *ctx, __u32 length) {
    struct dhcp46_view view = view_of(ctx);
    long now = view.end - view.data;

    DHCP46_OPAQUE(now); /* else clang mixes the pointers into 32-bit sums */
    return (int)length - (int)now;
}

/* Makes room at the tail, where a driver may have none, and at the head. 0: all is as it was. */
DHCP46_INLINE int make_room(struct xdp_md *ctx, const struct dhcp46_plan *plan) {
    int head = (int)plan->header_length - (int)plan->old_header;
    int tail = tail_change(ctx, plan->frame_length - head);

    if (tail > 0 && bpf_xdp_adjust_tail(ctx, tail) != 0)
        return 0;
    if (bpf_xdp_adjust_head(ctx, -head) == 0)
        return 1;
    if (tail > 0)
        bpf_xdp_adjust_tail(ctx, -tail);
    return 0;
}

/* 0: the frame cannot be saved. */
DHCP46_INLINE int rewrite(struct xdp_md *ctx, struct dhcp46_plan *plan) {
    int tail = tail_change(ctx, plan->frame_length);

    if (tail < 0 && bpf_xdp_adjust_tail(ctx, tail) != 0)
        return 0;
    if (plan->csum == DHCP46_CSUM_UPDATE)
        dhcp46_plan_update_csum(plan);
    if (!store_header(view_of(ctx), plan))
        return 0;
    for (int i = 0; i < DHCP46_EDITS; i++) {
        if (!store_edit(ctx, &plan->edits[i]))
            return 0;
    }
    return plan->csum != DHCP46_CSUM_FULL || store_csum(ctx, plan);
}

/* Whether XDP can send the packet. Asked before the frame is touched: devices that are not in the
 * map are TC's, and so are copies, since XDP has no clones. */
DHCP46_INLINE int prepare_way(struct xdp_md *ctx, struct dhcp46_plan *plan, __u32 link_id) {
    if (plan->copies)
        return 0;
    __u32 out = find_way(ctx, plan, link_id);
    if (!out)
        return 0;
    show_way(out, plan->way == DHCP46_WAY_HOST);
    return plan->way == DHCP46_WAY_HOST ||
           bpf_redirect_map(&tx_devices, out, XDP_PASS) == XDP_REDIRECT;
}

DHCP46_INLINE int relay(struct xdp_md *ctx, struct dhcp46_work *work) {
    struct dhcp46_plan *plan = &work->plan;
    __u32 length = work->message.frame_length;

    if (!prepare_way(ctx, plan, work->link_id) || !make_room(ctx, plan))
        return XDP_PASS;

    if (!rewrite(ctx, plan)) {
        count_reason(work->link_id, DHCP46_DROP_edit_failed, length);
        return XDP_DROP;
    }
    count_relayed(work->link_id, plan->type, DHCP46_TIER_XDP, length);
    count_upstream(work);
    if (plan->reason != DHCP46_NO_REASON)
        count_reason(work->link_id, plan->reason, length);
    return plan->way == DHCP46_WAY_HOST ? XDP_PASS : XDP_REDIRECT;
}

SEC("xdp")
int dhcp46_xdp(struct xdp_md *ctx) {
    struct dhcp46_view view = view_of(ctx);
    struct dhcp46_work *work = scratch_get(SCRATCH_INGRESS);

    if (!work)
        return XDP_PASS;
    dhcp46_classify(view, ETH_LENGTH, DHCP46_DEPTH_PLAIN, &work->packet);
    if (work->packet.kind != DHCP46_KIND_IPV4 && work->packet.kind != DHCP46_KIND_IPV6)
        return XDP_PASS;

    struct dhcp46_owner owner = dhcp46_find_owner(NULL, view, &work->packet, ctx->ingress_ifindex);
    if (!dhcp46_has_owner(owner) || dhcp46_is_other_host(owner))
        return XDP_PASS;
    dhcp46_begin(NULL, view, owner, 0, work);
    xdp_read(ctx, work);
    dhcp46_decide(NULL, view, owner, work);

    if (work->plan.verdict == DHCP46_VERDICT_DROP) {
        count_reason(work->link_id, work->plan.reason, work->message.frame_length);
        count_bad_reply(work);
        return XDP_DROP;
    }
    return work->plan.verdict == DHCP46_VERDICT_RELAY ? relay(ctx, work) : XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
