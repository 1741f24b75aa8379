/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* What stands on the wire: header layouts as offsets, ports, option codes. Offsets and sizes are in
 * octets; multi-octet fields are in network order. */
#ifndef DHCP46_WIRE_H
#define DHCP46_WIRE_H

/* A 16-bit or 32-bit constant in network order, to compare with and store into packets; and octets
 * in memory as a number whose lowest eight bits are the first one. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define DHCP46_BE16(x) ((__u16)(((x)&0xff) << 8 | ((x) >> 8 & 0xff)))
#define DHCP46_BE32(x) ((__u32)__builtin_bswap32((__u32)(x)))
#define DHCP46_LE64(x) ((__u64)(x))
#else
#define DHCP46_BE16(x) ((__u16)(x))
#define DHCP46_BE32(x) ((__u32)(x))
#define DHCP46_LE64(x) ((__u64)__builtin_bswap64(x))
#endif

enum dhcp46_wire {
    /* Ethernet, IEEE 802.1Q */
    ETH_LENGTH = 14,
    ETH_DST = 0,
    ETH_SRC = 6,
    ETH_TYPE = 12,
    ETH_TAG_LENGTH = 4,
    ETH_TYPE_IPV4 = 0x0800,
    ETH_TYPE_IPV6 = 0x86dd,
    ETH_TYPE_VLAN = 0x8100,
    ETH_TYPE_QINQ = 0x88a8,

    /* IPv4, RFC 791 */
    IPV4_LENGTH = 20,
    IPV4_TOS = 1,
    IPV4_TOTAL = 2,
    IPV4_ID = 4,
    IPV4_FRAG = 6,
    IPV4_TTL = 8,
    IPV4_PROTOCOL = 9,
    IPV4_CSUM = 10,
    IPV4_SRC = 12,
    IPV4_DST = 16,
    IPV4_FRAG_OFFSET = 0x1fff,
    IPV4_FRAG_ANY = 0x3fff, /* MF or an offset */

    /* IPv6, RFC 8200 */
    IPV6_LENGTH = 40,
    IPV6_PAYLOAD = 4,
    IPV6_NEXT = 6,
    IPV6_HOP_LIMIT = 7,
    IPV6_SRC = 8,
    IPV6_DST = 24,
    IPV6_NEXT_HOP_BY_HOP = 0,
    IPV6_NEXT_ROUTING = 43,
    IPV6_NEXT_FRAGMENT = 44,
    IPV6_NEXT_DESTINATION = 60,
    IPV6_FRAG_OFFSET = 0xfff8,

    /* UDP, RFC 768 */
    UDP_PROTOCOL = 17,
    UDP_LENGTH = 8,
    UDP_SPORT = 0,
    UDP_DPORT = 2,
    UDP_LEN = 4,
    UDP_CSUM = 6,

    /* BOOTP and DHCP, RFC 951, RFC 2131 */
    BOOTP_SERVER_PORT = 67,
    BOOTP_CLIENT_PORT = 68,
    BOOTP_LENGTH = 236,     /* without the cookie */
    BOOTP_MIN_LENGTH = 300, /* RFC 1542 section 2.1 */
    BOOTP_OP = 0,
    BOOTP_HTYPE = 1,
    BOOTP_HLEN = 2,
    BOOTP_HOPS = 3,
    BOOTP_XID = 4,
    BOOTP_FLAGS = 10,
    BOOTP_CIADDR = 12,
    BOOTP_YIADDR = 16,
    BOOTP_GIADDR = 24,
    BOOTP_CHADDR = 28,
    BOOTP_COOKIE = 236,
    BOOTP_OPTIONS = 240,
    BOOTP_HTYPE_ETHERNET = 1,
    BOOTP_HLEN_ETHERNET = 6,
    BOOTP_CHADDR_LENGTH = 16,
    BOOTP_FLAG_BROADCAST = 0x8000,
    BOOTP_OP_REQUEST = 1,
    BOOTP_OP_REPLY = 2,
    BOOTP_OP_RELAYFORWARD = 3, /* draft-ietf-dhc-dhcpv4-over-ipv6-06 section 8 */
    BOOTP_OP_RELAYREPLY = 4,

    /* Options, RFC 2132, RFC 3046 */
    OPTION_PAD = 0,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_SERVER_ID = 54,
    OPTION_RELAY_AGENT = 82,
    OPTION_END = 255,
    SUBOPTION_LINK_SELECTION = 5, /* of option 82, RFC 3527 */
    DHCP_NAK = 6,
    CRA6ADDR_LENGTH = 16, /* of the value; the sub-option is 18 */

    /* What we send: requirements.md E-41 */
    SENT_TTL = 64,
    SENT_TOS = 0xc0, /* CS6, network control (RFC 4594 section 3.2) */
};

#define BOOTP_COOKIE_VALUE 0x63825363u /* RFC 2131 section 3 */
#define IPV4_BROADCAST 0xffffffffu
#define IPV4_DUMMY 0xc0000008u /* 192.0.0.8, RFC 7600: an IPv4 source for who has none */

#endif /* DHCP46_WIRE_H */
