/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The questions that the programs ask the maps. */
#ifndef DHCP46_BPF_LOOKUP_H
#define DHCP46_BPF_LOOKUP_H

#include "maps.h"

#include "dhcp46/core/core.h"

/* The link whose clients an instance serves, by where the frame came in. Frames with tags are never
 * looked up by them yet: they pass (E-31). */
DHCP46_INLINE const struct dhcp46_link *find_client_link(__u32 ifindex) {
    struct dhcp46_link_key key = {.ifindex = ifindex, .side = DHCP46_SIDE_CLIENT};

    return bpf_map_lookup_elem(&links, &key);
}

/* `ifindex` 0 asks whether the address is ours at all. */
DHCP46_INLINE void set_ipv4_key(struct dhcp46_address_key *key, __u32 address, __u32 ifindex) {
    __builtin_memset(key, 0, sizeof(*key));
    dhcp46_store16(key->address + 10, 0xffff);
    dhcp46_store32(key->address + 12, address);
    key->ifindex = ifindex;
}

DHCP46_INLINE const struct dhcp46_address *find_ipv4(__u32 address, __u32 ifindex) {
    struct dhcp46_address_key key;

    set_ipv4_key(&key, address, ifindex);
    return bpf_map_lookup_elem(&addresses, &key);
}

/* The address that a packet with an IPv6 header is for. */
DHCP46_INLINE const struct dhcp46_address *find_ipv6_destination(struct dhcp46_view view,
                                                                 const struct dhcp46_packet *packet,
                                                                 __u32 ifindex) {
    struct dhcp46_address_key key = {.ifindex = ifindex};

    if (!dhcp46_ipv6_address(view, packet, IPV6_DST, key.address))
        return NULL;
    return bpf_map_lookup_elem(&addresses, &key);
}

/* The first upstream of an instance; `more` says whether there are others. */
DHCP46_INLINE const struct dhcp46_upstream *find_upstream(__u32 instance, __u8 *more) {
    struct dhcp46_upstream_key key = {.instance = instance};
    const struct dhcp46_upstream *first = bpf_map_lookup_elem(&upstreams, &key);

    *more = 0;
    if (first && first->flags & DHCP46_UPSTREAM_ONLY)
        return first;
    for (__u32 slot = 1; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        key.slot = slot;
        const struct dhcp46_upstream *next = bpf_map_lookup_elem(&upstreams, &key);
        if (!next)
            continue;
        if (first) {
            *more = 1;
            return first;
        }
        first = next;
    }
    return first;
}

/* Whether `address` (IPv4 as v4-mapped) is an upstream of the instance. */
DHCP46_INLINE __u8 is_upstream(__u32 instance, const __u8 *address) {
    struct dhcp46_upstream_key key = {.instance = instance};

    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        key.slot = slot;
        const struct dhcp46_upstream *upstream = bpf_map_lookup_elem(&upstreams, &key);
        if (!upstream)
            continue;
        if (dhcp46_equal16(upstream->address, address))
            return 1;
        if (slot == 0 && upstream->flags & DHCP46_UPSTREAM_ONLY)
            return 0;
    }
    return 0;
}

DHCP46_INLINE __u8 is_allowed_cra(__u32 instance, const __u8 *address) {
    struct dhcp46_prefix_key key = {.prefixlen = 32 + 128, .instance = instance};

    dhcp46_copy16(key.prefix, address);
    const struct dhcp46_prefix *prefix = bpf_map_lookup_elem(&cra_prefixes, &key);
    return prefix && prefix->allowed;
}

#endif /* DHCP46_BPF_LOOKUP_H */
