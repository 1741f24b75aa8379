/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The shell around the core: whose packet is it, what do the maps say of it, and then the core's
 * plan. The kernel programs and userspace share it, so that they ask the same questions in the same
 * order. Whoever includes it defines the four lookups, and dhcp46_is_own; `tables` is theirs and
 * opaque here.
 */
#ifndef DHCP46_SHELL_H
#define DHCP46_SHELL_H

#include "dhcp46/core/core.h"

struct dhcp46_tables;

/* Each returns null if there is no such entry. */
static const struct dhcp46_link *dhcp46_lookup_link(const struct dhcp46_tables *tables,
                                                    const struct dhcp46_link_key *key);
static const struct dhcp46_address *dhcp46_lookup_address(const struct dhcp46_tables *tables,
                                                          const struct dhcp46_address_key *key);
static const struct dhcp46_upstream *dhcp46_lookup_upstream(const struct dhcp46_tables *tables,
                                                            const struct dhcp46_upstream_key *key);
static const struct dhcp46_prefix *dhcp46_lookup_prefix(const struct dhcp46_tables *tables,
                                                        const struct dhcp46_prefix_key *key);

/* Where a packet goes next. From the family on it is laid out as struct bpf_redir_neigh. */
struct dhcp46_hop {
    __u32 ifindex;    /* 0: nowhere */
    __u32 family;     /* of the address; 0: the route has not been asked for one */
    __u8 address[16]; /* IPv4: the first four octets */
};

/* One packet on its way through. */
struct dhcp46_work {
    struct dhcp46_packet packet;
    struct dhcp46_message message;
    struct dhcp46_facts facts;
    struct dhcp46_plan plan;
    struct dhcp46_reading reading;
    __u32 link_id; /* where the packet is counted */
    struct dhcp46_hop hop;
    struct dhcp46_hop hops[DHCP46_UPSTREAM_SLOTS]; /* several upstreams: of each copy */
    __u32 skipped;                                 /* the upstreams among them that have none */
};

/* Whether a CRA6ADDR is an address of ours, on any device. */
static int dhcp46_is_own(const struct dhcp46_tables *tables, const struct dhcp46_work *work,
                         const struct dhcp46_address_key *key);

/* Whether none stands behind it. That depends on the slot as far as clang knows: else it turns the
 * loop around the lookups so that it is entered in the middle, which 6.1 refuses ("back-edge"). */
DHCP46_INLINE int dhcp46_is_last(const struct dhcp46_upstream *upstream, __u32 slot) {
    DHCP46_OPAQUE(slot);
    return slot < DHCP46_UPSTREAM_SLOTS && upstream->flags & DHCP46_UPSTREAM_LAST;
}

/* Keys are written in words, see dhcp46_pair32; on the stack the verifier wants words aligned. */
#define DHCP46_IN_WORDS __attribute__((aligned(8)))

/* Whose packet it is: one of the two, or nobody's. */
struct dhcp46_owner {
    const struct dhcp46_link *link;   /* a client's request, on this link */
    const struct dhcp46_address *own; /* a peer's packet, to this address */
};

/* Untagged, on a device; 0: on none in particular. */
DHCP46_INLINE void dhcp46_set_place(struct dhcp46_address_key *key, __u32 ifindex) {
    dhcp46_store64((__u8 *)key + __builtin_offsetof(struct dhcp46_address_key, ifindex),
                   dhcp46_pair32(ifindex, 0));
}

DHCP46_INLINE void dhcp46_set_ipv4_key(struct dhcp46_address_key *key, __u32 address,
                                       __u32 ifindex) {
    dhcp46_store64(key->address, 0);
    dhcp46_store64(key->address + 8, dhcp46_pair32(DHCP46_BE32(0xffff), address));
    dhcp46_set_place(key, ifindex);
}

/* The server's link of a TSV has nobody else on it (D-22). */
DHCP46_INLINE int dhcp46_is_for_us(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                   const struct dhcp46_address *own) {
    if (own->role == DHCP46_ROLE_TSV && own->side == DHCP46_SIDE_SERVER)
        return 1;
    return dhcp46_is_for_station(view, packet, own->in_mac);
}

/* `ifindex` 0 asks whether the address is ours at all. */
DHCP46_INLINE const struct dhcp46_address *dhcp46_find_ipv4(const struct dhcp46_tables *tables,
                                                            __u32 address, __u32 ifindex) {
    struct dhcp46_address_key key DHCP46_IN_WORDS;

    dhcp46_set_ipv4_key(&key, address, ifindex);
    return dhcp46_lookup_address(tables, &key);
}

DHCP46_INLINE const struct dhcp46_link *dhcp46_find_client_link(const struct dhcp46_tables *tables,
                                                                __u32 ifindex) {
    struct dhcp46_link_key key DHCP46_IN_WORDS;

    dhcp46_store64((__u8 *)&key, dhcp46_pair32(ifindex, 0));
    dhcp46_store32((__u8 *)&key + __builtin_offsetof(struct dhcp46_link_key, side),
                   dhcp46_pair16(DHCP46_SIDE_CLIENT, 0));
    return dhcp46_lookup_link(tables, &key);
}

DHCP46_INLINE struct dhcp46_owner dhcp46_find_ipv4_owner(const struct dhcp46_tables *tables,
                                                         struct dhcp46_view view,
                                                         const struct dhcp46_packet *packet,
                                                         __u32 ifindex) {
    struct dhcp46_owner nobody = {}, owner = {};
    __u32 destination;

    if (!dhcp46_ipv4_destination(view, packet, &destination) || destination == 0)
        return nobody; /* 0 also stands for an address that a link has not */
    if (destination != IPV4_BROADCAST) {
        owner.own = dhcp46_find_ipv4(tables, destination, ifindex);
        if (owner.own)
            return dhcp46_is_for_us(view, packet, owner.own) ? owner : nobody;
    }

    owner.link = dhcp46_find_client_link(tables, ifindex);
    if (!owner.link || !dhcp46_is_for_station(view, packet, owner.link->mac))
        return nobody;
    /* E-10: what a client sends to a server's own address crosses us like any other packet. */
    if (destination != IPV4_BROADCAST && destination != dhcp46_load32(owner.link->ipv4) &&
        destination != dhcp46_load32(owner.link->ipv4_broadcast))
        return nobody;
    return owner;
}

DHCP46_INLINE struct dhcp46_owner dhcp46_find_ipv6_owner(const struct dhcp46_tables *tables,
                                                         struct dhcp46_view view,
                                                         const struct dhcp46_packet *packet,
                                                         __u32 ifindex) {
    struct dhcp46_address_key key DHCP46_IN_WORDS;
    struct dhcp46_owner nobody = {}, owner = {};

    if (!dhcp46_ipv6_address(view, packet, IPV6_DST, key.address))
        return nobody;
    dhcp46_set_place(&key, ifindex);
    owner.own = dhcp46_lookup_address(tables, &key);
    if (!owner.own || !dhcp46_is_for_station(view, packet, owner.own->in_mac))
        return nobody;
    return owner;
}

/* The owner of a packet on its way out of this host: an HCRA takes its clients' broadcasts. */
DHCP46_INLINE struct dhcp46_owner dhcp46_find_host_owner(const struct dhcp46_tables *tables,
                                                         struct dhcp46_view view,
                                                         const struct dhcp46_packet *packet,
                                                         __u32 ifindex) {
    struct dhcp46_owner nobody = {}, owner = {};
    __u32 destination;

    if (packet->kind != DHCP46_KIND_IPV4 && packet->kind != DHCP46_KIND_IPV4_FRAGMENT)
        return nobody;
    if (!dhcp46_ipv4_destination(view, packet, &destination) || destination == 0)
        return nobody; /* as above */
    owner.link = dhcp46_find_client_link(tables, ifindex);
    if (!owner.link || !(owner.link->flags & DHCP46_LINK_HOST))
        return nobody;
    if (destination != IPV4_BROADCAST &&
        destination != dhcp46_load32(owner.link->ipv4_broadcast)) /* E-10 */
        return nobody;
    return owner;
}

/* The owner of a packet that came in, and that classify found to be UDP 67, in whatever form. */
DHCP46_INLINE struct dhcp46_owner dhcp46_find_owner(const struct dhcp46_tables *tables,
                                                    struct dhcp46_view view,
                                                    const struct dhcp46_packet *packet,
                                                    __u32 ifindex) {
    if (packet->kind == DHCP46_KIND_IPV4 || packet->kind == DHCP46_KIND_IPV4_FRAGMENT)
        return dhcp46_find_ipv4_owner(tables, view, packet, ifindex);
    return dhcp46_find_ipv6_owner(tables, view, packet, ifindex);
}

DHCP46_INLINE int dhcp46_has_owner(struct dhcp46_owner owner) {
    return owner.link || owner.own;
}

/* Whether it is another host's request, on the link of an HCRA (R-CRA-18). */
DHCP46_INLINE int dhcp46_is_other_host(struct dhcp46_owner owner) {
    return owner.link && owner.link->flags & DHCP46_LINK_HOST;
}

/* The path of a packet that has an owner. */
DHCP46_INLINE __u32 dhcp46_path_of(struct dhcp46_owner owner) {
    if (owner.link)
        return DHCP46_PATH_CRA_REQUEST;
    if (!owner.own)
        return DHCP46_PATH_NONE;
    if (owner.own->side == DHCP46_SIDE_SERVER)
        return DHCP46_PATH_TRA_REPLY;
    return owner.own->role == DHCP46_ROLE_TRA || owner.own->role == DHCP46_ROLE_TSV
               ? DHCP46_PATH_TRA_REQUEST
               : DHCP46_PATH_CRA_REPLY;
}

DHCP46_INLINE const struct dhcp46_upstream *dhcp46_find_upstream(const struct dhcp46_tables *tables,
                                                                 __u32 instance, __u32 slot) {
    struct dhcp46_upstream_key key DHCP46_IN_WORDS;

    dhcp46_store64((__u8 *)&key, dhcp46_pair32(instance, slot));
    return dhcp46_lookup_upstream(tables, &key);
}

DHCP46_INLINE void dhcp46_find_upstreams(const struct dhcp46_tables *tables, __u32 instance,
                                         struct dhcp46_facts *facts) {
    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        const struct dhcp46_upstream *upstream = dhcp46_find_upstream(tables, instance, slot);
        if (!upstream)
            continue;
        dhcp46_facts_upstream(facts, upstream, DHCP46_UPSTREAM_INDEX(instance, slot));
        if (facts->upstreams > 1 || dhcp46_is_last(upstream, slot))
            return;
    }
}

/* Whether the sender of a reply, `address` (IPv4 as v4-mapped), is an upstream of the instance. */
DHCP46_INLINE void dhcp46_find_peer(const struct dhcp46_tables *tables, __u32 instance,
                                    const __u8 *address, struct dhcp46_facts *facts) {
    for (__u32 slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
        const struct dhcp46_upstream *upstream = dhcp46_find_upstream(tables, instance, slot);
        if (!upstream)
            continue;
        if (dhcp46_equal16(upstream->address, address)) {
            facts->peer_known = 1;
            facts->upstream_index = DHCP46_UPSTREAM_INDEX(instance, slot);
            return;
        }
        if (dhcp46_is_last(upstream, slot))
            return;
    }
}

DHCP46_INLINE void dhcp46_find_prefix(const struct dhcp46_tables *tables, __u32 instance,
                                      const __u8 *address, struct dhcp46_facts *facts) {
    struct dhcp46_prefix_key key = {};

    key.prefixlen = 32 + 128;
    key.instance = instance;
    dhcp46_copy16(key.prefix, address);
    const struct dhcp46_prefix *prefix = dhcp46_lookup_prefix(tables, &key);
    if (!prefix || !prefix->allowed)
        return;
    facts->cra_allowed = 1;
    dhcp46_store32(facts->link_selection, dhcp46_load32(prefix->link_selection));
}

DHCP46_INLINE __u8 dhcp46_is_own_giaddr(const struct dhcp46_tables *tables, struct dhcp46_view view,
                                        const struct dhcp46_message *message) {
    const __u8 *giaddr = dhcp46_message_at(view, message, BOOTP_GIADDR, 4);

    if (!giaddr || dhcp46_load32(giaddr) == 0)
        return 0;
    return dhcp46_find_ipv4(tables, dhcp46_load32(giaddr), 0) != (void *)0;
}

/* Asks about the CRA that option 82 names. */
DHCP46_INLINE void dhcp46_find_cra(const struct dhcp46_tables *tables, struct dhcp46_view view,
                                   __u32 instance, struct dhcp46_work *work) {
    struct dhcp46_address_key key DHCP46_IN_WORDS;

    if (!dhcp46_cra6addr(view, &work->message, key.address))
        return;
    dhcp46_set_place(&key, 0);
    dhcp46_find_prefix(tables, instance, key.address, &work->facts);
    work->facts.own_cra6addr = (__u8)dhcp46_is_own(tables, work, &key);
}

DHCP46_INLINE void dhcp46_decide_cra_request(const struct dhcp46_tables *tables,
                                             struct dhcp46_view view,
                                             const struct dhcp46_link *link,
                                             struct dhcp46_work *work) {
    dhcp46_find_upstreams(tables, link->instance, &work->facts);
    work->facts.own_giaddr = dhcp46_is_own_giaddr(tables, view, &work->message);
    dhcp46_plan_cra_request(view, &work->packet, &work->message, link, &work->facts, &work->plan);
}

DHCP46_INLINE void dhcp46_decide_cra_reply(const struct dhcp46_tables *tables,
                                           struct dhcp46_view view,
                                           const struct dhcp46_address *own,
                                           struct dhcp46_work *work) {
    __u8 source[16];

    if (!dhcp46_ipv6_address(view, &work->packet, IPV6_SRC, source))
        return;
    dhcp46_find_peer(tables, own->instance, source, &work->facts);
    dhcp46_plan_cra_reply(view, &work->packet, &work->message, own, &work->facts, &work->plan);
}

DHCP46_INLINE void dhcp46_decide_tra_request(const struct dhcp46_tables *tables,
                                             struct dhcp46_view view,
                                             const struct dhcp46_address *own,
                                             struct dhcp46_work *work) {
    work->facts.own_giaddr = dhcp46_is_own_giaddr(tables, view, &work->message);
    dhcp46_find_upstreams(tables, own->instance, &work->facts);
    dhcp46_plan_tra_request(view, &work->packet, &work->message, own, &work->facts, &work->plan);
}

DHCP46_INLINE void dhcp46_decide_tra_reply(const struct dhcp46_tables *tables,
                                           struct dhcp46_view view,
                                           const struct dhcp46_address *own,
                                           struct dhcp46_work *work) {
    const __u8 *ip = dhcp46_ip(view, &work->packet, IPV4_LENGTH);
    struct dhcp46_address_key source DHCP46_IN_WORDS;

    if (!ip)
        return;
    dhcp46_set_ipv4_key(&source, dhcp46_load32(ip + IPV4_SRC), 0);
    dhcp46_find_peer(tables, own->instance, source.address, &work->facts);
    dhcp46_find_cra(tables, view, own->instance, work);
    dhcp46_plan_tra_reply(view, &work->packet, &work->message, own, &work->facts, &work->plan);
}

/* Of a packet that has an owner: what is to be read, and what can be known before. `csum_final` as
 * in struct dhcp46_facts. Then comes dhcp46_read. */
DHCP46_INLINE void dhcp46_begin(const struct dhcp46_tables *tables, struct dhcp46_view view,
                                struct dhcp46_owner owner, __u8 csum_final,
                                struct dhcp46_work *work) {
    __u8 source[16];

    dhcp46_plan_begin(&work->plan);
    __builtin_memset(&work->facts, 0, sizeof(work->facts));
    work->facts.csum_final = csum_final;
    work->reading.path = (__u8)dhcp46_path_of(owner);
    work->link_id = owner.link ? owner.link->link_id : owner.own ? owner.own->link_id : 0;
    if (!owner.own)
        return;
    work->reading.code = owner.own->policy.cra6addr_code;
    if (work->reading.path != DHCP46_PATH_TRA_REQUEST ||
        !dhcp46_ipv6_address(view, &work->packet, IPV6_SRC, source))
        return;
    dhcp46_find_prefix(tables, owner.own->instance, source, &work->facts);
    work->reading.insert_length = (__u8)dhcp46_tra_insert_length(&work->facts);
}

/* Fills the plan of a packet whose message is read. */
DHCP46_INLINE void dhcp46_decide(const struct dhcp46_tables *tables, struct dhcp46_view view,
                                 struct dhcp46_owner owner, struct dhcp46_work *work) {
    if (owner.link)
        dhcp46_decide_cra_request(tables, view, owner.link, work);
    else if (!owner.own)
        return;
    else if (work->reading.path == DHCP46_PATH_TRA_REPLY)
        dhcp46_decide_tra_reply(tables, view, owner.own, work);
    else if (work->reading.path == DHCP46_PATH_TRA_REQUEST)
        dhcp46_decide_tra_request(tables, view, owner.own, work);
    else
        dhcp46_decide_cra_reply(tables, view, owner.own, work);
}

#endif /* DHCP46_SHELL_H */
