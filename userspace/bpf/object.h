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

#ifdef __cplusplus
}
#endif

#endif /* DHCP46_BPF_OBJECT_H */
