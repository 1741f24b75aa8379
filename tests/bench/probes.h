/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What the probes and their loaders share. */
#ifndef DHCP46_BENCH_PROBES_H
#define DHCP46_BENCH_PROBES_H

enum {
    BENCH_NUMBERS = 1 << 21, /* frames that can be told from each other */
    BENCH_FIRST_XID = 0x57000000,
    BENCH_XID_IPV4 = 14 + 20 + 8 + 4, /* where it is in a request that a client sends */
    BENCH_XID_IPV6 = 14 + 40 + 8 + 4, /* and in one that a CRA has relayed */
    BENCH_PATTERN_SIZE = 512,         /* the largest frame that the generator sends */
    BENCH_BOOTP_FRAME = 342,          /* the shortest one with a BOOTP message of 300 octets */
};

#endif /* DHCP46_BENCH_PROBES_H */
