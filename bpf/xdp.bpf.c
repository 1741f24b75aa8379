/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
#include "maps.h"

SEC("xdp")
int dhcp46_xdp(struct xdp_md *ctx __attribute__((unused)))
{
    __u32 key = 0;
    return bpf_map_lookup_elem(&meta, &key) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
