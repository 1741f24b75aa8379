/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The TRA's packets: looks up the facts, asks the core. */
#ifndef DHCP46_BPF_TRA_H
#define DHCP46_BPF_TRA_H

#include "cra.h"

DHCP46_INLINE void tra_request(struct dhcp46_view view, const struct dhcp46_address *own,
                               __u8 csum_final, struct scratch *work) {
    struct dhcp46_facts facts = {.csum_final = csum_final};
    __u8 source[16];

    if (!dhcp46_ipv6_address(view, &work->packet, IPV6_SRC, source))
        return;
    facts.cra_allowed = is_allowed_cra(own->instance, source);
    facts.upstream = find_upstream(own->instance, &facts.more_upstreams);
    facts.own_giaddr = is_own_giaddr(view, &work->message);
    dhcp46_plan_tra_request(view, &work->packet, &work->message, own, &facts, &work->plan);
}

/* Looks for CRA6ADDR and asks whose it is. */
DHCP46_INLINE void find_cra(struct dhcp46_view view, const struct dhcp46_address *own,
                            struct dhcp46_message *message, struct dhcp46_facts *facts) {
    struct dhcp46_address_key key = {};

    for (int i = 0; i < 2; i++) {
        if (i < message->option82_count)
            dhcp46_find_in_option82(view, message, message->option82[i], own->policy.cra6addr_code);
    }
    if (!dhcp46_cra6addr(view, message, key.address))
        return;
    facts->cra_allowed = is_allowed_cra(own->instance, key.address);
    facts->own_cra6addr = bpf_map_lookup_elem(&addresses, &key) != NULL;
}

DHCP46_INLINE void tra_reply(struct dhcp46_view view, const struct dhcp46_address *own,
                             __u8 csum_final, struct scratch *work) {
    struct dhcp46_facts facts = {.csum_final = csum_final};
    struct dhcp46_address_key source;

    const __u8 *ip = dhcp46_ip(view, &work->packet, IPV4_LENGTH);
    if (!ip)
        return;
    set_ipv4_key(&source, dhcp46_load32(ip + IPV4_SRC), 0);
    facts.peer_known = is_upstream(own->instance, source.address);
    find_cra(view, own, &work->message, &facts);
    dhcp46_plan_tra_reply(view, &work->packet, &work->message, own, &facts, &work->plan);
}

#endif /* DHCP46_BPF_TRA_H */
