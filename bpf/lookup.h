/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The shell's four lookups, in the kernel's maps. */
#ifndef DHCP46_BPF_LOOKUP_H
#define DHCP46_BPF_LOOKUP_H

#include "maps.h"

#include "dhcp46/shell.h"

#define LOOKUP(name, map)                                                            \
    DHCP46_INLINE const struct dhcp46_##name *dhcp46_lookup_##name(                  \
        const struct dhcp46_tables *tables, const struct dhcp46_##name##_key *key) { \
        (void)tables;                                                                \
        return bpf_map_lookup_elem(&map, key);                                       \
    }

LOOKUP(link, links)
LOOKUP(address, addresses)
LOOKUP(upstream, upstreams)
LOOKUP(prefix, cra_prefixes)

#undef LOOKUP

#endif /* DHCP46_BPF_LOOKUP_H */
