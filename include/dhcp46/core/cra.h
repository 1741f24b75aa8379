/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The Client Relay Agent (draft-ietf-dhc-dhcpv4-over-ipv6-06 section 6). Never adds option 82
 * (R-CRA-16), never changes the length of a message. */
#ifndef DHCP46_CORE_CRA_H
#define DHCP46_CORE_CRA_H

#include "dhcp46/core/emit.h"

/* ---- from the client, over IPv4, to a TSV or TRA ---- */

/* What the options of a request mean to a CRA, which relays by op alone: only option 82 matters,
 * and a malformed field is no reason to withhold the message (D-5). */
DHCP46_INLINE int dhcp46_cra_request_options(const struct dhcp46_message *message,
                                             struct dhcp46_plan *plan) {
    if (message->option82_count)
        return dhcp46_plan_drop(plan, DHCP46_DROP_opt82_from_client);
    if (message->options == DHCP46_OPTIONS_MANY)
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_many_options);
    return 1;
}

DHCP46_INLINE int dhcp46_plan_cra_request(struct dhcp46_view view,
                                          const struct dhcp46_packet *packet,
                                          const struct dhcp46_message *message,
                                          const struct dhcp46_link *link,
                                          const struct dhcp46_facts *facts,
                                          struct dhcp46_plan *plan) {
    const __u8 *udp = dhcp46_datagram(view, packet);
    struct dhcp46_sums sums;

    if (message->error != DHCP46_NO_REASON)
        return dhcp46_plan_drop(plan, message->error);
    if (!udp || !dhcp46_sum_old(view, packet, udp, &sums))
        return dhcp46_plan_drop(plan, DHCP46_DROP_too_short);
    const __u8 *bootp = udp + UDP_LENGTH;
    if (bootp[BOOTP_OP] != BOOTP_OP_REQUEST)
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PASS, DHCP46_PASS_op_not_request);
    if (bootp[BOOTP_HOPS] > link->policy.hops_limit)
        return dhcp46_plan_drop(plan, DHCP46_DROP_hops);
    if (facts->own_giaddr)
        return dhcp46_plan_drop(plan, DHCP46_DROP_own_giaddr);
    if (!dhcp46_cra_request_options(message, plan))
        return 0;
    if (dhcp46_is_zero16(link->source6))
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_source);
    if (!facts->upstreams)
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_upstream);

    struct dhcp46_emission emission = {
        BOOTP_SERVER_PORT,
        facts->upstream_port,
        message->length,
        (__u8)(bootp[BOOTP_HOPS] + 1),
    };
    dhcp46_emit_no_ethernet(plan);
    dhcp46_emit_ipv6(plan, link->source6, facts->upstream, UDP_LENGTH + message->length, &sums);
    dhcp46_emit_udp(plan, message, udp, emission, &sums);
    dhcp46_emit_csum(plan, udp, facts->csum_final, &sums);

    plan->type = dhcp46_message_type(message);
    plan->out_ifindex = link->out_ifindex;
    plan->out_mtu = link->out_mtu;
    plan->copies = facts->upstreams > 1;
    if (link->flags & DHCP46_LINK_HOST) /* R-CRA-21: an HCRA serves one link, and leaves by it */
        plan->way = DHCP46_WAY_DEVICE;
    return dhcp46_plan_verdict(plan, DHCP46_VERDICT_RELAY, DHCP46_NO_REASON);
}

/* ---- from a TSV or TRA, over IPv6, to the client ---- */

struct dhcp46_delivery {
    __u32 destination; /* IPv4, network order */
    int mac_broadcast;
};

DHCP46_INLINE int dhcp46_has_ethernet(const __u8 *bootp) {
    return bootp[BOOTP_HTYPE] == BOOTP_HTYPE_ETHERNET && bootp[BOOTP_HLEN] == BOOTP_HLEN_ETHERNET;
}

/* RFC 2131 section 4.1 and RFC 1542 section 4.1.2, with E-7 to E-9, E-13, D-8 and D-22. Returns a
 * reason to drop, or DHCP46_NO_REASON. */
DHCP46_INLINE __u32 dhcp46_cra_delivery(const __u8 *bootp, const struct dhcp46_message *message,
                                        __u8 policy, struct dhcp46_delivery *delivery) {
    const __u8 *chaddr = bootp + BOOTP_CHADDR;
    int wants_broadcast =
        (dhcp46_load16(bootp + BOOTP_FLAGS) & DHCP46_BE16(BOOTP_FLAG_BROADCAST)) != 0;

    delivery->destination = IPV4_BROADCAST;
    delivery->mac_broadcast = 1;
    if (bootp[BOOTP_HLEN] > BOOTP_CHADDR_LENGTH)
        return DHCP46_DROP_bad_hlen;
    if (message->type == DHCP_NAK || wants_broadcast || !dhcp46_has_ethernet(bootp))
        return DHCP46_NO_REASON;
    if ((chaddr[0] & 1) || (dhcp46_load32(chaddr) == 0 && dhcp46_load16(chaddr + 4) == 0))
        return DHCP46_DROP_bad_chaddr;

    __u32 address = dhcp46_load32(bootp + BOOTP_YIADDR);
    if (!dhcp46_is_unicast_ipv4(address))
        address = dhcp46_load32(bootp + BOOTP_CIADDR);
    if (!dhcp46_is_unicast_ipv4(address))
        return DHCP46_NO_REASON;

    delivery->mac_broadcast = 0;
    if (!(policy & DHCP46_ALWAYS_BROADCAST))
        delivery->destination = address;
    return DHCP46_NO_REASON;
}

/* R-CRA-18: an HCRA's clients are on this host, and so have the MAC address of the device. */
DHCP46_INLINE int dhcp46_is_foreign_client(const __u8 *bootp, const struct dhcp46_address *own) {
    const __u8 *chaddr = bootp + BOOTP_CHADDR;

    if (own->role != DHCP46_ROLE_HCRA || !dhcp46_has_ethernet(bootp))
        return 0;
    return dhcp46_load32(chaddr) != dhcp46_load32(own->in_mac) ||
           dhcp46_load16(chaddr + 4) != dhcp46_load16(own->in_mac + 4);
}

/* E-12, D-9: never 0.0.0.0 with a unicast destination, which Linux takes for a martian. */
DHCP46_INLINE __u32 dhcp46_cra_ipv4_source(struct dhcp46_view view,
                                           const struct dhcp46_message *message,
                                           const struct dhcp46_address *own, __u32 destination) {
    __u32 source = dhcp46_load32(own->source4);

    if (source != 0 || destination == IPV4_BROADCAST)
        return source;
    if (message->server_id) {
        const __u8 *p = dhcp46_message_at(view, message, message->server_id, 4);
        if (p && dhcp46_is_unicast_ipv4(dhcp46_load32(p)))
            return dhcp46_load32(p);
    }
    return DHCP46_BE32(IPV4_DUMMY);
}

/* A CRA takes only op 2. Op 4 is relay agent encapsulation, which is off (R-CRA-15). */
DHCP46_INLINE __u32 dhcp46_cra_reply_op(__u8 op) {
    switch (op) {
    case BOOTP_OP_REPLY:
        return DHCP46_NO_REASON;
    case BOOTP_OP_REQUEST:
        return DHCP46_DROP_op1_unexpected;
    case BOOTP_OP_RELAYFORWARD:
        return DHCP46_DROP_op3_unexpected;
    case BOOTP_OP_RELAYREPLY:
        return DHCP46_DROP_op4_unsupported;
    default:
        return DHCP46_DROP_op_unknown;
    }
}

/* Option 82 in a reply is a reason to discard it (R-CRA-12), and so is a field in which its
 * absence cannot be shown (D-5). */
DHCP46_INLINE int dhcp46_cra_reply_options(const struct dhcp46_message *message,
                                           struct dhcp46_plan *plan) {
    if (message->option82_count)
        return dhcp46_plan_drop(plan, DHCP46_DROP_opt82_in_reply);
    if (message->options == DHCP46_OPTIONS_MALFORMED)
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_options);
    if (message->options == DHCP46_OPTIONS_MANY)
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_many_options);
    return 1;
}

DHCP46_INLINE int dhcp46_plan_cra_reply(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                        const struct dhcp46_message *message,
                                        const struct dhcp46_address *own,
                                        const struct dhcp46_facts *facts,
                                        struct dhcp46_plan *plan) {
    const __u8 everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const __u8 *udp = dhcp46_datagram(view, packet);
    struct dhcp46_delivery delivery;
    struct dhcp46_sums sums;

    if (message->error != DHCP46_NO_REASON && message->error != DHCP46_DROP_too_short)
        return dhcp46_plan_drop(plan, message->error);
    if (!facts->peer_known && !(own->policy.flags & DHCP46_ACCEPT_ANY_SOURCE))
        return dhcp46_plan_drop(plan, DHCP46_DROP_unknown_peer);
    if (message->error != DHCP46_NO_REASON || !udp || !dhcp46_sum_old(view, packet, udp, &sums))
        return dhcp46_plan_drop(plan, DHCP46_DROP_too_short);
    const __u8 *bootp = udp + UDP_LENGTH;
    __u32 reason = dhcp46_cra_reply_op(bootp[BOOTP_OP]);
    if (reason != DHCP46_NO_REASON)
        return dhcp46_plan_drop(plan, reason);
    if (!dhcp46_cra_reply_options(message, plan))
        return 0;
    reason = dhcp46_cra_delivery(bootp, message, own->policy.flags, &delivery);
    if (reason != DHCP46_NO_REASON)
        return dhcp46_plan_drop(plan, reason);
    if (dhcp46_is_foreign_client(bootp, own))
        return dhcp46_plan_drop(plan, DHCP46_DROP_foreign_chaddr);

    struct dhcp46_emission emission = {
        BOOTP_SERVER_PORT,
        BOOTP_CLIENT_PORT,
        message->length,
        bootp[BOOTP_HOPS],
    };
    if (delivery.mac_broadcast)
        dhcp46_emit_ethernet(plan, everybody, own->out_mac);
    else
        dhcp46_emit_ethernet(plan, bootp + BOOTP_CHADDR, own->out_mac);
    dhcp46_emit_ipv4(plan, dhcp46_cra_ipv4_source(view, message, own, delivery.destination),
                     delivery.destination, UDP_LENGTH + message->length,
                     dhcp46_load16(bootp + BOOTP_XID + 2), &sums);
    dhcp46_emit_udp(plan, message, udp, emission, &sums);
    dhcp46_emit_csum(plan, udp, facts->csum_final, &sums);

    plan->type = dhcp46_message_type(message);
    plan->out_ifindex = own->out_ifindex;
    plan->out_mtu = own->out_mtu;
    plan->copies = 0;
    if (own->role == DHCP46_ROLE_HCRA)
        plan->way = DHCP46_WAY_HOST;
    return dhcp46_plan_verdict(plan, DHCP46_VERDICT_RELAY, DHCP46_NO_REASON);
}

#endif /* DHCP46_CORE_CRA_H */
