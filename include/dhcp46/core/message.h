/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The facts of one BOOTP or DHCP message: lengths, fixed fields, and one walk over its options. */
#ifndef DHCP46_CORE_MESSAGE_H
#define DHCP46_CORE_MESSAGE_H

#include "dhcp46/abi.h"
#include "dhcp46/core/classify.h"
#include "dhcp46/core/csum.h"

enum {
    DHCP46_MAX_OPTIONS = 64,    /* D-13: in the kernel */
    DHCP46_MAX_STEPS = 192,     /* of the walk: options, and runs of Pad */
    DHCP46_MAX_SUBOPTIONS = 32, /* in one option 82 */

    /* 82, 18, code, 16, the address (draft section 5); with Link Selection also 5, 4, and its
     * address (RFC 3527). Inserted with the End that moves behind it. */
    DHCP46_OPTION82_LENGTH = 4 + CRA6ADDR_LENGTH,
    DHCP46_LINK_SELECTION_LENGTH = 6,
    DHCP46_INSERT_LENGTH = DHCP46_OPTION82_LENGTH + 1,
    DHCP46_INSERT_LONGEST = DHCP46_INSERT_LENGTH + DHCP46_LINK_SELECTION_LENGTH,
};

/* How far a message is walked: what the verifier lets the kernel do, or to the end. */
struct dhcp46_limits {
    int options; /* without Pad and End */
    int steps;
    int suboptions;
};

DHCP46_INLINE struct dhcp46_limits dhcp46_kernel_limits(void) {
    struct dhcp46_limits limits = {DHCP46_MAX_OPTIONS, DHCP46_MAX_STEPS, DHCP46_MAX_SUBOPTIONS};

    return limits;
}

/* Each takes one octet at least. */
DHCP46_INLINE struct dhcp46_limits dhcp46_no_limits(void) {
    struct dhcp46_limits limits = {DHCP46_OFFSET_MASK, DHCP46_OFFSET_MASK, DHCP46_OFFSET_MASK};

    return limits;
}

/* The four ways through a relay. */
enum dhcp46_path {
    DHCP46_PATH_NONE = 0,
    DHCP46_PATH_CRA_REQUEST,
    DHCP46_PATH_CRA_REPLY,
    DHCP46_PATH_TRA_REQUEST,
    DHCP46_PATH_TRA_REPLY,
};

DHCP46_INLINE int dhcp46_is_reply(__u32 path) {
    return path == DHCP46_PATH_CRA_REPLY || path == DHCP46_PATH_TRA_REPLY;
}

/* What is to be read for a path. */
struct dhcp46_reading {
    __u8 path;          /* enum dhcp46_path */
    __u8 code;          /* of CRA6ADDR */
    __u8 insert_length; /* of what a TRA inserts: DHCP46_INSERT_LENGTH or _LONGEST */
    __u8 _pad;
};

enum dhcp46_options_state {
    DHCP46_OPTIONS_NONE = 0,  /* no cookie: BOOTP (E-21) */
    DHCP46_OPTIONS_GOOD,      /* walked to End or to the end of the message */
    DHCP46_OPTIONS_MALFORMED, /* an option runs past the end of the message */
    DHCP46_OPTIONS_MANY,      /* more than we walk; what was found so far is right */
};

/* Where one option 82 stands; offsets are from the first octet of the message. */
struct dhcp46_option82 {
    __u16 offset; /* of its code octet */
    __u16 length; /* of its value */
};

struct dhcp46_message {
    __u32 error;  /* enum dhcp46_reason of the layers below, or DHCP46_NO_REASON */
    __u16 offset; /* of the message in the frame */
    __u16 length; /* octets: the UDP length less 8 (D-15) */
    __u32 frame_length;

    __u32 options;      /* enum dhcp46_options_state */
    __u16 option_count; /* without Pad and End */
    __u16 insert_at; /* where another option can go: the End octet, else behind the last option */
    __u16 server_id; /* offset of option 54's address, 0: none of length 4 */
    __u8 type;       /* option 53, if */
    __u8 has_type;   /* there is one of length 1 */
    __u8 has_end;    /* an End octet stands at insert_at */
    __u8 option82_count;                /* a cut one counts (D-22) */
    struct dhcp46_option82 option82[4]; /* the first ones, if there are up to four */

    __u32 place_sum; /* of the octets that a TRA's edit replaces, as part of the UDP checksum */

    /* What was found in option 82. */
    __u16 cra6addr;      /* offset of the address */
    __u8 cra6addr_count; /* complete ones, of length 16 */
    __u8 cra6addr_bad;   /* one with another length, or cut */
    __u8 suboptions_bad; /* the list of sub-options does not end where option 82 does */
    __u8 suboptions_many;
    __u8 _pad;
    /* Always 0, but the verifier does not know: added to a number that it follows, it makes one
     * that it does not. Else each way to come to an octet would be verified by itself. */
    __u16 zero;
};

/* A pointer to `size` octets at `offset` of the message, or null if the frame does not have them.
 */
DHCP46_INLINE const __u8 *dhcp46_message_at(struct dhcp46_view view,
                                            const struct dhcp46_message *message, __u32 offset,
                                            __u32 size) {
    return dhcp46_at(view, (message->offset & 0xffu) + (offset & DHCP46_OFFSET_MASK), size);
}

/* The UDP header with the fixed fields of the message behind it, or null. */
DHCP46_INLINE const __u8 *dhcp46_datagram(struct dhcp46_view view,
                                          const struct dhcp46_packet *packet) {
    return dhcp46_at(view, packet->l4 & DHCP46_L4_MASK, UDP_LENGTH + BOOTP_LENGTH);
}

DHCP46_INLINE __u32 dhcp46_check_ipv4(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                      __u32 frame_length, __u32 *payload) {
    const __u8 *ip = dhcp46_ip(view, packet, IPV4_LENGTH);
    __u32 header = packet->l4 - packet->l3;
    __u64 sum = 0;

    if (!ip)
        return DHCP46_DROP_bad_ip_len;
    __u32 total = dhcp46_swap16(dhcp46_load16(ip + IPV4_TOTAL));
    if (packet->l3 + total > frame_length || total < header + UDP_LENGTH)
        return DHCP46_DROP_bad_ip_len;

    for (__u32 i = 0; i < IPV4_LENGTH; i += 4)
        sum += dhcp46_load32(ip + i);
    for (__u32 i = IPV4_LENGTH; i < 60 && i < header; i += 4) {
        const __u8 *word = dhcp46_at(view, packet->l3 + i, 4);
        if (!word)
            return DHCP46_DROP_bad_ip_len;
        sum += dhcp46_load32(word);
    }
    if (dhcp46_csum_fold16(sum) != 0xffff)
        return DHCP46_DROP_bad_ip_csum;
    *payload = total - header;
    return DHCP46_NO_REASON;
}

DHCP46_INLINE __u32 dhcp46_check_ipv6(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                      __u32 frame_length, __u32 *payload) {
    const __u8 *ip = dhcp46_ip(view, packet, IPV6_LENGTH);

    if (!ip)
        return DHCP46_DROP_bad_ip_len;
    *payload = dhcp46_swap16(dhcp46_load16(ip + IPV6_PAYLOAD));
    if (packet->l4 + *payload > frame_length || *payload < UDP_LENGTH)
        return DHCP46_DROP_bad_ip_len;
    return DHCP46_NO_REASON;
}

/* Fills offset and length; says what is wrong with the layers below, if anything. */
DHCP46_INLINE __u32 dhcp46_check_lengths(struct dhcp46_view view,
                                         const struct dhcp46_packet *packet,
                                         struct dhcp46_message *message) {
    int is_ipv4 = packet->kind == DHCP46_KIND_IPV4;
    __u32 payload = 0;
    __u32 reason = is_ipv4 ? dhcp46_check_ipv4(view, packet, message->frame_length, &payload)
                           : dhcp46_check_ipv6(view, packet, message->frame_length, &payload);
    if (reason != DHCP46_NO_REASON)
        return reason;

    const __u8 *udp = dhcp46_at(view, packet->l4 & DHCP46_L4_MASK, UDP_LENGTH);
    if (!udp)
        return DHCP46_DROP_bad_udp_len;
    __u32 length = dhcp46_swap16(dhcp46_load16(udp + UDP_LEN));
    if (length < UDP_LENGTH || length > payload)
        return DHCP46_DROP_bad_udp_len;
    if (!is_ipv4 && dhcp46_load16(udp + UDP_CSUM) == 0)
        return DHCP46_DROP_zero_csum;

    message->length = (__u16)(length - UDP_LENGTH);
    return message->length < BOOTP_LENGTH ? DHCP46_DROP_too_short : DHCP46_NO_REASON;
}

/* One option that is there in full. `p` points to its code octet. */
DHCP46_INLINE void dhcp46_note_option(struct dhcp46_view view, struct dhcp46_message *message,
                                      const __u8 *p, __u32 offset, __u32 length) {
    if (p[0] == OPTION_MESSAGE_TYPE && length == 1) {
        if (p + 3 <= view.end) {
            message->type = p[2];
            message->has_type = 1;
        }
    } else if (p[0] == OPTION_SERVER_ID && length == 4) {
        message->server_id = (__u16)(offset + 2);
    }
}

DHCP46_INLINE void dhcp46_note_option82(struct dhcp46_message *message, __u32 offset,
                                        __u32 length) {
    struct dhcp46_option82 *slot = &message->option82[message->option82_count & 3];

    slot->offset = (__u16)offset;
    slot->length = (__u16)length;
    if (message->option82_count < 0xff)
        message->option82_count++;
}

/* Octets of Pad to step over at `p`, where one stands: up to eight, since a stripped option 82 is a
 * long run of them. May lead behind the end of the message, where the walk ends too. */
DHCP46_INLINE __u32 dhcp46_pad_run(struct dhcp46_view view, const __u8 *p) {
    return p + 8 <= view.end ? dhcp46_leading_zeros8(p) : 1;
}

/* One pass over the option field, from behind the cookie to End or to the end of the message
 * (RFC 2131 section 4.1; not into sname and file, E-17). */
DHCP46_INLINE void dhcp46_walk_options(struct dhcp46_view view, struct dhcp46_limits limits,
                                       struct dhcp46_message *message) {
    __u32 offset = BOOTP_OPTIONS;
    __u32 zero = dhcp46_reread16(&message->zero);

    message->insert_at = BOOTP_OPTIONS;
    for (int i = 0; i < limits.steps; i++) {
        DHCP46_OPAQUE(offset);
        offset = (offset + zero) & DHCP46_OFFSET_MASK;
        __u32 end = message->length;
        if (offset >= end) {
            message->options = DHCP46_OPTIONS_GOOD;
            return;
        }

        const __u8 *p = dhcp46_message_at(view, message, offset, 1);
        if (!p)
            break;
        if (p[0] == OPTION_PAD) {
            offset += dhcp46_pad_run(view, p);
            continue;
        }
        if (p[0] == OPTION_END) {
            message->insert_at = (__u16)offset;
            message->has_end = 1;
            message->options = DHCP46_OPTIONS_GOOD;
            return;
        }
        if (message->option_count >= limits.options) {
            message->options = DHCP46_OPTIONS_MANY;
            return;
        }
        message->option_count++;

        __u32 length = p + 2 <= view.end ? p[1] : 0;
        int complete = offset + 2 + length <= end;
        if (p[0] == OPTION_RELAY_AGENT)
            dhcp46_note_option82(message, offset, length);
        if (!complete) {
            message->options = DHCP46_OPTIONS_MALFORMED;
            return;
        }
        dhcp46_note_option(view, message, p, offset, length);
        offset += 2 + length;
        message->insert_at = (__u16)offset;
    }
    message->options = DHCP46_OPTIONS_MANY;
}

/*
 * Reads the message of a packet that classify found to be UDP 67 in one piece. `message->error` is
 * then the first thing that is wrong below the options, in the order in which layers come; what the
 * options are worth is for the caller's role to decide.
 */
DHCP46_INLINE void dhcp46_read_message(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                       struct dhcp46_limits limits,
                                       struct dhcp46_message *message) {
    __builtin_memset(message, 0, sizeof(*message));
    message->frame_length = (__u32)(view.end - view.data);
    message->offset = (__u16)(packet->l4 + UDP_LENGTH);
    message->error = dhcp46_check_lengths(view, packet, message);
    if (message->error != DHCP46_NO_REASON)
        return;

    if (message->length < BOOTP_OPTIONS)
        return;
    if (message->offset + message->length > DHCP46_OFFSET_MASK) { /* dhcp46_at sees no further */
        message->options = DHCP46_OPTIONS_MANY;
        return;
    }
    const __u8 *cookie = dhcp46_message_at(view, message, BOOTP_COOKIE, 4);
    if (cookie && dhcp46_load32(cookie) == DHCP46_BE32(BOOTP_COOKIE_VALUE))
        dhcp46_walk_options(view, limits, message);
}

/* Looks for CRA6ADDR in one option 82, by code and at any position: a server may reorder
 * sub-options, or add its own (R-TRA-15). */
DHCP46_INLINE void dhcp46_find_in_option82(struct dhcp46_view view, struct dhcp46_message *message,
                                           struct dhcp46_limits limits,
                                           struct dhcp46_option82 option, __u32 code) {
    __u32 offset = option.offset + 2u;

    for (int i = 0; i < limits.suboptions; i++) {
        DHCP46_OPAQUE(offset);
        offset = (offset + message->zero) & DHCP46_OFFSET_MASK;
        __u32 end = option.offset + 2u + option.length;
        if (offset >= end)
            return;

        const __u8 *p = dhcp46_message_at(view, message, offset, 1);
        const __u8 *q = dhcp46_message_at(view, message, offset + 1, 1);
        __u32 length = q ? q[0] : 0;
        int complete = offset + 2 + length <= end;
        if (!p)
            return;
        if (p[0] == code && complete && length == CRA6ADDR_LENGTH) {
            message->cra6addr = (__u16)(offset + 2);
            message->cra6addr_count++;
        } else if (p[0] == code) {
            message->cra6addr_bad = 1;
        }
        if (!complete) {
            message->suboptions_bad = 1;
            return;
        }
        offset += 2 + length;
    }
    if (offset < option.offset + 2u + option.length)
        message->suboptions_many = 1;
}

/* Sums the octets of an option, code and length with it. */
DHCP46_INLINE __u32 dhcp46_sum_option82(struct dhcp46_view view,
                                        const struct dhcp46_message *message,
                                        struct dhcp46_option82 option) {
    __u32 length = option.length + 2u;
    __u32 done = 0;
    __u64 sum = 0;

    /* What we have inserted, if the server adds nothing to it. */
    const __u8 *whole = dhcp46_message_at(view, message, option.offset, DHCP46_OPTION82_LENGTH);
    if (length == DHCP46_OPTION82_LENGTH && whole) {
        for (int i = 0; i < DHCP46_OPTION82_LENGTH; i += 4)
            sum += dhcp46_load32(whole + i);
        return dhcp46_csum_fold32(dhcp46_csum_at(sum, option.offset));
    }
    for (int i = 0; i < 257 / 4; i++) {
        DHCP46_OPAQUE(done);
        done = (done + message->zero) & 0x1ff;
        const __u8 *p = dhcp46_message_at(view, message, option.offset + done, 4);
        if (done + 4 > length || !p)
            break;
        sum += dhcp46_load32(p);
        done += 4;
    }
    for (int i = 0; i < 3; i++) {
        DHCP46_OPAQUE(done);
        done = (done + message->zero) & 0x1ff;
        const __u8 *p = dhcp46_message_at(view, message, option.offset + done, 1);
        if (done >= length || !p)
            break;
        sum += done & 1 ? DHCP46_BE16(p[0]) : DHCP46_BE16(p[0] << 8);
        done++;
    }
    return dhcp46_csum_fold32(dhcp46_csum_at(sum, option.offset));
}

/* What a TRA needs to know of a reply: the sub-options, and what goes when option 82 is stripped.
 */
DHCP46_INLINE void dhcp46_read_option82(struct dhcp46_view view, struct dhcp46_message *message,
                                        struct dhcp46_limits limits, __u32 code) {
    if (message->option82_count == 0)
        return;
    dhcp46_find_in_option82(view, message, limits, message->option82[0], code);
    if (message->option82_count > 1)
        dhcp46_find_in_option82(view, message, limits, message->option82[1], code);
    message->place_sum = dhcp46_sum_option82(view, message, message->option82[0]);
}

/* What a TRA needs to know of a request: the octets where option 82 will stand. Those behind the
 * end of the message count as zero. */
DHCP46_INLINE void dhcp46_read_insert_place(struct dhcp46_view view, struct dhcp46_message *message,
                                            __u32 length) {
    __u32 place = message->insert_at;
    __u64 sum = 0;

    const __u8 *p = dhcp46_message_at(view, message, place, DHCP46_INSERT_LENGTH);
    if (length == DHCP46_INSERT_LENGTH && p && place + DHCP46_INSERT_LENGTH <= message->length) {
        for (int i = 0; i < DHCP46_INSERT_LENGTH - 1; i += 4)
            sum += dhcp46_load32(p + i);
        sum += DHCP46_BE16(p[DHCP46_INSERT_LENGTH - 1] << 8);
    } else {
        for (__u32 i = 0; i < DHCP46_INSERT_LONGEST && i < length; i++) {
            p = dhcp46_message_at(view, message, place + i, 1);
            if (!p || place + i >= message->length)
                break;
            sum += i & 1 ? DHCP46_BE16(p[0]) : DHCP46_BE16(p[0] << 8);
        }
    }
    message->place_sum = dhcp46_csum_fold32(dhcp46_csum_at(sum, place));
}

/* Reads what the path needs. */
DHCP46_INLINE void dhcp46_read(struct dhcp46_view view, const struct dhcp46_packet *packet,
                               const struct dhcp46_reading *reading, struct dhcp46_limits limits,
                               struct dhcp46_message *message) {
    dhcp46_read_message(view, packet, limits, message);
    if (reading->path == DHCP46_PATH_TRA_REQUEST)
        dhcp46_read_insert_place(view, message, reading->insert_length);
    else if (reading->path == DHCP46_PATH_TRA_REPLY)
        dhcp46_read_option82(view, message, limits, reading->code);
}

/* Copies the CRA6ADDR that was found; 0 if there is none. */
DHCP46_INLINE int dhcp46_cra6addr(struct dhcp46_view view, const struct dhcp46_message *message,
                                  __u8 *to) {
    const __u8 *p = dhcp46_message_at(view, message, message->cra6addr, CRA6ADDR_LENGTH);

    if (message->cra6addr_count == 0 || !p)
        return 0;
    dhcp46_copy16(to, p);
    return 1;
}

/* How the relayed packet is counted. */
DHCP46_INLINE __u32 dhcp46_message_type(const struct dhcp46_message *message) {
    if (!message->has_type)
        return DHCP46_TYPE_bootp;
    if (message->type < 1 || message->type > 8) /* RFC 2132 section 9.6 ends there */
        return DHCP46_TYPE_other;
    return (__u32)message->type - 1; /* the list of counters.def begins with types 1 to 8 */
}

#endif /* DHCP46_CORE_MESSAGE_H */
