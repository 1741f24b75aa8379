/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Asks the kernel's routing table for the way of a planned packet. */
#ifndef DHCP46_BPF_ROUTE_H
#define DHCP46_BPF_ROUTE_H

#include "scratch.h"

enum { FAMILY_IPV4 = 2, FAMILY_IPV6 = 10 }; /* AF_INET, AF_INET6 */

/* Fills `fib` for bpf_fib_lookup; the destination stands in the plan's header. */
DHCP46_INLINE void route_question(const struct dhcp46_plan *plan, __u32 ifindex,
                                  struct bpf_fib_lookup *fib) {
    const __u8 *ip = plan->header + ETH_LENGTH;

    __builtin_memset(fib, 0, sizeof(*fib));
    fib->ifindex = ifindex;
    fib->tot_len = (__u16)dhcp46_plan_ip_length(plan);
    fib->l4_protocol = UDP_PROTOCOL;
    fib->sport = fib->dport = DHCP46_BE16(BOOTP_SERVER_PORT);
    if (plan->ipv6) {
        fib->family = FAMILY_IPV6;
        dhcp46_copy16((__u8 *)fib->ipv6_src, ip + IPV6_SRC);
        dhcp46_copy16((__u8 *)fib->ipv6_dst, ip + IPV6_DST);
    } else {
        fib->family = FAMILY_IPV4;
        fib->ipv4_src = dhcp46_load32(ip + IPV4_SRC);
        fib->ipv4_dst = dhcp46_load32(ip + IPV4_DST);
    }
}

#endif /* DHCP46_BPF_ROUTE_H */
