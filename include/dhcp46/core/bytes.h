/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * How the core reads and writes octets.
 *
 * The core is C11 and C++20 at once, compiled for BPF and for the host. It calls no helper, touches
 * no map and knows no context: bytes and configuration in, a plan (plan.h) out.
 */
#ifndef DHCP46_CORE_BYTES_H
#define DHCP46_CORE_BYTES_H

#include <linux/types.h>

#include "dhcp46/wire.h"

#define DHCP46_INLINE static inline __attribute__((always_inline))

/* Keeps clang from carrying what it knows of a value, or of memory, past this point. */
#define DHCP46_OPAQUE(x) __asm__ volatile("" : "+r"(x) : : "memory")

/* A frame: from the layer-2 header (or the IP header, where a device has none) to its last octet.
 */
struct dhcp46_view {
    const __u8 *data;
    const __u8 *end;
};

enum { DHCP46_OFFSET_MASK = 0x3fff }; /* bounds an offset in a frame for the verifier */

/* A pointer to `size` octets at `offset`, or null if the frame does not have them: the only way in
 * which the core touches a frame. The barrier keeps clang from moving the sum to the other side of
 * the comparison: arithmetic on the end of a packet is prohibited. */
DHCP46_INLINE const __u8 *dhcp46_at(struct dhcp46_view view, __u32 offset, __u32 size) {
    const __u8 *p = view.data + (offset & DHCP46_OFFSET_MASK);

    __asm__ volatile("" : "+r"(p));
    return p + size > view.end ? (const __u8 *)0 : p;
}

/* BPF code reads packets with plain loads, as its backend turns a memcpy of unknown alignment into
 * single octets; the host build copies, for UBSan. */
#ifdef __bpf__
#define DHCP46_ACCESS(type, name)                                \
    DHCP46_INLINE type dhcp46_load##name(const __u8 *p) {        \
        return *(const type *)p;                                 \
    }                                                            \
    DHCP46_INLINE void dhcp46_store##name(__u8 *p, type value) { \
        *(type *)p = value;                                      \
    }
#else
#define DHCP46_ACCESS(type, name)                                \
    DHCP46_INLINE type dhcp46_load##name(const __u8 *p) {        \
        type value;                                              \
        __builtin_memcpy(&value, p, sizeof(value));              \
        return value;                                            \
    }                                                            \
    DHCP46_INLINE void dhcp46_store##name(__u8 *p, type value) { \
        __builtin_memcpy(p, &value, sizeof(value));              \
    }
#endif

DHCP46_ACCESS(__u16, 16)
DHCP46_ACCESS(__u32, 32)
DHCP46_ACCESS(__u64, 64)

#undef DHCP46_ACCESS

/* A value as memory has it: neither clang nor the verifier knows it any more. */
DHCP46_INLINE __u16 dhcp46_reread16(const __u16 *p) {
    DHCP46_OPAQUE(p);
    return *p;
}

/* Network order to host order and back. */
DHCP46_INLINE __u16 dhcp46_swap16(__u16 x) {
    return DHCP46_BE16(x);
}
DHCP46_INLINE __u32 dhcp46_swap32(__u32 x) {
    return DHCP46_BE32(x);
}

/* A word whose first half in memory is `first`. What is soon read in words (the keys of maps, the
 * headers of a plan) is written in words too: a processor cannot forward several stores to one
 * load, which then waits until they are done. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
DHCP46_INLINE __u32 dhcp46_pair16(__u16 first, __u16 second) {
    return (__u32)second << 16 | first;
}
DHCP46_INLINE __u64 dhcp46_pair32(__u32 first, __u32 second) {
    return (__u64)second << 32 | first;
}
#else
DHCP46_INLINE __u32 dhcp46_pair16(__u16 first, __u16 second) {
    return (__u32)first << 16 | second;
}
DHCP46_INLINE __u64 dhcp46_pair32(__u32 first, __u32 second) {
    return (__u64)first << 32 | second;
}
#endif

DHCP46_INLINE void dhcp46_copy6(__u8 *to, const __u8 *from) {
    dhcp46_store32(to, dhcp46_load32(from));
    dhcp46_store16(to + 4, dhcp46_load16(from + 4));
}

DHCP46_INLINE void dhcp46_copy16(__u8 *to, const __u8 *from) {
    dhcp46_store64(to, dhcp46_load64(from));
    dhcp46_store64(to + 8, dhcp46_load64(from + 8));
}

DHCP46_INLINE int dhcp46_equal16(const __u8 *a, const __u8 *b) {
    return dhcp46_load64(a) == dhcp46_load64(b) && dhcp46_load64(a + 8) == dhcp46_load64(b + 8);
}

/* How many of the eight octets at `p` are zero before the first that is not. No branches: the
 * bits below the lowest one that is set, counted by whole octets. */
DHCP46_INLINE __u32 dhcp46_leading_zeros8(const __u8 *p) {
    const __u64 each = 0x0101010101010101;
    __u64 x = DHCP46_LE64(dhcp46_load64(p));

    x = (x & -x) - 1;
    return (__u32)(((x >> 7 & each) * each) >> 56);
}

DHCP46_INLINE int dhcp46_is_zero16(const __u8 *a) {
    return (dhcp46_load64(a) | dhcp46_load64(a + 8)) == 0;
}

#endif /* DHCP46_CORE_BYTES_H */
