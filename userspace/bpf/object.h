/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
#ifndef DHCP46_BPF_OBJECT_H
#define DHCP46_BPF_OBJECT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The compiled BPF programs. The skeleton that holds them calls a struct like our namespace, so
 * that only C can include it. */
const void *dhcp46_object_bytes(size_t *size);

/* Where dhcp46_dry_run stands among their constants (bpf/dry_run.h). */
size_t dhcp46_dry_run_offset(void);

#ifdef __cplusplus
}
#endif

#endif /* DHCP46_BPF_OBJECT_H */
