/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What the programs under test are measured against: nothing at all, the route lookup alone, and a
 * redirect that touches no octet. And the two ends of a flood.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dhcp46/abi.h"
#include "probes.h"

/* The route lookup that the program under test would make. */
struct bpf_fib_lookup question;

/* The question that the program under test asks cra_prefixes. */
__u8 prefix[sizeof(struct dhcp46_prefix_key)];

/* The frame that is sent, or restored. */
__u8 pattern[BENCH_PATTERN_SIZE];
__u32 pattern_length;

/* What xdp_restored hands the restored frame to. */
struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} target SEC(".maps");

/* Of the program under test, if it is known when the probes are loaded: what XDP keeps of the
 * kernel's answers (bpf/next_hops.h), and the slot for the frame. It begins with a destination. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} next_hops SEC(".maps");
__u32 next_hop_slot;

/* Likewise. */
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 1);
    __type(key, struct dhcp46_prefix_key);
    __type(value, struct dhcp46_prefix);
} cra_prefixes SEC(".maps");

/* Frames that reached the far end, per CPU. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} arrived SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} way SEC(".maps");

SEC("xdp")
int xdp_empty(struct xdp_md *ctx) {
    (void)ctx;
    return XDP_PASS;
}

/* All that xdp_lookup does but for the lookup itself. */
SEC("xdp")
int xdp_question(struct xdp_md *ctx) {
    struct bpf_fib_lookup fib = question;

    __asm__ volatile("" : : "r"(&fib), "r"(ctx) : "memory");
    return 0;
}

SEC("xdp")
int xdp_lookup(struct xdp_md *ctx) {
    struct bpf_fib_lookup fib = question;

    return (int)bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);
}

/* All that xdp_prefix_lookup does but for the lookup itself. */
SEC("xdp")
int xdp_prefix_question(struct xdp_md *ctx) {
    struct dhcp46_prefix_key key;

    __builtin_memcpy(&key, prefix, sizeof(key));
    __asm__ volatile("" : : "r"(&key), "r"(ctx) : "memory");
    return 0;
}

SEC("xdp")
int xdp_prefix_lookup(struct xdp_md *ctx) {
    struct dhcp46_prefix_key key;

    (void)ctx;
    __builtin_memcpy(&key, prefix, sizeof(key));
    return bpf_map_lookup_elem(&cra_prefixes, &key) != (void *)0;
}

SEC("tc")
int tc_empty(struct __sk_buff *skb) {
    (void)skb;
    return TC_ACT_UNSPEC;
}

SEC("tc")
int tc_question(struct __sk_buff *skb) {
    struct bpf_fib_lookup fib = question;

    __asm__ volatile("" : : "r"(&fib), "r"(skb) : "memory");
    return 0;
}

SEC("tc")
int tc_lookup(struct __sk_buff *skb) {
    struct bpf_fib_lookup fib = question;

    return (int)bpf_fib_lookup(skb, &fib, sizeof(fib), 0);
}

static __always_inline void write_pattern(struct xdp_md *ctx) {
    __u8 *data = (__u8 *)(long)ctx->data;
    const __u8 *end = (const __u8 *)(long)ctx->data_end;
    __u32 offset = 0;

    for (; offset + 8 <= BENCH_PATTERN_SIZE; offset += 8) {
        if (data + offset + 8 > end)
            break;
        *(__u64 *)(data + offset) = *(const __u64 *)(pattern + offset);
    }
    for (; offset + 2 <= BENCH_PATTERN_SIZE; offset += 2) {
        if (data + offset + 2 > end)
            break;
        *(__u16 *)(data + offset) = *(const __u16 *)(pattern + offset);
    }
}

/* Makes the frame what it was before the last run rewrote it, so that a program that rewrites
 * frames can be run many times over. */
static __always_inline int restore(struct xdp_md *ctx) {
    long length = (long)ctx->data_end - (long)ctx->data;

    __asm__ volatile("" : "+r"(length)); /* else clang mixes the pointers into 32-bit sums */
    if (bpf_xdp_adjust_head(ctx, (int)length - (int)pattern_length) != 0)
        return 0;
    write_pattern(ctx);
    return 1;
}

SEC("xdp")
int xdp_restored(struct xdp_md *ctx) {
    if (restore(ctx))
        bpf_tail_call(ctx, &target, 0);
    return XDP_ABORTED;
}

/* Also has the next hop forgotten. */
SEC("xdp")
int xdp_forgotten(struct xdp_md *ctx) {
    __u64 *destination = bpf_map_lookup_elem(&next_hops, &next_hop_slot);

    if (!destination || !restore(ctx))
        return XDP_ABORTED;
    *destination = 0;
    bpf_tail_call(ctx, &target, 0);
    return XDP_ABORTED;
}

/* Live frames come back from the recycler as the last receiver left them. */
SEC("xdp")
int xdp_generate(struct xdp_md *ctx) {
    write_pattern(ctx);
    return XDP_TX;
}

/* Of the frame that xdp_offer sends next; ns from one to the next; when it sent the first, and the
 * last one so far. */
__u32 number;
__u64 period;
__u64 began;
__u64 latest;

static long is_due(__u32 turn, const __u64 *due) {
    (void)turn;
    return bpf_ktime_get_ns() >= *due;
}

/* The kernel's own repetition knows no rate, and to start it anew takes milliseconds. */
static __always_inline void await_turn(void) {
    if (!began)
        began = bpf_ktime_get_ns();
    __u64 due = began + number * period;
    bpf_loop(1 << 20, is_due, &due, 0);
    latest = bpf_ktime_get_ns();
}

/* The same, each when it is due, and with a transaction id of its own. */
SEC("xdp")
int xdp_offer(struct xdp_md *ctx) {
    __u8 *data = (__u8 *)(long)ctx->data;

    write_pattern(ctx);
    if (data + BENCH_XID_IPV4 + 4 > (__u8 *)(long)ctx->data_end)
        return XDP_ABORTED;
    await_turn();
    *(__u32 *)(data + BENCH_XID_IPV4) = bpf_htonl(BENCH_FIRST_XID + number++);
    return XDP_TX;
}

SEC("xdp")
int xdp_forward(struct xdp_md *ctx) {
    (void)ctx;
    return (int)bpf_redirect_map(&way, 0, XDP_ABORTED);
}

/* Counts what is long enough to be a BOOTP message, and ends every frame's way. */
SEC("xdp")
int xdp_sink(struct xdp_md *ctx) {
    __u32 zero = 0;
    __u64 *count = bpf_map_lookup_elem(&arrived, &zero);

    if (count && ctx->data_end - ctx->data >= BENCH_BOOTP_FRAME)
        ++*count;
    return XDP_DROP;
}

/* How often each number arrived. */
__u8 tally[BENCH_NUMBERS];

/* Notes relayed requests by their number, and ends every frame's way. */
SEC("xdp")
int xdp_tally(struct xdp_md *ctx) {
    __u8 *data = (__u8 *)(long)ctx->data;

    if (data + BENCH_XID_IPV6 + 4 > (__u8 *)(long)ctx->data_end)
        return XDP_DROP;
    __u32 of = bpf_ntohl(*(__u32 *)(data + BENCH_XID_IPV6)) - BENCH_FIRST_XID;
    if (of < BENCH_NUMBERS)
        tally[of]++;
    return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
