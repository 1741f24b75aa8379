/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Layers 2 to 4: is this UDP to port 67, and where is it? Says nothing about whose it is. */
#ifndef DHCP46_CORE_CLASSIFY_H
#define DHCP46_CORE_CLASSIFY_H

#include "dhcp46/core/bytes.h"

enum dhcp46_kind {
    DHCP46_KIND_OTHER = 0,     /* nothing that we look at */
    DHCP46_KIND_IPV4,          /* UDP 67, in one piece */
    DHCP46_KIND_IPV6,          /* UDP 67, right behind the IPv6 header */
    DHCP46_KIND_IPV4_FRAGMENT, /* of UDP; of port 67 if it is the first one */
    DHCP46_KIND_IPV6_FRAGMENT, /* the first one, of UDP 67 */
    DHCP46_KIND_IPV6_HEADERS,  /* UDP 67 behind extension headers */
};

/* How much of a frame classify looks into: XDP leaves the odd ones to TC. */
enum dhcp46_depth {
    DHCP46_DEPTH_PLAIN, /* no tags, no extension headers */
    DHCP46_DEPTH_FULL,
};

struct dhcp46_packet {
    __u16 l3;        /* offset of the IP header */
    __u16 l4;        /* offset of the UDP header */
    __u8 kind;       /* enum dhcp46_kind */
    __u8 tags;       /* VLAN tags in the frame: 0, 1 or 2 */
    __u16 l2_length; /* 14, or 0 on a device without a layer-2 header */
};

enum {
    DHCP46_EXTENSION_HEADERS = 8,
    DHCP46_L3_MASK = 0x1f, /* bounds for the verifier: l3 is at most 22, */
    DHCP46_L4_MASK = 0x7f, /* and l4 82 */
};

/* The first `size` octets of the IP header, or null. */
DHCP46_INLINE const __u8 *dhcp46_ip(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                    __u32 size) {
    return dhcp46_at(view, packet->l3 & DHCP46_L3_MASK, size);
}

DHCP46_INLINE int dhcp46_is_to_bootps(struct dhcp46_view view, __u32 l4) {
    const __u8 *udp = dhcp46_at(view, l4, UDP_LENGTH);

    return udp && dhcp46_load16(udp + UDP_DPORT) == DHCP46_BE16(BOOTP_SERVER_PORT);
}

DHCP46_INLINE void dhcp46_classify_ipv4(struct dhcp46_view view, struct dhcp46_packet *packet) {
    const __u8 *ip = dhcp46_ip(view, packet, IPV4_LENGTH);

    if (!ip)
        return;
    if (ip[0] >> 4 != 4 || ip[IPV4_PROTOCOL] != UDP_PROTOCOL)
        return;

    __u32 length = (ip[0] & 0xfu) * 4;
    if (length < IPV4_LENGTH)
        return;

    __u16 fragment = dhcp46_load16(ip + IPV4_FRAG);
    if (fragment & DHCP46_BE16(IPV4_FRAG_OFFSET)) { /* has no UDP header to look at */
        packet->kind = DHCP46_KIND_IPV4_FRAGMENT;
        return;
    }

    __u32 l4 = (packet->l3 + length) & DHCP46_L4_MASK;
    if (!dhcp46_is_to_bootps(view, l4))
        return;
    packet->l4 = (__u16)l4;
    packet->kind =
        fragment & DHCP46_BE16(IPV4_FRAG_ANY) ? DHCP46_KIND_IPV4_FRAGMENT : DHCP46_KIND_IPV4;
}

/* Looks for UDP 67 behind the extension headers that RFC 8200 lets stand before it. AH and ESP are
 * not looked into (E-40). */
DHCP46_INLINE void dhcp46_classify_ipv6_headers(struct dhcp46_view view,
                                                struct dhcp46_packet *packet, __u32 next) {
    __u32 offset = packet->l3 + IPV6_LENGTH;
    __u32 kind = DHCP46_KIND_IPV6_HEADERS;

    for (int i = 0; i < DHCP46_EXTENSION_HEADERS; i++) {
        DHCP46_OPAQUE(offset);
        DHCP46_OPAQUE(next);
        DHCP46_OPAQUE(kind);
        const __u8 *header = dhcp46_at(view, offset, 8);
        if (!header)
            return;
        if (next == UDP_PROTOCOL) {
            if (dhcp46_load16(header + UDP_DPORT) == DHCP46_BE16(BOOTP_SERVER_PORT))
                packet->kind = (__u8)kind;
            return;
        }

        __u32 length = (header[1] + 1u) * 8;
        if (next == IPV6_NEXT_FRAGMENT) {
            if (dhcp46_load16(header + 2) & DHCP46_BE16(IPV6_FRAG_OFFSET))
                return;
            kind = DHCP46_KIND_IPV6_FRAGMENT;
            length = 8;
        } else if (next != IPV6_NEXT_HOP_BY_HOP && next != IPV6_NEXT_ROUTING &&
                   next != IPV6_NEXT_DESTINATION) {
            return;
        }
        next = header[0];
        offset += length;
    }
}

DHCP46_INLINE void dhcp46_classify_ipv6(struct dhcp46_view view, struct dhcp46_packet *packet,
                                        enum dhcp46_depth depth) {
    const __u8 *ip = dhcp46_ip(view, packet, IPV6_LENGTH);

    if (!ip)
        return;
    if (ip[0] >> 4 != 6)
        return;

    if (ip[IPV6_NEXT] != UDP_PROTOCOL) {
        if (depth == DHCP46_DEPTH_FULL)
            dhcp46_classify_ipv6_headers(view, packet, ip[IPV6_NEXT]);
        return;
    }
    packet->l4 = (__u16)(packet->l3 + IPV6_LENGTH);
    if (dhcp46_is_to_bootps(view, packet->l4))
        packet->kind = DHCP46_KIND_IPV6;
}

/*
 * Fills `packet` for the frame in `view`. `l2_length` is 14 or 0.
 * What is too short for its own headers is DHCP46_KIND_OTHER: it has no port that could be ours.
 */
DHCP46_INLINE void dhcp46_classify(struct dhcp46_view view, __u32 l2_length,
                                   enum dhcp46_depth depth, struct dhcp46_packet *packet) {
    __u32 l3 = l2_length;
    __u16 type;

    packet->kind = DHCP46_KIND_OTHER;
    packet->tags = 0;
    packet->l2_length = (__u16)l2_length;

    if (l2_length == 0) {
        const __u8 *ip = dhcp46_at(view, 0, 1);
        if (!ip)
            return;
        type = ip[0] >> 4 == 6 ? DHCP46_BE16(ETH_TYPE_IPV6) : DHCP46_BE16(ETH_TYPE_IPV4);
    } else {
        if (view.data + ETH_LENGTH > view.end)
            return;
        type = dhcp46_load16(view.data + ETH_TYPE);
    }

    if (depth == DHCP46_DEPTH_FULL) {
        for (int i = 0; i < 2; i++) {
            if (type != DHCP46_BE16(ETH_TYPE_VLAN) && type != DHCP46_BE16(ETH_TYPE_QINQ))
                break;
            const __u8 *tag = dhcp46_at(view, l3, ETH_TAG_LENGTH);
            if (!tag)
                return;
            type = dhcp46_load16(tag + 2);
            l3 += ETH_TAG_LENGTH;
            packet->tags++;
        }
    }

    packet->l3 = (__u16)l3;
    if (type == DHCP46_BE16(ETH_TYPE_IPV4))
        dhcp46_classify_ipv4(view, packet);
    else if (type == DHCP46_BE16(ETH_TYPE_IPV6))
        dhcp46_classify_ipv6(view, packet, depth);
}

/* Whether an Ethernet frame may be one that a plan has made: UDP from our port, behind an IP header
 * without anything more. It goes to whichever port an upstream has. */
DHCP46_INLINE int dhcp46_is_emitted(struct dhcp46_view view) {
    const __u8 *type = dhcp46_at(view, ETH_TYPE, 2 + IPV4_LENGTH);
    const __u8 *udp;

    if (!type)
        return 0;
    const __u8 *ip = type + 2;
    if (dhcp46_load16(type) == DHCP46_BE16(ETH_TYPE_IPV4) && ip[0] == 0x45 &&
        ip[IPV4_PROTOCOL] == UDP_PROTOCOL)
        udp = dhcp46_at(view, ETH_LENGTH + IPV4_LENGTH, UDP_LENGTH);
    else if (dhcp46_load16(type) == DHCP46_BE16(ETH_TYPE_IPV6) && ip[IPV6_NEXT] == UDP_PROTOCOL)
        udp = dhcp46_at(view, ETH_LENGTH + IPV6_LENGTH, UDP_LENGTH);
    else
        return 0;
    return udp && dhcp46_load16(udp + UDP_SPORT) == DHCP46_BE16(BOOTP_SERVER_PORT);
}

/* D-16: to all stations or to this one; else the frame is only passing by (promiscuous port,
 * bridge port). */
DHCP46_INLINE int dhcp46_is_for_station(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                        const __u8 *mac) {
    if (packet->l2_length == 0)
        return 1;
    if (view.data + ETH_LENGTH > view.end)
        return 0;

    __u32 high = dhcp46_load32(view.data + ETH_DST);
    __u16 low = dhcp46_load16(view.data + ETH_DST + 4);
    if (high == 0xffffffff && low == 0xffff)
        return 1;
    return high == dhcp46_load32(mac) && low == dhcp46_load16(mac + 4);
}

/* The addresses of a packet that classify found; copies into `to`. */
DHCP46_INLINE int dhcp46_ipv4_destination(struct dhcp46_view view,
                                          const struct dhcp46_packet *packet, __u32 *to) {
    const __u8 *ip = dhcp46_ip(view, packet, IPV4_LENGTH);

    if (!ip)
        return 0;
    *to = dhcp46_load32(ip + IPV4_DST);
    return 1;
}

DHCP46_INLINE int dhcp46_ipv6_address(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                      __u32 field, __u8 *to) {
    const __u8 *ip = dhcp46_ip(view, packet, IPV6_LENGTH);

    if (!ip)
        return 0;
    dhcp46_copy16(to, ip + field);
    return 1;
}

#endif /* DHCP46_CORE_CLASSIFY_H */
