/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the programs show in a dry run, where they send nothing: `dhcp46 simulate` loads them so.
 * Not ABI: it reads what its own programs have written. */
#ifndef DHCP46_DRY_RUN_H
#define DHCP46_DRY_RUN_H

#include "dhcp46/abi.h"

enum {
    DHCP46_SHOWN_BYTES = 1 << 15, /* room for the copies to all upstreams */
    DHCP46_SHOWN_FRAME_SIZE = 2036,
};

/* A frame on its way out. */
struct dhcp46_shown {
    __u32 ifindex; /* the device that it leaves by */
    __u32 to_host; /* it does not leave, but comes up into this host there */
    __u32
        length; /* octets of frame[] that count; 0: it is the packet itself, as it is afterwards */
    __u8 frame[DHCP46_SHOWN_FRAME_SIZE];
};
DHCP46_SIZE_IS(struct dhcp46_shown, 2048);

#endif /* DHCP46_DRY_RUN_H */
