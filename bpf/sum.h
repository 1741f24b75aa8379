/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The full UDP checksum of a packet that has been rewritten. */
#ifndef DHCP46_BPF_SUM_H
#define DHCP46_BPF_SUM_H

#include "scratch.h"

/* A walk over the octets. Which pieces to take is read off the bits of the length, so that the
 * verifier has nothing to remember from one piece to the next. */
struct summing {
    __u32 offset;
    __u32 sum;
};

/* One piece of constant size: bpf_csum_diff takes multiples of 4, and at most 512 octets on 6.1. */
DHCP46_INLINE void sum_piece(struct dhcp46_view view, struct summing *s, __u32 size) {
    DHCP46_OPAQUE(s->offset);
    s->offset &= DHCP46_OFFSET_MASK;
    const __u8 *p = dhcp46_at(view, s->offset, size);

    if (p)
        s->sum = (__u32)bpf_csum_diff(NULL, 0, (__be32 *)p, size, s->sum);
    s->offset += size;
}

/* What is left of less than four octets. */
DHCP46_INLINE void sum_rest(struct dhcp46_view view, struct summing *s, __u32 left) {
    __u32 word = 0;

    for (__u32 i = 0; i < 3 && i < left; i++) {
        const __u8 *p = dhcp46_at(view, s->offset + i, 1);
        if (p)
            ((__u8 *)&word)[i] = *p;
    }
    s->sum = (__u32)bpf_csum_diff(NULL, 0, &word, sizeof(word), s->sum);
}

/* The field for `length` octets of datagram at `offset`, as DHCP46_CSUM_FULL asks for it; its own
 * field is 0. Each entry file wraps it in a global function, which the verifier walks only once. */
DHCP46_INLINE __u16 sum_datagram(struct dhcp46_view view, __u32 offset, __u32 length,
                                 __u32 pseudo) {
    struct summing s = {offset, pseudo};

    for (__u32 i = 0; i < DHCP46_OFFSET_MASK / 512 && i < length / 512; i++)
        sum_piece(view, &s, 512);
    if (length & 256)
        sum_piece(view, &s, 256);
    if (length & 128)
        sum_piece(view, &s, 128);
    if (length & 64)
        sum_piece(view, &s, 64);
    if (length & 32)
        sum_piece(view, &s, 32);
    if (length & 16)
        sum_piece(view, &s, 16);
    if (length & 8)
        sum_piece(view, &s, 8);
    if (length & 4)
        sum_piece(view, &s, 4);
    sum_rest(view, &s, length & 3);
    return dhcp46_csum_udp(s.sum);
}

#endif /* DHCP46_BPF_SUM_H */
