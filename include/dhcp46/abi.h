/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The pinned maps: what the kernel programs, the command line, the controller and bpftool share.
 *
 * One set per network namespace, pinned under <bpffs>/dhcp46/, and the only state there is.
 * Values are naturally aligned with explicit padding. Addresses are octet arrays in network order
 * (bpftool prints one list), IPv4 in IPv6 fields as v4-mapped (RFC 4291 section 2.5.5.2). Numbers
 * are in host order, ports too. docs/maps.md shows a bpftool line for each map.
 *
 * `links` and `addresses` are the forwarding table: what the programs need for one packet, in one
 * lookup. They carry a copy of their instance's policy, written by the same publish step
 * (userspace/bpf), because a second hash lookup costs a packet more than the whole option walk.
 */
#ifndef DHCP46_ABI_H
#define DHCP46_ABI_H

#include <linux/types.h>

#ifdef __cplusplus
#define DHCP46_SIZE_IS(type, size) static_assert(sizeof(type) == (size), #type " is ABI")
#else
#define DHCP46_SIZE_IS(type, size) _Static_assert(sizeof(type) == (size), #type " is ABI")
#endif

enum {
    DHCP46_ABI_VERSION = 3,
    DHCP46_NAME_SIZE = 12, /* instance name: [a-z0-9_-]{1,11} and a NUL */
    DHCP46_UPSTREAM_SLOTS = 8,
    DHCP46_MAX_INSTANCES = 256,
    DHCP46_MAX_LINKS = 1024, /* link ids, unless attach is told otherwise: each is 1.1 KiB of
                              * counters per CPU */
    DHCP46_MAX_ADDRESSES = 8192,
    DHCP46_MAX_PREFIXES = 16384,
    DHCP46_PUNT_RING_BYTES = 1 << 20,
    DHCP46_PUNT_FRAME_SIZE = 2032, /* octets of one punted frame */
    DHCP46_PUNT_SHARE = 128,       /* records of one link that may lie in the ring, of some 500 */
    DHCP46_FATES = 64,             /* most that are counted in one run of dhcp46_account */

    /* SO_MARK of a frame on its way out that is meant for this host, "dh4u": a reply to the client
     * of an HCRA, from the controller. */
    DHCP46_MARK_TO_HOST = 0x64683475,
};

/* Names of the maps, also of their pins. */
#define DHCP46_MAP_NAMES                                                                     \
    "meta", "instances", "links", "addresses", "upstreams", "cra_prefixes", "stats", "punt", \
        "punt_waiting", "tx_devices", "upstream_stats", "upstream_times"

enum dhcp46_role {
    DHCP46_ROLE_NONE = 0,
    DHCP46_ROLE_LCRA = 1,
    DHCP46_ROLE_HCRA = 2,
    DHCP46_ROLE_TRA = 3,
    DHCP46_ROLE_TSV = 4,
};

/* Which side of its instance a link is on. */
enum dhcp46_side {
    DHCP46_SIDE_NONE = 0,
    DHCP46_SIDE_CLIENT = 1,
    DHCP46_SIDE_IPV6 = 2,
    DHCP46_SIDE_SERVER = 3,
};

enum dhcp46_tier {
    DHCP46_TIER_XDP = 0,
    DHCP46_TIER_TC = 1,
    DHCP46_TIER_SLOW = 2,
    DHCP46_TIERS,
};

enum dhcp46_giaddr_policy {
    DHCP46_GIADDR_REPLACE = 0,
    DHCP46_GIADDR_DROP = 1,
    DHCP46_GIADDR_ENCAP = 2,
};

/* Who wrote an upstream or an instance. Zero is bpftool, whose users leave what they do not know at
 * zero. */
enum dhcp46_origin {
    DHCP46_ORIGIN_BPFTOOL = 0,
    DHCP46_ORIGIN_CLI = 1,
    DHCP46_ORIGIN_FILE = 2,
    DHCP46_ORIGIN_HOOK = 3,
};

/* What was asked for with --xdp, and why a device runs the way it does. */
enum dhcp46_xdp_mode {
    DHCP46_XDP_AUTO = 0,
    DHCP46_XDP_NATIVE = 1,
    DHCP46_XDP_OFF = 2,
};

enum dhcp46_policy_flag {
    DHCP46_ALWAYS_BROADCAST = 1 << 0,  /* CRA: IPv4 broadcast to the client, MAC chaddr (E-7) */
    DHCP46_ACCEPT_ANY_SOURCE = 1 << 1, /* CRA, TRA: replies from peers that are not configured */
};

/* requirements.md D-1: the knobs of an instance. */
struct dhcp46_policy {
    __u8 hops_limit;    /* 1..16; a message with more is dropped (E-1) */
    __u8 cra6addr_code; /* TRA: sub-option code of CRA6ADDR, 1..254 (R-SUB-6) */
    __u8 giaddr_policy; /* TRA: enum dhcp46_giaddr_policy */
    __u8 flags;         /* enum dhcp46_policy_flag */
};
DHCP46_SIZE_IS(struct dhcp46_policy, 4);

/* meta[0] */
struct dhcp46_meta {
    __u32 abi_version; /* DHCP46_ABI_VERSION of whoever made the maps */
    __u32 _pad;
    __u64 netns_cookie; /* SO_NETNS_COOKIE of the namespace they belong to */
    __u64 heartbeat_ns; /* CLOCK_MONOTONIC of the controller's last sign of life; 0: none */
};
DHCP46_SIZE_IS(struct dhcp46_meta, 24);

/* A punt is worth sending while the controller's last heartbeat is younger than this. */
#define DHCP46_HEARTBEAT_MAX_AGE_NS 3000000000ULL

/* instances: instance id (1..) -> what it is. The programs do not read it. */
struct dhcp46_instance {
    char name[DHCP46_NAME_SIZE]; /* NUL-terminated */
    enum dhcp46_role role;
    enum dhcp46_xdp_mode xdp_mode; /* what --xdp asked for */
    struct dhcp46_policy policy;
    __u8 client_source[4];     /* CRA: --client-source, 0.0.0.0 if not given (E-12) */
    __u8 giaddr[4];            /* TRA: --giaddr, 0.0.0.0 if it is the server side's own */
    enum dhcp46_origin origin; /* who attached it last: the command line, or a controller's file */
};
DHCP46_SIZE_IS(struct dhcp46_instance, 36);

/* A place where packets come in: one link on one side of one instance. */
struct dhcp46_link_key {
    __u32 ifindex;
    __u16 outer_tag; /* VLAN tags; 0: untagged */
    __u16 inner_tag;
    __u16 side;     /* enum dhcp46_side */
    __u16 instance; /* 0 on the client side: a client link has one instance, the value names it */
};
DHCP46_SIZE_IS(struct dhcp46_link_key, 12);

enum dhcp46_link_flag {
    DHCP46_LINK_SOURCE_GIVEN = 1 << 0, /* source6 was given with --source, not found */
    DHCP46_LINK_XDP = 1 << 1,          /* the XDP program runs here */
    DHCP46_LINK_TCX = 1 << 2,          /* TC by a tcx link; else a clsact filter */
    DHCP46_LINK_HOST = 1 << 3, /* client side of an HCRA: its clients are on this host, so requests
                                * are taken on their way out, and none that comes in (R-CRA-18) */
    DHCP46_LINK_XDP_REFUSED = 1 << 4, /* native XDP was tried here, and the driver refused it */
    DHCP46_LINK_BY_ROUTE = 1 << 5,    /* ipv6 side of an LCRA: the route to an upstream says that it
                                       * is this device, and may say another */
};

/* links: the client side is read by the programs, the other sides by userspace only. */
struct dhcp46_link {
    __u32 link_id;          /* index into stats */
    __u32 instance;         /* instance id */
    __u8 mac[6];            /* the device's own */
    __u16 flags;            /* enum dhcp46_link_flag */
    __u32 mtu;              /* octets, of the device */
    __u8 ipv4[4];           /* the device's own address; 0.0.0.0: none (R-CRA-22) */
    __u8 ipv4_broadcast[4]; /* directed broadcast of that subnet; 0.0.0.0: none */
    __u8 source6[16];  /* client side: IPv6 source of its requests. ipv6 side of a TRA: its service
                        * address. :: while there is none */
    __u32 out_ifindex; /* the only device on the other side; 0: several, the route decides */
    __u32 out_mtu;     /* octets, of that device; 0 with out_ifindex 0 */
    struct dhcp46_policy policy;
    __u32 position;  /* among its side's devices, in the order given to attach: the first that has
                      * an address lends it to the instance */
    char device[16]; /* its name when it was attached, NUL-terminated */
};
DHCP46_SIZE_IS(struct dhcp46_link, 76);

/*
 * addresses: an own address, as packets from peers name it, where they come in. One entry for each
 * device on which the instance takes them; and one with ifindex 0 that says "is ours" (E-5, E-48).
 */
struct dhcp46_address_key {
    __u8 address[16];
    __u32 ifindex;
    __u16 outer_tag;
    __u16 inner_tag;
};
DHCP46_SIZE_IS(struct dhcp46_address_key, 24);

struct dhcp46_address {
    __u32 instance;
    __u32 link_id; /* index into stats, of the link where it comes in */
    enum dhcp46_role role;
    enum dhcp46_side side; /* ipv6 or server */
    __u8 in_mac[6];        /* own MAC of the device where it comes in (D-16) */
    __u16 flags;           /* 0 */
    __u8 out_mac[6];       /* CRA: own MAC of the client device. TSV, IPv6 side: of our end of the
                            * server's link */
    __u8 next_mac[6];      /* TSV, IPv6 side: of the server's end; 0 else */
    __u32 out_ifindex;     /* CRA: the client device. TSV, IPv6 side: our end of the server's link.
                            * Else as in struct dhcp46_link */
    __u32 out_mtu;         /* octets */
    __u8 source4[4];  /* CRA: IPv4 source towards clients, 0.0.0.0: see E-12. TRA, TSV: giaddr */
    __u8 source6[16]; /* TRA, TSV, server side: IPv6 source of what goes to CRAs; :: while none */
    struct dhcp46_policy policy;
};
DHCP46_SIZE_IS(struct dhcp46_address, 68);

struct dhcp46_upstream_key {
    __u32 instance;
    __u32 slot; /* 0..7 */
};
DHCP46_SIZE_IS(struct dhcp46_upstream_key, 8);

enum dhcp46_upstream_flag {
    /* A promise that the slots behind this one are empty, which spares each packet the look. The
     * command line keeps it; with bpftool, write this one without it before you fill another. */
    DHCP46_UPSTREAM_LAST = 1 << 0,
};

/* upstreams: a TSV or TRA (of a CRA), a DHCPv4 server as v4-mapped (of a TRA) */
struct dhcp46_upstream {
    __u8 address[16];
    __u16 port;  /* 0 is taken as 67 */
    __u16 flags; /* enum dhcp46_upstream_flag */
    enum dhcp46_origin origin;
};
DHCP46_SIZE_IS(struct dhcp46_upstream, 24);

/* Key into the two maps below. No instance has id 0, and so no upstream index 0. */
#define DHCP46_UPSTREAM_INDEX(instance, slot) ((instance)*DHCP46_UPSTREAM_SLOTS + (slot))

/* upstream_stats: per CPU, upstream index -> packets that went there, and came from there */
struct dhcp46_upstream_stats {
    __u64 sent;       /* requests, each copy by itself */
    __u64 received;   /* replies, also those that were dropped */
    __u64 asked_tick; /* of the kernel's clock: when this CPU last brought upstream_times up to */
    __u64 reply_tick; /* date, which it does but now and then */
};
DHCP46_SIZE_IS(struct dhcp46_upstream_stats, 32);

/* upstream_times: upstream index -> CLOCK_MONOTONIC, to a third of a second; 0: never. Asked later
 * than it replied, it owes a reply. */
struct dhcp46_upstream_times {
    __u64 asked_ns; /* the first DISCOVER since the last reply */
    __u64 reply_ns; /* the last reply */
};
DHCP46_SIZE_IS(struct dhcp46_upstream_times, 16);

/* cra_prefixes: which CRAs a TRA or TSV serves and answers (R-SEC-2, E-48). `::/0` if --cra-prefix
 * is not given. */
struct dhcp46_prefix_key {
    __u32 prefixlen; /* 32 for the instance id, and the prefix's own length */
    __u32 instance;
    __u8 prefix[16];
};
DHCP46_SIZE_IS(struct dhcp46_prefix_key, 24);

struct dhcp46_prefix {
    __u32 allowed;          /* 0: refused, also inside a larger prefix that is allowed */
    __u8 link_selection[4]; /* RFC 3527 address for these CRAs; 0.0.0.0: none */
};
DHCP46_SIZE_IS(struct dhcp46_prefix, 8);

/* One reason for each fate that is not "relayed"; the lists follow each other, as in struct
 * dhcp46_stats, so that a reason is an index into its counts. */
enum dhcp46_reason {
#define DHCP46_DROP(name, paths, text) DHCP46_DROP_##name,
#include "counters.def"
#define DHCP46_PASS(name, paths, text) DHCP46_PASS_##name,
#include "counters.def"
#define DHCP46_PUNT(name, paths, text) DHCP46_PUNT_##name,
#include "counters.def"
#define DHCP46_NOTE(name, paths, text) DHCP46_NOTE_##name,
#include "counters.def"
    DHCP46_REASONS,
    DHCP46_NO_REASON = DHCP46_REASONS,
};

enum dhcp46_type {
#define DHCP46_TYPE(name, value) DHCP46_TYPE_##name,
#include "counters.def"
    DHCP46_TYPES,
};

struct dhcp46_count {
    __u64 packets;
    __u64 bytes; /* octets of the frame as received (D-21) */
};

struct dhcp46_relayed {
    __u64 xdp; /* packets, by tier */
    __u64 tc;
    __u64 slow;
    __u64 bytes;
};

/* stats: per CPU, link id -> packets that came in there */
struct dhcp46_stats {
    struct {
#define DHCP46_TYPE(name, value) struct dhcp46_relayed name;
#include "counters.def"
    } relayed;
    struct {
#define DHCP46_DROP(name, paths, text) struct dhcp46_count name;
#include "counters.def"
    } dropped;
    struct {
#define DHCP46_PASS(name, paths, text) struct dhcp46_count name;
#include "counters.def"
    } passed;
    struct {
#define DHCP46_PUNT(name, paths, text) struct dhcp46_count name;
#include "counters.def"
    } punted;
    struct {
#define DHCP46_NOTE(name, paths, text) struct dhcp46_count name;
#include "counters.def"
    } noted;
};
DHCP46_SIZE_IS(struct dhcp46_stats, 32 * DHCP46_TYPES + 16 * DHCP46_REASONS);

/* One record of the punt ring (no BTF: a ring buffer has none). */
struct dhcp46_punt {
    __u64 time_ns; /* CLOCK_MONOTONIC */
    __u32 ifindex; /* where the frame came in, or was to leave */
    __u32 link_id;
    __u32 reason;    /* enum dhcp46_reason */
    __u16 length;    /* octets of frame[] that count */
    __u16 l2_length; /* octets of the layer-2 header: 14 or 0 */
    __u8 frame[DHCP46_PUNT_FRAME_SIZE];
};
DHCP46_SIZE_IS(struct dhcp46_punt, 2056);

/* punt_waiting: link id -> its records that lie in the ring. So one link's flood leaves room for
 * the others. Counted up by the programs, and down by dhcp46_account. */

/* What the controller has made of one packet: the data of a run of dhcp46_account is a list of
 * these, so that whatever is counted is counted by the kernel, and no count is lost. */
struct dhcp46_fate {
    __u32 link_id;
    __u32 reason; /* enum dhcp46_reason; of what was relayed: a note, or DHCP46_NO_REASON */
    __u32 type;   /* enum dhcp46_type of what was relayed; DHCP46_TYPES: it was not */
    __u32 bytes;
    __u32 punts; /* 1 if it was in the ring, else 0 */
    __u32 _pad;
};
DHCP46_SIZE_IS(struct dhcp46_fate, 24);

#endif /* DHCP46_ABI_H */
