// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The parts of the slow path that change octets, and where it listens.
#include <numeric>

#include <gmock/gmock.h>

#include "dhcp46/wire.h"
#include "lab.h"
#include "slowpath/datagram.h"
#include "slowpath/fragments.h"
#include "slowpath/frame.h"
#include "slowpath/receiver.h"
#include "slowpath/split_option.h"

namespace dhcp46 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t headers = ETH_LENGTH + IPV4_LENGTH;

// A message whose option field, behind the cookie, is this.
Octets message_with(const Octets &options) {
    Octets message(BOOTP_OPTIONS);
    message.insert(message.end(), options.begin(), options.end());
    return message;
}

Octets options_of(const Octets &message) {
    return {message.begin() + BOOTP_OPTIONS, message.end()};
}

Octets joined(const Octets &options, std::uint8_t code = 254) {
    return options_of(join_option82(message_with(options), code));
}

TEST(SplitOption, PiecesAreJoinedInFrontOfEnd) {
    EXPECT_THAT(joined({82, 2, 254, 3, 53, 1, 2, 82, 3, 1, 2, 3, 255}),
                ElementsAre(53, 1, 2, 82, 5, 254, 3, 1, 2, 3, 255, 0, 0));
}

TEST(SplitOption, OtherOptionsPadsAndWhatIsBehindEndStay) {
    EXPECT_THAT(joined({0, 12, 1, 7, 0, 82, 0, 82, 1, 9, 255, 5, 6}),
                ElementsAre(0, 12, 1, 7, 0, 82, 1, 9, 255, 5, 6, 0, 0));
}

TEST(SplitOption, EndIsAddedWhereThereIsNone) {
    EXPECT_THAT(joined({82, 1, 8, 82, 1, 9}), ElementsAre(82, 2, 8, 9, 255, 0));
}

TEST(SplitOption, WhatIsLongerThanAnOptionKeepsWhatIsRead) {
    Octets options;
    for (int piece = 0; piece < 3; piece++) { // three remote-ids of 120 octets
        options.insert(options.end(), {82, 122, 2, 120});
        options.insert(options.end(), 120, 0xaa);
    }
    options.insert(options.end(), {82, 3, 254, 1, 42, 255});

    const Octets result = joined(options);

    EXPECT_EQ(result.size(), options.size());
    EXPECT_THAT(Octets(result.begin(), result.begin() + 6), ElementsAre(82, 3, 254, 1, 42, 255));
}

TEST(SplitOption, ALongListThatIsCutStaysCut) {
    Octets options;
    for (int piece = 0; piece < 3; piece++) {
        options.insert(options.end(), {82, 122, 2, 120});
        options.insert(options.end(), 120, 0xaa);
    }
    options.insert(options.end(), {82, 2, 1, 9, 255}); // says 9, has none

    const Octets result = joined(options);

    EXPECT_THAT(Octets(result.begin(), result.begin() + 5), ElementsAre(82, 2, 1, 9, 255));
}

// An IPv4 packet with so many octets behind its header, which count up.
Octets ipv4_frame(std::size_t payload) {
    Octets frame(headers + payload);
    std::iota(frame.begin() + headers, frame.end(), std::uint8_t{0});
    frame[ETH_LENGTH] = 0x45;
    const auto total = static_cast<std::uint16_t>(IPV4_LENGTH + payload);
    frame[ETH_LENGTH + IPV4_TOTAL] = static_cast<std::uint8_t>(total >> 8);
    frame[ETH_LENGTH + IPV4_TOTAL + 1] = static_cast<std::uint8_t>(total);
    store_ipv4_csum(frame.data() + ETH_LENGTH);
    return frame;
}

unsigned field(const Octets &frame, std::size_t offset) {
    const std::uint8_t *p = frame.data() + ETH_LENGTH + offset;
    return static_cast<unsigned>(p[0] << 8 | p[1]);
}

TEST(Fragments, WhatFitsStaysWhole) {
    const Octets frame = ipv4_frame(1480);
    EXPECT_THAT(fragment_ipv4(frame, 1500), ElementsAre(frame));
}

TEST(Fragments, WhatDoesNotIsCutAtEightOctets) {
    const Octets frame = ipv4_frame(1481);
    const auto fragments = fragment_ipv4(frame, 1500);
    ASSERT_EQ(fragments.size(), 2U);
    EXPECT_EQ(field(fragments[0], IPV4_TOTAL), 1500U);
    EXPECT_EQ(field(fragments[0], IPV4_FRAG), 0x2000U);
    EXPECT_EQ(field(fragments[1], IPV4_TOTAL), 21U);
    EXPECT_EQ(field(fragments[1], IPV4_FRAG), 1480U / 8);
    EXPECT_EQ(fragments[1].back(), frame.back());
}

// Of a map that somebody has edited.
TEST(Fragments, WhatIsNoMtuCutsNothing) {
    const Octets frame = ipv4_frame(1000);
    for (const std::uint32_t mtu : {0u, 27u, 67u})
        EXPECT_THAT(fragment_ipv4(frame, mtu), ElementsAre(frame));
}

TEST(Fragments, AllOfItIsThereOnce) {
    const Octets frame = ipv4_frame(4008);
    Octets together;
    for (const Octets &fragment : fragment_ipv4(frame, 1006)) { // 986 is no multiple of 8
        EXPECT_LE(fragment.size(), ETH_LENGTH + 1006U);
        EXPECT_EQ(field(fragment, IPV4_FRAG) % 0x2000 * 8, together.size());
        together.insert(together.end(), fragment.begin() + headers, fragment.end());
    }
    EXPECT_EQ(together, Octets(frame.begin() + headers, frame.end()));
}

Datagram datagram(bool ipv6) {
    Datagram datagram;
    datagram.ipv6 = ipv6;
    datagram.source = lab::ip6(ipv6 ? "2001:db8::1" : "::ffff:192.0.2.1");
    datagram.destination = lab::ip6(ipv6 ? "2001:db8::2" : "::ffff:198.51.100.7");
    datagram.source_port = 40000;
    datagram.message = {1, 2, 3};
    return datagram;
}

// RFC 768, 791 and 8200, octet by octet; the checksums were worked out by scapy.
TEST(FrameOfDatagram, Ipv4) {
    EXPECT_EQ(frame_of(datagram(false)),
              (Octets{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,   0, 0,    0,    0,    0,    8, 0,  //
                      0x45, 0,    0,    31,   0,    0,    0,   0, 64,   17,   0x8e, 0x92,        //
                      192,  0,    2,    1,    198,  51,   100, 7, 0x9c, 0x40, 0,    67,   0, 11, //
                      0xec, 0x58, 1,    2,    3}));
}

TEST(FrameOfDatagram, Ipv6) {
    const Octets frame = frame_of(datagram(true));
    ASSERT_EQ(frame.size(), 14U + 40 + 8 + 3);
    EXPECT_EQ(frame[14], 0x60);
    EXPECT_EQ(frame[14 + IPV6_NEXT], 17);
    EXPECT_EQ(field(frame, IPV6_PAYLOAD), 11U);
    // 2001 + db8 + 1, 2001 + db8 + 2, 11, 17
    EXPECT_EQ(field(frame, IPV6_LENGTH + UDP_CSUM), 0x2001U * 2 + 0xdb8 * 2 + 1 + 2 + 11 + 17);
}

TEST(Checksum, OfAReceivedFrameIsUnfinished) {
    for (const bool ipv6 : {false, true}) {
        Octets frame = frame_of(datagram(ipv6));
        EXPECT_TRUE(is_csum_acceptable(frame, ETH_LENGTH));
        frame[frame.size() - 4] ^= 1; // of the field
        EXPECT_FALSE(is_csum_acceptable(frame, ETH_LENGTH));
    }
}

TEST(Checksum, NoneIsAcceptable) {
    Octets frame = frame_of(datagram(false));
    frame[headers + UDP_CSUM] = frame[headers + UDP_CSUM + 1] = 0;
    EXPECT_TRUE(is_csum_acceptable(frame, ETH_LENGTH));
}

// The sum of the pseudo-header is in the field; the rest is the UDP header and the message.
TEST(Checksum, AFinishedOneIsSummed) {
    Octets frame = frame_of(datagram(false));
    const unsigned sum = field(frame, IPV4_LENGTH + UDP_CSUM) + 40000 + 67 + 11 + 0x0102 + 0x0300;
    const unsigned finished = ~((sum & 0xffff) + (sum >> 16));
    frame[headers + UDP_CSUM] = static_cast<std::uint8_t>(finished >> 8);
    frame[headers + UDP_CSUM + 1] = static_cast<std::uint8_t>(finished);
    EXPECT_TRUE(is_csum_acceptable(frame, ETH_LENGTH));
    frame.back() ^= 1;
    EXPECT_FALSE(is_csum_acceptable(frame, ETH_LENGTH));
}

Tables tables_with(dhcp46_role role, dhcp46_side side, std::uint16_t flags = 0) {
    Tables tables;
    dhcp46_link_key link = {};
    link.ifindex = 7;
    link.side = static_cast<__u16>(side);
    tables.links[link].flags = flags;
    if (side == DHCP46_SIDE_SERVER) {
        dhcp46_address_key key = {};
        const Ip6 giaddr = lab::ip6("::ffff:192.0.2.1");
        std::copy(giaddr.octets.begin(), giaddr.octets.end(), key.address);
        dhcp46_address value = {};
        value.role = role;
        value.side = side;
        tables.addresses[key] = value; // "is ours", on no device
        key.ifindex = 7;
        tables.addresses[key] = value;
    }
    return tables;
}

constexpr Listening everywhere_ipv6 = {Listening::Kind::ipv6, {}, 0};

TEST(PlacesToListen, WithoutInstancesThereAreNone) {
    EXPECT_THAT(places_to_listen({}), IsEmpty());
}

TEST(PlacesToListen, AnLcraHearsItsClientsBroadcasts) {
    EXPECT_THAT(
        places_to_listen(tables_with(DHCP46_ROLE_LCRA, DHCP46_SIDE_CLIENT)),
        ElementsAre(Listening{Listening::Kind::ipv4, {{255, 255, 255, 255}}, 7}, everywhere_ipv6));
}

TEST(PlacesToListen, AnHcraHearsNobodyOnItsLink) {
    const auto tables = tables_with(DHCP46_ROLE_HCRA, DHCP46_SIDE_CLIENT, DHCP46_LINK_HOST);
    EXPECT_THAT(places_to_listen(tables), ElementsAre(everywhere_ipv6));
}

TEST(PlacesToListen, ATraHasItsGiaddrWhereverItComesIn) {
    EXPECT_THAT(
        places_to_listen(tables_with(DHCP46_ROLE_TRA, DHCP46_SIDE_SERVER)),
        ElementsAre(Listening{Listening::Kind::ipv4, {{192, 0, 2, 1}}, 0}, everywhere_ipv6));
}

TEST(PlacesToListen, ATsvOnItsOwnLinkOnly) {
    EXPECT_THAT(places_to_listen(tables_with(DHCP46_ROLE_TSV, DHCP46_SIDE_SERVER)),
                ElementsAre(everywhere_ipv6, Listening{Listening::Kind::link, {}, 7}));
}

} // namespace
} // namespace dhcp46
