/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
#include "bpf/object.h"

#include "dhcp46.skel.h"

const void *dhcp46_object_bytes(size_t *size) {
    return dhcp46__elf_bytes(size);
}

size_t dhcp46_dry_run_offset(void) {
    return offsetof(struct dhcp46__rodata, dhcp46_dry_run);
}
