/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the probes and their loaders share. */
#ifndef DHCP46_BENCH_PROBES_H
#define DHCP46_BENCH_PROBES_H

enum {
    BENCH_PATTERN_SIZE = 512, /* the largest frame that the generator sends */
    BENCH_BOOTP_FRAME = 342,  /* the shortest one with a BOOTP message of 300 octets */
};

#endif /* DHCP46_BENCH_PROBES_H */
