/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The IPv6-Transport Relay Agent (draft-ietf-dhc-dhcpv4-over-ipv6-06 section 8): option 82 with
 * CRA6ADDR is its only memory of where a reply goes. */
#ifndef DHCP46_CORE_TRA_H
#define DHCP46_CORE_TRA_H

#include "dhcp46/core/emit.h"

/* ---- from a CRA, over IPv6, to the server ---- */

/* R-TRA-2: op 1, and op 3 with relay agent encapsulation, which is off. */
DHCP46_INLINE __u32 dhcp46_tra_request_op(__u8 op) {
    switch (op) {
    case BOOTP_OP_REQUEST:
        return DHCP46_NO_REASON;
    case BOOTP_OP_REPLY:
        return DHCP46_DROP_op2_unexpected;
    case BOOTP_OP_RELAYFORWARD:
        return DHCP46_DROP_op3_unsupported;
    case BOOTP_OP_RELAYREPLY:
        return DHCP46_DROP_op4_unexpected;
    default:
        return DHCP46_DROP_op_unknown;
    }
}

DHCP46_INLINE int dhcp46_tra_request_options(const struct dhcp46_message *message,
                                             struct dhcp46_plan *plan) {
    if (message->options == DHCP46_OPTIONS_NONE)
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_cookie);
    if (message->option82_count) /* also one that is cut (D-22) */
        return dhcp46_plan_drop(plan, DHCP46_DROP_opt82_present);
    if (message->options == DHCP46_OPTIONS_MALFORMED)
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_options);
    if (message->options == DHCP46_OPTIONS_MANY)
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_many_options);
    return 1;
}

/* The message's length with option 82 in it. It goes where End stood, over the padding behind
 * (E-16); where that is too short the message grows, and then to RFC 1542's minimum (E-19). */
DHCP46_INLINE __u32 dhcp46_tra_new_length(const struct dhcp46_message *message,
                                          __u32 insert_length) {
    __u32 needed = message->insert_at + insert_length;

    if (needed <= message->length)
        return message->length;
    return needed < BOOTP_MIN_LENGTH ? (__u32)BOOTP_MIN_LENGTH : needed;
}

/* A frame may have octets behind the message (D-15); those that it grows over must be zero. */
DHCP46_INLINE void dhcp46_tra_clear_grown(const struct dhcp46_message *message,
                                          struct dhcp46_plan *plan) {
    struct dhcp46_edit *edit = &plan->edits[DHCP46_EDIT_GROWN];

    if (!plan->grown || message->offset + (__u32)message->length >= message->frame_length)
        return;
    edit->kind = DHCP46_EDIT_FILL;
    edit->offset = (__u16)(plan->frame_length - plan->grown);
    edit->length = plan->grown;
    edit->bytes[0] = 0;
}

/* What option 82 takes with the End behind it. */
DHCP46_INLINE __u32 dhcp46_tra_insert_length(const struct dhcp46_facts *facts) {
    return dhcp46_load32(facts->link_selection) ? (__u32)DHCP46_INSERT_LONGEST
                                                : (__u32)DHCP46_INSERT_LENGTH;
}

/* R-TRA-7, RFC 3527: behind CRA6ADDR, and the End; returns what the sub-option adds to the sum. */
DHCP46_INLINE __u64 dhcp46_tra_select_link(const __u8 *address, struct dhcp46_edit *edit) {
    __u8 *p = edit->bytes + DHCP46_OPTION82_LENGTH;

    dhcp46_store16(p, DHCP46_BE16(SUBOPTION_LINK_SELECTION << 8 | 4));
    dhcp46_store32(p + 2, dhcp46_load32(address));
    p[DHCP46_LINK_SELECTION_LENGTH] = OPTION_END;
    return DHCP46_BE16(SUBOPTION_LINK_SELECTION << 8 | 4) + (__u64)dhcp46_load32(address);
}

DHCP46_INLINE void dhcp46_tra_insert(const struct dhcp46_message *message, __u8 code,
                                     const __u8 *cra, const struct dhcp46_facts *facts,
                                     struct dhcp46_plan *plan, struct dhcp46_sums *sums) {
    struct dhcp46_edit *edit = &plan->edits[DHCP46_EDIT_OPTION82];
    __u32 length = dhcp46_tra_insert_length(facts);
    __u32 head = dhcp46_pair16(DHCP46_BE16(OPTION_RELAY_AGENT << 8 | (length - 3)),
                               DHCP46_BE16(code << 8 | CRA6ADDR_LENGTH));
    __u64 added = (__u64)head + DHCP46_BE16(OPTION_END << 8);

    edit->kind = DHCP46_EDIT_BYTES;
    edit->offset = (__u16)(plan->udp_offset + UDP_LENGTH + message->insert_at);
    edit->length = (__u16)length;
    dhcp46_store32(edit->bytes, head);
    for (int i = 0; i < CRA6ADDR_LENGTH; i += 4) {
        __u32 word = dhcp46_load32(cra + i);
        dhcp46_store32(edit->bytes + 4 + i, word);
        added += word;
    }
    if (length == DHCP46_INSERT_LONGEST)
        added += dhcp46_tra_select_link(facts->link_selection, edit);
    else
        edit->bytes[DHCP46_OPTION82_LENGTH] = OPTION_END;

    sums->old_payload += message->place_sum;
    sums->new_payload += dhcp46_csum_at(added, message->insert_at);
}

/* R-TRA-6: one of our own addresses, whatever stood there (E-4). */
DHCP46_INLINE void dhcp46_tra_set_giaddr(const __u8 *bootp, const __u8 *giaddr,
                                         struct dhcp46_plan *plan, struct dhcp46_sums *sums) {
    struct dhcp46_edit *edit = &plan->edits[DHCP46_EDIT_GIADDR];

    edit->kind = DHCP46_EDIT_BYTES;
    edit->offset = (__u16)(plan->udp_offset + UDP_LENGTH + BOOTP_GIADDR);
    edit->length = 4;
    dhcp46_store32(edit->bytes, dhcp46_load32(giaddr));
    sums->old_payload += dhcp46_load32(bootp + BOOTP_GIADDR);
    sums->new_payload += dhcp46_load32(giaddr);
}

DHCP46_INLINE int dhcp46_plan_tra_request(struct dhcp46_view view,
                                          const struct dhcp46_packet *packet,
                                          const struct dhcp46_message *message,
                                          const struct dhcp46_address *own,
                                          const struct dhcp46_facts *facts,
                                          struct dhcp46_plan *plan) {
    const __u8 *udp = dhcp46_datagram(view, packet);
    const __u8 *ip = dhcp46_ip(view, packet, IPV6_LENGTH);
    struct dhcp46_sums sums;

    if (message->error != DHCP46_NO_REASON && message->error != DHCP46_DROP_too_short)
        return dhcp46_plan_drop(plan, message->error);
    if (!ip || !dhcp46_is_cra_address(ip + IPV6_SRC) ||
        dhcp46_equal16(ip + IPV6_SRC, ip + IPV6_DST)) /* ours: the answer would be refused (E-48) */
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_source);
    if (!facts->cra_allowed)
        return dhcp46_plan_drop(plan, DHCP46_DROP_cra_not_allowed);
    if (message->error != DHCP46_NO_REASON || !udp || !dhcp46_sum_old(view, packet, udp, &sums))
        return dhcp46_plan_drop(plan, DHCP46_DROP_too_short);
    const __u8 *bootp = udp + UDP_LENGTH;
    __u32 reason = dhcp46_tra_request_op(bootp[BOOTP_OP]);
    if (reason != DHCP46_NO_REASON)
        return dhcp46_plan_drop(plan, reason);
    if (bootp[BOOTP_HOPS] > own->policy.hops_limit)
        return dhcp46_plan_drop(plan, DHCP46_DROP_hops);
    if (facts->own_giaddr)
        return dhcp46_plan_drop(plan, DHCP46_DROP_own_giaddr);
    int giaddr_set = dhcp46_load32(bootp + BOOTP_GIADDR) != 0;
    if (giaddr_set && own->policy.giaddr_policy == DHCP46_GIADDR_DROP)
        return dhcp46_plan_drop(plan, DHCP46_DROP_giaddr_set);
    if (!dhcp46_tra_request_options(message, plan))
        return 0;
    if (dhcp46_load32(own->source4) == 0)
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_source);
    if (!facts->upstreams)
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_upstream);

    struct dhcp46_emission emission = {
        BOOTP_SERVER_PORT,
        facts->upstream_port,
        dhcp46_tra_new_length(message, dhcp46_tra_insert_length(facts)),
        (__u8)(bootp[BOOTP_HOPS] + 1),
    };
    if (own->role == DHCP46_ROLE_TSV)
        dhcp46_emit_ethernet(plan, own->next_mac, own->out_mac);
    else
        dhcp46_emit_no_ethernet(plan);
    dhcp46_emit_ipv4(plan, dhcp46_load32(own->source4), dhcp46_load32(facts->upstream + 12),
                     UDP_LENGTH + emission.new_length, dhcp46_load16(bootp + BOOTP_XID + 2), &sums);
    dhcp46_emit_udp(plan, message, udp, emission, &sums);
    dhcp46_tra_clear_grown(message, plan);
    dhcp46_tra_set_giaddr(bootp, own->source4, plan, &sums);
    dhcp46_tra_insert(message, own->policy.cra6addr_code, ip + IPV6_SRC, facts, plan, &sums);
    dhcp46_emit_csum(plan, udp, facts->csum_final, &sums);

    plan->type = dhcp46_message_type(message);
    plan->out_ifindex = own->out_ifindex;
    plan->out_mtu = own->out_mtu;
    plan->copies = facts->upstreams > 1;
    return dhcp46_plan_verdict(plan, DHCP46_VERDICT_RELAY,
                               giaddr_set ? DHCP46_NOTE_giaddr_replaced : DHCP46_NO_REASON);
}

/* ---- from the server, over IPv4, to a CRA ---- */

/* Whether option 82 says, well and once, where the reply goes. Sets the verdict if not. */
DHCP46_INLINE int dhcp46_tra_reply_options(const struct dhcp46_message *message,
                                           struct dhcp46_plan *plan) {
    if (message->options == DHCP46_OPTIONS_MALFORMED)
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_options);
    if (message->options == DHCP46_OPTIONS_MANY || message->suboptions_many)
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_many_options);
    if (message->option82_count == 0) /* and so also without a cookie */
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_cra6addr);
    if (message->cra6addr_count > 1)
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_cra6addr);
    if (message->option82_count > 1) /* RFC 3396: to be joined before it is read (D-6) */
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PUNT, DHCP46_PUNT_split_opt82);
    if (message->cra6addr_bad)
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_cra6addr);
    if (message->suboptions_bad)
        return dhcp46_plan_drop(plan, DHCP46_DROP_bad_options);
    if (message->cra6addr_count == 0)
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_cra6addr);
    return 1;
}

/* R-TRA-12, without moving an octet: as the last option, right in front of End, option 82 becomes
 * End and zeros; elsewhere nothing but Pad is left of it. */
DHCP46_INLINE void dhcp46_tra_strip(const struct dhcp46_message *message, struct dhcp46_plan *plan,
                                    struct dhcp46_sums *sums) {
    struct dhcp46_edit *edit = &plan->edits[DHCP46_EDIT_OPTION82];
    __u32 offset = message->option82[0].offset;
    __u32 length = message->option82[0].length + 2u;
    int is_last = offset + length == message->insert_at;

    if (is_last && message->has_end)
        length++;

    edit->kind = DHCP46_EDIT_FILL;
    edit->offset = (__u16)(plan->udp_offset + UDP_LENGTH + offset);
    edit->length = (__u16)length;
    edit->bytes[0] = is_last ? OPTION_END : OPTION_PAD;

    /* The octets behind the option that are replaced, if any, are the End. */
    if (is_last && message->has_end)
        sums->old_payload += dhcp46_csum_at(DHCP46_BE16(OPTION_END << 8), offset + length - 1);
    sums->old_payload += message->place_sum;
    sums->new_payload += dhcp46_csum_at(DHCP46_BE16(edit->bytes[0] << 8), offset);
}

DHCP46_INLINE int dhcp46_plan_tra_reply(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                        const struct dhcp46_message *message,
                                        const struct dhcp46_address *own,
                                        const struct dhcp46_facts *facts,
                                        struct dhcp46_plan *plan) {
    const __u8 *udp = dhcp46_datagram(view, packet);
    struct dhcp46_sums sums;
    __u8 cra[CRA6ADDR_LENGTH];

    if (message->error != DHCP46_NO_REASON)
        return dhcp46_plan_drop(plan, message->error);
    if (!udp || !dhcp46_sum_old(view, packet, udp, &sums))
        return dhcp46_plan_drop(plan, DHCP46_DROP_too_short);
    const __u8 *bootp = udp + UDP_LENGTH;
    if (bootp[BOOTP_OP] == BOOTP_OP_RELAYREPLY)
        return dhcp46_plan_drop(plan, DHCP46_DROP_op4_unsupported);
    if (bootp[BOOTP_OP] != BOOTP_OP_REPLY)
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PASS, DHCP46_PASS_op_not_reply);
    if (dhcp46_load32(bootp + BOOTP_GIADDR) != dhcp46_load32(own->source4))
        return dhcp46_plan_verdict(plan, DHCP46_VERDICT_PASS, DHCP46_PASS_other_giaddr);
    if (!facts->peer_known && !(own->policy.flags & DHCP46_ACCEPT_ANY_SOURCE))
        return dhcp46_plan_drop(plan, DHCP46_DROP_unknown_peer);
    if (!dhcp46_tra_reply_options(message, plan))
        return 0;
    if (!dhcp46_cra6addr(view, message, cra) || !dhcp46_is_cra_address(cra) || facts->own_cra6addr)
        return dhcp46_plan_drop(plan, DHCP46_DROP_cra6addr_refused);
    if (!facts->cra_allowed)
        return dhcp46_plan_drop(plan, DHCP46_DROP_cra_not_allowed);
    if (dhcp46_is_zero16(own->source6))
        return dhcp46_plan_drop(plan, DHCP46_DROP_no_source);

    struct dhcp46_emission emission = {
        BOOTP_SERVER_PORT,
        BOOTP_SERVER_PORT,
        message->length,
        bootp[BOOTP_HOPS],
    };
    dhcp46_emit_no_ethernet(plan);
    dhcp46_emit_ipv6(plan, own->source6, cra, UDP_LENGTH + message->length, &sums);
    dhcp46_emit_udp(plan, message, udp, emission, &sums);
    dhcp46_tra_strip(message, plan, &sums);
    dhcp46_emit_csum(plan, udp, facts->csum_final, &sums);

    plan->type = dhcp46_message_type(message);
    plan->out_ifindex = own->out_ifindex;
    plan->out_mtu = own->out_mtu;
    plan->copies = 0;
    return dhcp46_plan_verdict(plan, DHCP46_VERDICT_RELAY, DHCP46_NO_REASON);
}

#endif /* DHCP46_CORE_TRA_H */
