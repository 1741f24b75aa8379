/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
#include <linux/pkt_cls.h>

#include "maps.h"

SEC("tc")
int dhcp46_tc(struct __sk_buff *skb)
{
    __u32 key = 0;
    struct dhcp46_address_key k = {.ifindex = skb->ifindex};
    return bpf_map_lookup_elem(&addresses, &k) || bpf_map_lookup_elem(&meta, &key) ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}
