/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Let every frame pass. A veth delivers what XDP redirects into its peer only if it runs an XDP
 * program itself; the lab puts one on the far ends of the devices under test. The TC program stands
 * for one of somebody else.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp")
int lab_pass(struct xdp_md *ctx) {
    (void)ctx;
    return XDP_PASS;
}

SEC("tc")
int lab_pass_tc(struct __sk_buff *skb) {
    (void)skb;
    return -1; /* TC_ACT_UNSPEC: to the next program */
}

char lab_license[] SEC("license") = "Dual BSD/GPL";
