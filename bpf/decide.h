/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* From a frame to a plan, the same for XDP and TC: what is it, whose is it, what to do with it. */
#ifndef DHCP46_BPF_DECIDE_H
#define DHCP46_BPF_DECIDE_H

#include "account.h"
#include "cra.h"
#include "tra.h"

/* Whose packet it is: one of the two, or none. */
struct owner {
    const struct dhcp46_link *link;   /* a client's request, on this link */
    const struct dhcp46_address *own; /* a peer's packet, to this address */
};

DHCP46_INLINE struct owner find_ipv4_owner(struct dhcp46_view view,
                                           const struct dhcp46_packet *packet, __u32 ifindex) {
    struct owner nobody = {}, owner = {};
    __u32 destination;

    if (!dhcp46_ipv4_destination(view, packet, &destination))
        return nobody;
    if (destination != IPV4_BROADCAST) {
        owner.own = find_ipv4(destination, ifindex);
        if (owner.own)
            return dhcp46_is_for_station(view, packet, owner.own->in_mac) ? owner : nobody;
    }

    owner.link = find_client_link(ifindex);
    if (!owner.link || !dhcp46_is_for_station(view, packet, owner.link->mac))
        return nobody;
    /* E-10: what a client sends to a server's own address crosses us like any other packet. */
    if (destination != IPV4_BROADCAST && destination != dhcp46_load32(owner.link->ipv4) &&
        destination != dhcp46_load32(owner.link->ipv4_broadcast))
        return nobody;
    return owner;
}

DHCP46_INLINE struct owner find_ipv6_owner(struct dhcp46_view view,
                                           const struct dhcp46_packet *packet, __u32 ifindex) {
    struct owner nobody = {}, owner = {};

    owner.own = find_ipv6_destination(view, packet, ifindex);
    if (!owner.own || !dhcp46_is_for_station(view, packet, owner.own->in_mac))
        return nobody;
    return owner;
}

DHCP46_INLINE struct owner find_owner(struct dhcp46_view view, const struct dhcp46_packet *packet,
                                      __u32 ifindex) {
    if (packet->kind == DHCP46_KIND_IPV4 || packet->kind == DHCP46_KIND_IPV4_FRAGMENT)
        return find_ipv4_owner(view, packet, ifindex);
    return find_ipv6_owner(view, packet, ifindex);
}

/* Fills the plan from the message, which is read. The owner is somebody. */
DHCP46_INLINE void decide(struct dhcp46_view view, struct owner owner, __u8 csum_final,
                          struct scratch *work) {
    if (owner.link)
        cra_request(view, owner.link, csum_final, work);
    else if (!owner.own)
        return;
    else if (owner.own->side == DHCP46_SIDE_SERVER)
        tra_reply(view, owner.own, csum_final, work);
    else if (owner.own->role == DHCP46_ROLE_TRA)
        tra_request(view, owner.own, csum_final, work);
    else
        cra_reply(view, owner.own, csum_final, work);
}

#endif /* DHCP46_BPF_DECIDE_H */
