/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The CRA's packets: looks up the facts, asks the core. */
#ifndef DHCP46_BPF_CRA_H
#define DHCP46_BPF_CRA_H

#include "lookup.h"
#include "scratch.h"

DHCP46_INLINE __u8 is_own_giaddr(struct dhcp46_view view, const struct dhcp46_message *message) {
    const __u8 *giaddr = dhcp46_message_at(view, message, BOOTP_GIADDR, 4);

    if (!giaddr || dhcp46_load32(giaddr) == 0)
        return 0;
    return find_ipv4(dhcp46_load32(giaddr), 0) != NULL;
}

DHCP46_INLINE void cra_request(struct dhcp46_view view, const struct dhcp46_link *link,
                               __u8 csum_final, struct scratch *work) {
    struct dhcp46_facts facts = {.csum_final = csum_final};

    facts.upstream = find_upstream(link->instance, &facts.more_upstreams);
    facts.own_giaddr = is_own_giaddr(view, &work->message);
    dhcp46_plan_cra_request(view, &work->packet, &work->message, link, &facts, &work->plan);
}

DHCP46_INLINE void cra_reply(struct dhcp46_view view, const struct dhcp46_address *own,
                             __u8 csum_final, struct scratch *work) {
    struct dhcp46_facts facts = {.csum_final = csum_final};
    __u8 source[16];

    if (!dhcp46_ipv6_address(view, &work->packet, IPV6_SRC, source))
        return;
    facts.peer_known = is_upstream(own->instance, source);
    dhcp46_plan_cra_reply(view, &work->packet, &work->message, own, &facts, &work->plan);
}

#endif /* DHCP46_BPF_CRA_H */
