/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The internet checksum (RFC 1071) and its incremental update (RFC 1624).
 *
 * A sum here is a one's complement sum of 16-bit words as they lie in memory, wide and not folded;
 * byte order does not matter to it. A difference is "new minus old" in that arithmetic.
 */
#ifndef DHCP46_CORE_CSUM_H
#define DHCP46_CORE_CSUM_H

#include "dhcp46/core/bytes.h"

/* Sums up to 2^32 words safely: the carries stay in the upper half. */
DHCP46_INLINE __u32 dhcp46_csum_fold32(__u64 sum) {
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    return (__u32)sum;
}

DHCP46_INLINE __u16 dhcp46_csum_fold16(__u64 sum) {
    __u32 folded = dhcp46_csum_fold32(sum);
    folded = (folded & 0xffff) + (folded >> 16);
    folded = (folded & 0xffff) + (folded >> 16);
    return (__u16)folded;
}

/* A multiple of 0xffff, and so zero in this arithmetic, that is larger than a sum of 2^12 words. */
#define DHCP46_CSUM_ZERO (0xffffffffULL << 12)

/* What turns a sum with `old` in it into one with `changed`; both of at most 2^12 words. */
DHCP46_INLINE __u64 dhcp46_csum_diff(__u64 old, __u64 changed) {
    return changed + DHCP46_CSUM_ZERO - old;
}

DHCP46_INLINE __u64 dhcp46_csum_ipv4_address(const __u8 *p) {
    return dhcp46_load32(p);
}

DHCP46_INLINE __u64 dhcp46_csum_ipv6_address(const __u8 *p) {
    return (__u64)dhcp46_load32(p) + dhcp46_load32(p + 4) + dhcp46_load32(p + 8) +
           dhcp46_load32(p + 12);
}

/* A sum of octets that begin at an odd offset: each octet is the other half of its word. */
DHCP46_INLINE __u64 dhcp46_csum_at(__u64 sum, __u32 offset) {
    __u16 folded = dhcp46_csum_fold16(sum);

    return offset & 1 ? (__u16)(folded << 8 | folded >> 8) : folded;
}

/* The field for a finished sum. UDP says 0 as 0xffff: 0 is "none" over IPv4 (RFC 768) and illegal
 * over IPv6 (RFC 8200 section 8.1). */
DHCP46_INLINE __u16 dhcp46_csum_udp(__u64 sum) {
    __u16 field = (__u16)~dhcp46_csum_fold16(sum);

    return field ? field : 0xffff;
}

/* RFC 1624, equation 3. */
DHCP46_INLINE __u16 dhcp46_csum_update_udp(__u16 field, __u64 diff) {
    return dhcp46_csum_udp((__u64)(__u16)~field + dhcp46_csum_fold32(diff));
}

#endif /* DHCP46_CORE_CSUM_H */
