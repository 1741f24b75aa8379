// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The walk over the options, where golden cases would need many frames.
#include <gtest/gtest.h>

#include "common/golden.h"

using namespace dhcp46::test;

namespace {

constexpr std::size_t L4 = ETH_LENGTH + IPV4_LENGTH;
constexpr std::size_t OPTIONS = L4 + UDP_LENGTH + BOOTP_OPTIONS;

// An IPv4 frame with these octets as option field. Its checksums are not looked at here.
Frame with_options(const Frame &options) {
    Frame frame(OPTIONS + options.size());
    std::copy(options.begin(), options.end(), frame.begin() + OPTIONS);
    __u8 *ip = frame.data() + ETH_LENGTH;
    __u8 *udp = frame.data() + L4;
    dhcp46_store16(frame.data() + ETH_TYPE, DHCP46_BE16(ETH_TYPE_IPV4));
    ip[0] = 0x45;
    ip[IPV4_PROTOCOL] = UDP_PROTOCOL;
    dhcp46_store16(ip + IPV4_TOTAL, dhcp46_swap16(static_cast<__u16>(frame.size() - ETH_LENGTH)));
    __u64 sum = 0;
    for (int i = 0; i < IPV4_LENGTH; i += 4)
        sum += dhcp46_load32(ip + i);
    dhcp46_store16(ip + IPV4_CSUM, static_cast<__u16>(~dhcp46_csum_fold16(sum)));
    dhcp46_store16(udp + UDP_DPORT, DHCP46_BE16(BOOTP_SERVER_PORT));
    dhcp46_store16(udp + UDP_LEN, dhcp46_swap16(static_cast<__u16>(frame.size() - L4)));
    dhcp46_store32(udp + UDP_LENGTH + BOOTP_COOKIE, DHCP46_BE32(BOOTP_COOKIE_VALUE));
    return frame;
}

dhcp46_message read_options(const Frame &options) {
    const Frame frame = with_options(options);
    const dhcp46_view view = {frame.data(), frame.data() + frame.size()};
    dhcp46_packet packet = {};
    dhcp46_message message = {};
    dhcp46_classify(view, ETH_LENGTH, DHCP46_DEPTH_PLAIN, &packet);
    EXPECT_EQ(packet.kind, DHCP46_KIND_IPV4);
    dhcp46_read_message(view, &packet, dhcp46_kernel_limits(), &message);
    EXPECT_EQ(message.error, static_cast<__u32>(DHCP46_NO_REASON));
    return message;
}

void append(Frame &to, const Frame &octets) {
    to.insert(to.end(), octets.begin(), octets.end());
}

Frame discover() {
    return {OPTION_MESSAGE_TYPE, 1, 1};
}

TEST(Walk, PadsAreNoOptions) {
    for (const std::size_t pads : {0u, 1u, 7u, 8u, 9u, 255u, 1000u}) {
        Frame options(pads);
        append(options, discover());
        options.push_back(OPTION_END);
        const dhcp46_message message = read_options(options);
        EXPECT_EQ(message.options, static_cast<__u32>(DHCP46_OPTIONS_GOOD)) << pads;
        EXPECT_EQ(message.option_count, 1) << pads;
        EXPECT_EQ(message.type, 1) << pads;
        EXPECT_EQ(message.insert_at, BOOTP_OPTIONS + pads + 3) << pads;
    }
}

// As servers write them that align options; a run of up to eight is one step of the walk.
TEST(Walk, PadsBetweenOptions) {
    for (const std::size_t pads : {1u, 3u, 7u, 15u}) {
        Frame options = discover();
        for (int i = 0; i < 40; i++) {
            options.resize(options.size() + pads);
            append(options, {12, 1, 'x'});
        }
        options.push_back(OPTION_END);
        const dhcp46_message message = read_options(options);
        EXPECT_EQ(message.option_count, 41) << pads;
        EXPECT_EQ(message.options, static_cast<__u32>(DHCP46_OPTIONS_GOOD)) << pads;
    }
}

// D-13's 64 options and as many Pads as an Ethernet frame then has room for.
TEST(Walk, SixtyFourOptionsAndAThousandPads) {
    Frame options(1000);
    for (int i = 0; i < 64; i++)
        append(options, {12, 1, 'x'});
    options.push_back(OPTION_END);
    const dhcp46_message message = read_options(options);
    EXPECT_EQ(message.options, static_cast<__u32>(DHCP46_OPTIONS_GOOD));
    EXPECT_EQ(message.option_count, 64);
}

// D-13: 64 options are walked, whatever their length; one more is for the slow path.
TEST(Walk, SixtyFourOptions) {
    for (const std::size_t count : {63u, 64u, 65u, 66u}) {
        Frame options;
        for (std::size_t i = 0; i < count; i++)
            append(options, {12, 0});
        options.push_back(OPTION_END);
        const auto wanted = count <= 64 ? DHCP46_OPTIONS_GOOD : DHCP46_OPTIONS_MANY;
        EXPECT_EQ(read_options(options).options, static_cast<__u32>(wanted)) << count;
    }
}

TEST(Walk, EndsAtEndAndAtTheMessage) {
    EXPECT_EQ(read_options({OPTION_END, 99, 99}).option_count, 0);
    EXPECT_EQ(read_options({}).options, static_cast<__u32>(DHCP46_OPTIONS_GOOD));
    EXPECT_EQ(read_options({}).has_end, 0);
    EXPECT_EQ(read_options(discover()).insert_at, BOOTP_OPTIONS + 3);
    EXPECT_EQ(read_options({OPTION_PAD, OPTION_PAD}).insert_at, static_cast<int>(BOOTP_OPTIONS));
}

TEST(Walk, CutOptionsAreMalformed) {
    const auto malformed = static_cast<__u32>(DHCP46_OPTIONS_MALFORMED);
    EXPECT_EQ(read_options({12}).options, malformed);
    EXPECT_EQ(read_options({12, 1}).options, malformed);
    EXPECT_EQ(read_options({12, 255, 0}).options, malformed);
    EXPECT_EQ(read_options({OPTION_RELAY_AGENT}).option82_count, 1); // D-22: present
}

TEST(Walk, FindsWhereOption82Stands) {
    const dhcp46_message message = read_options(
        {OPTION_MESSAGE_TYPE, 1, 2, OPTION_PAD, OPTION_RELAY_AGENT, 2, 9, 0, OPTION_END});
    EXPECT_EQ(message.option82_count, 1);
    EXPECT_EQ(message.option82[0].offset, BOOTP_OPTIONS + 4);
    EXPECT_EQ(message.option82[0].length, 2);
}

} // namespace
