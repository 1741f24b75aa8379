/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the maps say of one packet: looked up by the shell around the core, decided upon in it. */
#ifndef DHCP46_CORE_FACTS_H
#define DHCP46_CORE_FACTS_H

#include "dhcp46/core/plan.h"

struct dhcp46_facts {
    __u8 upstream[16]; /* the first one (IPv4 as v4-mapped), if upstreams is not 0 */
    __u16 upstream_port;
    __u8 upstreams;         /* 0, 1, or 2 for more */
    __u8 peer_known;        /* the IP source is an upstream */
    __u8 cra_allowed;       /* the CRA's address is inside an allowed prefix */
    __u8 own_giaddr;        /* giaddr is an own address */
    __u8 own_cra6addr;      /* CRA6ADDR is an own address */
    __u8 csum_final;        /* the tier knows a partial checksum when it has one (TC) */
    __u8 link_selection[4]; /* RFC 3527, for this CRA; 0.0.0.0: none */
    __u32 upstream_index;   /* of the upstream that is asked or answers; 0: none */
};

/* In host order. */
DHCP46_INLINE __u16 dhcp46_upstream_port(const struct dhcp46_upstream *upstream) {
    return upstream->port ? upstream->port : (__u16)BOOTP_SERVER_PORT;
}

/* Adds an upstream, in the order of slots. */
DHCP46_INLINE void dhcp46_facts_upstream(struct dhcp46_facts *facts,
                                         const struct dhcp46_upstream *upstream, __u32 index) {
    if (facts->upstreams) {
        facts->upstreams = 2;
        return;
    }
    dhcp46_copy16(facts->upstream, upstream->address);
    facts->upstream_port = dhcp46_upstream_port(upstream);
    facts->upstream_index = index;
    facts->upstreams = 1;
}

/* E-34, E-48, D-3: a CRA's address, as a source or in CRA6ADDR, is global or unique-local unicast.
 * An address that begins with eight zero octets is none: unspecified, loopback, v4-mapped. */
DHCP46_INLINE int dhcp46_is_cra_address(const __u8 *address) {
    if (address[0] == 0xff)
        return 0;
    if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80)
        return 0;
    return dhcp46_load64(address) != 0;
}

/* A host's address: not "this network", loopback, multicast, reserved or broadcast (RFC 6890).
 * `address` in network order. */
DHCP46_INLINE int dhcp46_is_unicast_ipv4(__u32 address) {
    __u8 first = (__u8)(dhcp46_swap32(address) >> 24);

    return first != 0 && first != 127 && first < 224;
}

#endif /* DHCP46_CORE_FACTS_H */
