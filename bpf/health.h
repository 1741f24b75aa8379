/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What each upstream was sent, what came from it, and when it last replied.
 *
 * The times are shared by all CPUs, so that one of them knows what another has heard. In a flood
 * they would fight for that cache line. So each CPU brings a time up to date only once in
 * HEALTH_TICKS ticks of the kernel's clock, and a request counts as the first without a reply only
 * if the last reply is older than that on every CPU: the reply to it is then noted wherever it
 * comes in.
 */
#ifndef DHCP46_BPF_HEALTH_H
#define DHCP46_BPF_HEALTH_H

#include "scratch.h"

enum {
    HEALTH_TICKS = 25,          /* 25 to 250 ms: the kernel has 1000 to 100 ticks in a second */
    HEALTH_REST_NS = 300000000, /* longer than so many ticks, whatever they are */
};

/* Whether it is this CPU's turn to bring a time up to date. */
DHCP46_INLINE int is_due(__u64 *tick) {
    __u64 now = bpf_jiffies64();

    if (now - *tick < HEALTH_TICKS)
        return 0;
    *tick = now;
    return 1;
}

DHCP46_INLINE void note_asked(__u32 upstream) {
    struct dhcp46_upstream_times *times = bpf_map_lookup_elem(&upstream_times, &upstream);
    __u64 now = bpf_ktime_get_coarse_ns();

    if (times && times->asked_ns <= times->reply_ns && now - times->reply_ns > HEALTH_REST_NS)
        times->asked_ns = now;
}

DHCP46_INLINE void note_reply(__u32 upstream) {
    struct dhcp46_upstream_times *times = bpf_map_lookup_elem(&upstream_times, &upstream);

    if (times)
        times->reply_ns = bpf_ktime_get_coarse_ns();
}

/* Only a DISCOVER asks every server. A REQUEST is one server's, and must not be answered by one
 * that knows nothing of the lease (RFC 2131 section 4.3.2); RELEASE and DECLINE are not at all. */
DHCP46_INLINE void count_sent(const struct dhcp46_work *work) {
    __u32 upstream = work->facts.upstream_index; /* 6.1 takes keys from the stack only */
    struct dhcp46_upstream_stats *count = bpf_map_lookup_elem(&upstream_stats, &upstream);

    if (!count)
        return;
    count->sent++;
    if (work->plan.type == DHCP46_TYPE_discover && is_due(&count->asked_tick))
        note_asked(upstream);
}

DHCP46_INLINE void count_received(const struct dhcp46_work *work) {
    __u32 upstream = work->facts.upstream_index;
    struct dhcp46_upstream_stats *count = bpf_map_lookup_elem(&upstream_stats, &upstream);

    if (!count || !upstream) /* with DHCP46_ACCEPT_ANY_SOURCE it may be nobody's */
        return;
    count->received++;
    if (is_due(&count->reply_tick))
        note_reply(upstream);
}

/* A packet that is relayed. */
DHCP46_INLINE void count_upstream(const struct dhcp46_work *work) {
    if (dhcp46_is_reply(work->reading.path))
        count_received(work);
    else
        count_sent(work);
}

/* A packet that is not: that it is no good says nothing against the upstream's health. */
DHCP46_INLINE void count_bad_reply(const struct dhcp46_work *work) {
    if (dhcp46_is_reply(work->reading.path))
        count_received(work);
}

#endif /* DHCP46_BPF_HEALTH_H */
