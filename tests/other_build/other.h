/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Included before everything in the BPF programs of the other build: one more instruction, of no
 * effect, before each lookup in a map. */
#ifndef DHCP46_OTHER_BUILD_OTHER_H
#define DHCP46_OTHER_BUILD_OTHER_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

static __always_inline void *other_lookup(void *map, const void *key) {
    __asm__ volatile("r5 = 46" : : : "r5");
    return bpf_map_lookup_elem(map, key);
}
#define bpf_map_lookup_elem other_lookup

#endif /* DHCP46_OTHER_BUILD_OTHER_H */
