/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Writes the new headers of a packet into a plan, and works out what they do to the checksum. */
#ifndef DHCP46_CORE_EMIT_H
#define DHCP46_CORE_EMIT_H

#include "dhcp46/core/facts.h"

/* The parts of the UDP checksum that change, before and after. */
struct dhcp46_sums {
    __u64 old_pseudo;
    __u64 new_pseudo;
    __u64 old_payload;
    __u64 new_payload;
};

/* What the executors store over the old headers is the same for all four directions but for the IP
 * header in the middle. `new_length` is that of the message. */
struct dhcp46_emission {
    __u16 source_port; /* host order */
    __u16 destination_port;
    __u32 new_length;
    __u8 hops;
};

/* The first twelve octets of a frame, in words. */
DHCP46_INLINE void dhcp46_join_macs(__u8 *to, const __u8 *destination, const __u8 *source) {
    __u32 first = dhcp46_pair16(dhcp46_load16(destination), dhcp46_load16(destination + 2));
    __u32 second = dhcp46_pair16(dhcp46_load16(destination + 4), dhcp46_load16(source));

    dhcp46_store64(to, dhcp46_pair32(first, second));
    dhcp46_store32(to + 8, dhcp46_pair16(dhcp46_load16(source + 2), dhcp46_load16(source + 4)));
}

DHCP46_INLINE void dhcp46_emit_ethernet(struct dhcp46_plan *plan, const __u8 *destination,
                                        const __u8 *source) {
    dhcp46_join_macs(plan->header, destination, source);
    plan->way = DHCP46_WAY_LINK;
}

/* The MAC addresses come from the route. Until then the destination must not be multicast:
 * bpf_redirect_neigh drops such frames. */
DHCP46_INLINE void dhcp46_emit_no_ethernet(struct dhcp46_plan *plan) {
    const __u8 nobody[6] = {0};

    dhcp46_emit_ethernet(plan, nobody, nobody);
    plan->way = DHCP46_WAY_ROUTE;
}

/* Both expect the sums of the old packet's addresses in `sums`, and add those of the new one's. */
DHCP46_INLINE void dhcp46_emit_ipv6(struct dhcp46_plan *plan, const __u8 *source,
                                    const __u8 *destination, __u32 udp_length,
                                    struct dhcp46_sums *sums) {
    __u8 *ip = plan->header + ETH_LENGTH;

    dhcp46_store16(plan->header + ETH_TYPE, DHCP46_BE16(ETH_TYPE_IPV6));
    dhcp46_store32(ip, DHCP46_BE32(6u << 28 | (__u32)SENT_TOS << 20));
    dhcp46_store32(ip + IPV6_PAYLOAD, dhcp46_pair16(dhcp46_swap16((__u16)udp_length),
                                                    DHCP46_BE16(UDP_PROTOCOL << 8 | SENT_TTL)));
    dhcp46_copy16(ip + IPV6_SRC, source);
    dhcp46_copy16(ip + IPV6_DST, destination);

    sums->new_pseudo =
        dhcp46_csum_ipv6_address(ip + IPV6_SRC) + dhcp46_csum_ipv6_address(ip + IPV6_DST);
    plan->ipv6 = 1;
    plan->udp_offset = ETH_LENGTH + IPV6_LENGTH;
}

DHCP46_INLINE void dhcp46_emit_ipv4_csum(__u8 *ip) {
    const __u16 ttl_and_protocol = DHCP46_BE16(SENT_TTL << 8 | UDP_PROTOCOL);
    __u64 sum = (__u64)dhcp46_load32(ip) + dhcp46_load32(ip + IPV4_ID) + ttl_and_protocol +
                dhcp46_load32(ip + IPV4_SRC) + dhcp46_load32(ip + IPV4_DST);

    dhcp46_store32(ip + IPV4_TTL, dhcp46_pair16(ttl_and_protocol, (__u16)~dhcp46_csum_fold16(sum)));
}

/* `source` and `destination` in network order, `id` as it goes into the packet. */
DHCP46_INLINE void dhcp46_emit_ipv4(struct dhcp46_plan *plan, __u32 source, __u32 destination,
                                    __u32 udp_length, __u16 id, struct dhcp46_sums *sums) {
    __u8 *ip = plan->header + ETH_LENGTH;

    dhcp46_store16(plan->header + ETH_TYPE, DHCP46_BE16(ETH_TYPE_IPV4));
    dhcp46_store32(ip, dhcp46_pair16(DHCP46_BE16(0x4500 | SENT_TOS),
                                     dhcp46_swap16((__u16)(IPV4_LENGTH + udp_length))));
    dhcp46_store32(ip + IPV4_ID, dhcp46_pair16(id, 0));
    dhcp46_store32(ip + IPV4_SRC, source);
    dhcp46_store32(ip + IPV4_DST, destination);
    dhcp46_emit_ipv4_csum(ip);

    sums->new_pseudo = (__u64)source + destination;
    plan->ipv6 = 0;
    plan->udp_offset = ETH_LENGTH + IPV4_LENGTH;
}

/* Sums the old packet's addresses, ports, length and hops. 0 if the frame has no such headers,
 * which cannot be after dhcp46_read_message, but the verifier does not know. */
DHCP46_INLINE int dhcp46_sum_old(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                 const __u8 *udp, struct dhcp46_sums *sums) {
    if (packet->kind == DHCP46_KIND_IPV4) {
        const __u8 *ip = dhcp46_ip(view, packet, IPV4_LENGTH);
        if (!ip)
            return 0;
        sums->old_pseudo =
            dhcp46_csum_ipv4_address(ip + IPV4_SRC) + dhcp46_csum_ipv4_address(ip + IPV4_DST);
    } else {
        const __u8 *ip = dhcp46_ip(view, packet, IPV6_LENGTH);
        if (!ip)
            return 0;
        sums->old_pseudo =
            dhcp46_csum_ipv6_address(ip + IPV6_SRC) + dhcp46_csum_ipv6_address(ip + IPV6_DST);
    }
    sums->old_pseudo += DHCP46_BE16(UDP_PROTOCOL) + (__u64)dhcp46_load16(udp + UDP_LEN);
    sums->old_payload = (__u64)dhcp46_load32(udp + UDP_SPORT) + dhcp46_load16(udp + UDP_LEN) +
                        dhcp46_load16(udp + UDP_LENGTH + BOOTP_HLEN);
    sums->new_payload = 0;
    return 1;
}

/*
 * UDP and the head of BOOTP, and all lengths. `old_udp` is dhcp46_datagram's.
 */
DHCP46_INLINE void dhcp46_emit_udp(struct dhcp46_plan *plan, const struct dhcp46_message *message,
                                   const __u8 *old_udp, struct dhcp46_emission emission,
                                   struct dhcp46_sums *sums) {
    __u8 *udp = plan->header + (plan->ipv6 ? ETH_LENGTH + IPV6_LENGTH : ETH_LENGTH + IPV4_LENGTH);
    __u16 length = dhcp46_swap16((__u16)(UDP_LENGTH + emission.new_length));
    __u32 ports = dhcp46_pair16(dhcp46_swap16(emission.source_port),
                                dhcp46_swap16(emission.destination_port));
    __u16 hlen_and_hops = DHCP46_BE16(old_udp[UDP_LENGTH + BOOTP_HLEN] << 8 | emission.hops);

    dhcp46_store32(udp + UDP_SPORT, ports);
    dhcp46_store16(udp + UDP_LEN, length);
    dhcp46_store32(udp + UDP_LENGTH,
                   dhcp46_pair16(dhcp46_load16(old_udp + UDP_LENGTH), hlen_and_hops));

    sums->new_pseudo += DHCP46_BE16(UDP_PROTOCOL) + (__u64)length;
    sums->new_payload += (__u64)ports + length + hlen_and_hops;

    plan->old_header = (__u16)(message->offset + DHCP46_HEADER_BOOTP);
    plan->header_length = (__u16)(plan->udp_offset + UDP_LENGTH + DHCP46_HEADER_BOOTP);
    plan->frame_length = plan->udp_offset + UDP_LENGTH + emission.new_length;
    plan->udp_length = (__u16)(UDP_LENGTH + emission.new_length);
    plan->grown = (__u16)(emission.new_length - message->length);
}

/*
 * Decides how the UDP checksum is made, in O(1): a field of 0 says that none was sent. One that
 * equals the pseudo-header's sum was left partial by a sender with checksum offload, if the tier
 * cannot know better (`final`); a full sum is right then, and also for the one finished checksum in
 * 65,536 that looks like it. Any other is updated, which keeps a wrong one wrong (D-2).
 */
DHCP46_INLINE void dhcp46_emit_csum(struct dhcp46_plan *plan, const __u8 *old_udp, int final,
                                    const struct dhcp46_sums *sums) {
    __u8 *udp = plan->header + (plan->ipv6 ? ETH_LENGTH + IPV6_LENGTH : ETH_LENGTH + IPV4_LENGTH);
    __u16 field = dhcp46_load16(old_udp + UDP_CSUM);

    if (field == 0 || (!final && field == dhcp46_csum_fold16(sums->old_pseudo))) {
        dhcp46_store16(udp + UDP_CSUM, 0);
        plan->csum = DHCP46_CSUM_FULL;
        plan->csum_pseudo = dhcp46_csum_fold32(sums->new_pseudo);
        return;
    }
    dhcp46_store16(udp + UDP_CSUM, field);
    plan->csum = DHCP46_CSUM_UPDATE;
    plan->csum_pseudo = dhcp46_csum_fold32(dhcp46_csum_diff(sums->old_pseudo, sums->new_pseudo));
    plan->csum_payload = dhcp46_csum_fold32(dhcp46_csum_diff(sums->old_payload, sums->new_payload));
}

/* The part of header[] that names the destination: all in front of the UDP checksum. */
DHCP46_INLINE __u32 dhcp46_plan_aim_length(const struct dhcp46_plan *plan) {
    return plan->udp_offset + UDP_CSUM;
}

/*
 * Aims a plan at another upstream: copies differ in their destination and nothing else (R-CRA-10).
 * What that does to the UDP checksum adds up in the plan. An executor that has sent one copy calls
 * dhcp46_plan_applied, aims, stores header[] up to dhcp46_plan_aim_length, and finishes the
 * checksum.
 */
DHCP46_INLINE void dhcp46_plan_aim(struct dhcp46_plan *plan,
                                   const struct dhcp46_upstream *upstream) {
    __u8 *ip = plan->header + ETH_LENGTH;
    __u8 *udp = plan->header + (plan->ipv6 ? ETH_LENGTH + IPV6_LENGTH : ETH_LENGTH + IPV4_LENGTH);
    __u16 old_port = dhcp46_load16(udp + UDP_DPORT);
    __u16 port = dhcp46_swap16(dhcp46_upstream_port(upstream));
    __u64 diff;

    if (plan->ipv6) {
        __u64 old = dhcp46_csum_ipv6_address(ip + IPV6_DST);
        dhcp46_copy16(ip + IPV6_DST, upstream->address);
        diff = dhcp46_csum_diff(old, dhcp46_csum_ipv6_address(ip + IPV6_DST));
    } else {
        __u64 old = dhcp46_csum_ipv4_address(ip + IPV4_DST);
        dhcp46_store32(ip + IPV4_DST, dhcp46_load32(upstream->address + 12));
        diff = dhcp46_csum_diff(old, dhcp46_csum_ipv4_address(ip + IPV4_DST));
        dhcp46_emit_ipv4_csum(ip);
    }
    dhcp46_store16(udp + UDP_DPORT, port);
    plan->csum_pseudo = dhcp46_csum_fold32(plan->csum_pseudo + diff);
    plan->csum_payload = dhcp46_csum_fold32(plan->csum_payload + dhcp46_csum_diff(old_port, port));
}

/* The packet is as the plan says, its checksum too. */
DHCP46_INLINE void dhcp46_plan_applied(struct dhcp46_plan *plan) {
    plan->csum = DHCP46_CSUM_UPDATE;
    plan->csum_pseudo = 0;
    plan->csum_payload = 0;
}

#endif /* DHCP46_CORE_EMIT_H */
