/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What to do with a packet: the only thing that the core says, and all that an executor needs.
 *
 * An executor (XDP, TC, userspace buffer) applies a plan in this order, and knows no protocol:
 *   1. finds the way out and checks its MTU (dhcp46_plan_fits);
 *   2. makes room: the first `old_header` octets of the frame become `header_length`, and the whole
 *      frame becomes `frame_length` long, zero-filled at the tail;
 *   3. stores header[], then the edits, at their offsets in the new frame;
 *   4. finishes the UDP checksum as `csum` says.
 */
#ifndef DHCP46_CORE_PLAN_H
#define DHCP46_CORE_PLAN_H

#include "dhcp46/core/message.h"

enum dhcp46_verdict {
    DHCP46_VERDICT_IGNORE = 0, /* not ours: untouched, not counted */
    DHCP46_VERDICT_RELAY,
    DHCP46_VERDICT_PASS, /* to the host's stack, untouched */
    DHCP46_VERDICT_DROP,
    DHCP46_VERDICT_PUNT, /* to the controller, untouched */
};

/* How a packet leaves. */
enum dhcp46_way {
    DHCP46_WAY_ROUTE = 0, /* as the kernel's route says; out_ifindex is for a host that is no
                           * router, 0: only the route can say */
    DHCP46_WAY_DEVICE,    /* by out_ifindex, to the next hop that the route names there */
    DHCP46_WAY_LINK,      /* by out_ifindex; header[] has both MAC addresses */
    DHCP46_WAY_HOST,      /* up into this host, on the device where it came in */
};

enum dhcp46_csum_mode {
    /* header[] has the old field; add csum_pseudo and csum_payload to it (RFC 1624). */
    DHCP46_CSUM_UPDATE,
    /* Sum the datagram and add csum_pseudo, the sum of its pseudo-header. header[] has 0. */
    DHCP46_CSUM_FULL,
};

enum dhcp46_edit_kind {
    DHCP46_EDIT_NONE = 0,
    DHCP46_EDIT_BYTES, /* bytes[0..length) */
    DHCP46_EDIT_FILL,  /* bytes[0], then zeros */
};

enum {
    DHCP46_EDIT_GROWN = 0, /* the edits, in the order in which they are applied */
    DHCP46_EDIT_GIADDR,
    DHCP46_EDIT_OPTION82,
    DHCP46_EDITS,
    DHCP46_EDIT_SIZE = 28,
    DHCP46_FILL_SIZE = 258, /* the longest option, and an End */
    /* Ethernet, IPv6, UDP and the first four octets of BOOTP, in which hops stands */
    DHCP46_HEADER_BOOTP = 4,
    DHCP46_HEADER_SIZE = ETH_LENGTH + IPV6_LENGTH + UDP_LENGTH + DHCP46_HEADER_BOOTP,
};

struct dhcp46_edit {
    __u16 offset; /* in the new frame */
    __u16 length; /* octets */
    __u8 kind;    /* enum dhcp46_edit_kind */
    __u8 _pad[3];
    __u8 bytes[DHCP46_EDIT_SIZE];
};

struct dhcp46_plan {
    __u32 verdict; /* enum dhcp46_verdict */
    __u32 reason;  /* enum dhcp46_reason; of what is relayed: a note, or DHCP46_NO_REASON */
    __u32 type;    /* enum dhcp46_type, of what is relayed */

    __u32 out_ifindex; /* where it leaves, see enum dhcp46_way */
    __u32 out_mtu;     /* octets, of out_ifindex */
    __u8 way;          /* enum dhcp46_way */
    __u8 ipv6;         /* what leaves is IPv6 */
    __u8 copies;       /* there are more upstreams: one copy to each (dhcp46_plan_aim) */
    __u8 _pad;

    __u16 grown;         /* octets that the message grew by */
    __u16 old_header;    /* octets of the frame that header[] replaces */
    __u16 header_length; /* octets of header[] */
    __u16 _pad2;
    __u32 frame_length; /* of the new frame */
    __u16 udp_offset;   /* in the new frame */
    __u16 udp_length;

    __u32 csum;         /* enum dhcp46_csum_mode */
    __u32 csum_pseudo;  /* a difference or a sum, see the modes */
    __u32 csum_payload; /* a difference */

    struct dhcp46_edit edits[DHCP46_EDITS];
    __u8 _align[2]; /* so that the IP header in header[] is aligned */
    __u8 header[DHCP46_HEADER_SIZE];
};

/* Plans are reused: what every plan must not inherit from the last packet's. */
DHCP46_INLINE void dhcp46_plan_begin(struct dhcp46_plan *plan) {
    plan->verdict = DHCP46_VERDICT_IGNORE;
    plan->reason = DHCP46_NO_REASON;
    plan->csum_payload = 0;
    for (int i = 0; i < DHCP46_EDITS; i++)
        plan->edits[i].kind = DHCP46_EDIT_NONE;
}

/* These return whether the packet is relayed, as every function does that decides on a plan. */
DHCP46_INLINE int dhcp46_plan_verdict(struct dhcp46_plan *plan, __u32 verdict, __u32 reason) {
    plan->verdict = verdict;
    plan->reason = reason;
    return verdict == DHCP46_VERDICT_RELAY;
}

DHCP46_INLINE int dhcp46_plan_drop(struct dhcp46_plan *plan, __u32 reason) {
    return dhcp46_plan_verdict(plan, DHCP46_VERDICT_DROP, reason);
}

/* The IP packet that leaves, in octets. */
DHCP46_INLINE __u32 dhcp46_plan_ip_length(const struct dhcp46_plan *plan) {
    return plan->frame_length - ETH_LENGTH;
}

/* Whether it fits a way with this MTU (0: no limit known); else the plan is changed to what becomes
 * of it.
 * Option 82 is the return route, so it is not left out as RFC 3046 section 2.1 would allow: what
 * does not fit because of it has no room (E-18); what would not fit anyway is punted (D-14). */
DHCP46_INLINE int dhcp46_plan_fits(struct dhcp46_plan *plan, __u32 mtu) {
    __u32 length = dhcp46_plan_ip_length(plan);

    if (mtu == 0 || length <= mtu)
        return 1;
    if (plan->grown && length - plan->grown <= mtu)
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_room);
    return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_too_big);
}

/* Whether the MAC addresses come from the route. */
DHCP46_INLINE int dhcp46_plan_routed(const struct dhcp46_plan *plan) {
    return plan->way == DHCP46_WAY_ROUTE || plan->way == DHCP46_WAY_DEVICE;
}

/* Finishes an updated checksum inside header[], for executors whose packets cannot be partial. */
DHCP46_INLINE void dhcp46_plan_update_csum(struct dhcp46_plan *plan) {
    __u8 *field = plan->header + ETH_LENGTH + (plan->ipv6 ? IPV6_LENGTH : IPV4_LENGTH) + UDP_CSUM;

    dhcp46_store16(field, dhcp46_csum_update_udp(dhcp46_load16(field),
                                                 (__u64)plan->csum_pseudo + plan->csum_payload));
}

#endif /* DHCP46_CORE_PLAN_H */
