/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Lets every frame pass. A veth delivers what XDP redirects into its peer only if it runs an XDP
 * program itself; the lab puts this one on the far ends of the devices under test.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp")
int lab_pass(struct xdp_md *ctx) {
    (void)ctx;
    return XDP_PASS;
}

char lab_license[] SEC("license") = "Dual BSD/GPL";
