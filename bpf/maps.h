/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* The maps of abi.h as BPF declares them. Weak: each entry file declares them, the linker keeps
 * one. */
#ifndef DHCP46_BPF_MAPS_H
#define DHCP46_BPF_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "dhcp46/abi.h"

/* Hashes are BPF_F_NO_PREALLOC: a replaced element is freed only after a grace period, so that no
 * program ever acts on half of an update. */

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct dhcp46_meta);
} meta SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DHCP46_MAX_INSTANCES);
    __type(key, __u32);
    __type(value, struct dhcp46_instance);
} instances SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DHCP46_MAX_LINKS);
    __type(key, struct dhcp46_link_key);
    __type(value, struct dhcp46_link);
} links SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DHCP46_MAX_ADDRESSES);
    __type(key, struct dhcp46_address_key);
    __type(value, struct dhcp46_address);
} addresses SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DHCP46_MAX_INSTANCES *DHCP46_UPSTREAM_SLOTS);
    __type(key, struct dhcp46_upstream_key);
    __type(value, struct dhcp46_upstream);
} upstreams SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, DHCP46_MAX_PREFIXES);
    __type(key, struct dhcp46_prefix_key);
    __type(value, struct dhcp46_prefix);
} cra_prefixes SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, DHCP46_MAX_LINKS);
    __type(key, __u32);
    __type(value, struct dhcp46_stats);
} stats SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, DHCP46_MAX_INSTANCES *DHCP46_UPSTREAM_SLOTS);
    __type(key, __u32);
    __type(value, struct dhcp46_upstream_stats);
} upstream_stats SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, DHCP46_MAX_INSTANCES *DHCP46_UPSTREAM_SLOTS);
    __type(key, __u32);
    __type(value, struct dhcp46_upstream_times);
} upstream_times SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, DHCP46_PUNT_RING_BYTES);
} punt SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, DHCP46_MAX_LINKS);
    __type(key, __u32);
    __type(value, __u32);
} punt_waiting SEC(".maps") __weak;

/* ifindex -> ifindex: the devices that take frames from a native XDP redirect. Userspace enters
 * only those whose driver can; the others get their frames from TC. */
struct {
    __uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
    __uint(max_entries, DHCP46_MAX_LINKS);
    __type(key, __u32);
    __type(value, __u32);
} tx_devices SEC(".maps") __weak;

#endif /* DHCP46_BPF_MAPS_H */
