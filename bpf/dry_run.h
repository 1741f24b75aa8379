/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
#ifndef DHCP46_BPF_DRY_RUN_H
#define DHCP46_BPF_DRY_RUN_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "dhcp46/core/core.h"
#include "dhcp46/dry_run.h"

/* Set in the programs that `dhcp46 simulate` loads: nothing is sent then, but shown. In all others
 * the verifier takes out what depends on it. */
const volatile __u32 dhcp46_dry_run __weak;

/* There is none but in a dry run. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, DHCP46_SHOWN_BYTES);
} shown SEC(".maps") __weak;

/* The way of the packet itself. */
DHCP46_INLINE void show_way(__u32 ifindex, __u32 to_host) {
    if (!dhcp46_dry_run)
        return;
    struct dhcp46_shown *record = bpf_ringbuf_reserve(&shown, sizeof(*record), 0);
    if (!record)
        return;
    record->ifindex = ifindex;
    record->to_host = to_host;
    record->length = 0;
    bpf_ringbuf_submit(record, 0);
}

#endif /* DHCP46_BPF_DRY_RUN_H */
