// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A message with any option field: what a TRA inserts on the way to the server, it takes out again
// on the way back, and leaves the client's options as they were.
#include <algorithm>

#include "differential/recipe.h"
#include "differential/world.h"
#include "fuzz/input.h"

namespace dhcp46::test {

namespace {

constexpr std::size_t bootp_over_ipv4 = 14 + 20 + 8, bootp_over_ipv6 = 14 + 40 + 8;
constexpr std::size_t cookie_end = 240;

Frame make_request(const Tra &tra, std::span<const std::uint8_t> option_field) {
    Recipe recipe;
    recipe.ipv6 = true;
    recipe.destination = mac_of(tra.v6);
    recipe.source6 = parse_ip6("2001:db8:a:1::46").value_or(Ip6{});
    recipe.destination6 = parse_ip6(tra.service6).value_or(Ip6{});
    recipe.message.end = false;
    recipe.message.options = {{0, Frame(option_field.begin(), option_field.end()), {}}};
    return write_frame(recipe);
}

// The server's answer: the same options, as an echo.
Frame make_reply(const Tra &tra, const Frame &request) {
    Recipe recipe;
    recipe.destination = mac_of(tra.v4);
    recipe.source4 = parse_ip4(tra.upstreams.front().address).value_or(Ip4{});
    recipe.destination4 = parse_ip4(tra.giaddr).value_or(Ip4{});
    recipe.message.op = 2;
    recipe.message.giaddr = recipe.destination4;
    recipe.message.end = false;
    recipe.message.options = {
        {0, Frame(request.begin() + bootp_over_ipv4 + cookie_end, request.end()), {}}};
    return write_frame(recipe);
}

using Options = std::vector<std::pair<std::uint8_t, Frame>>;

// Up to End or to the end of the field, without Pad.
Options parse(std::span<const std::uint8_t> field) {
    Options options;
    std::size_t i = 0;
    while (i < field.size() && field[i] != 255) {
        if (field[i] == 0) {
            i++;
            continue;
        }
        const std::size_t length = i + 1 < field.size() ? field[i + 1] : 0;
        const std::size_t end = std::min(i + 2 + length, field.size());
        options.emplace_back(field[i], Frame(field.begin() + static_cast<std::ptrdiff_t>(i),
                                             field.begin() + static_cast<std::ptrdiff_t>(end)));
        i += 2 + length;
    }
    return options;
}

void check(const Network &network, const Tra &tra, std::span<const std::uint8_t> field) {
    const Frame request = make_request(tra, field);
    const Outcome forth = run(network, request, tra.v6, Tier::buffer);
    if (forth.verdict != DHCP46_VERDICT_RELAY)
        return;

    const std::span to_server =
        std::span(forth.out.front().frame).subspan(bootp_over_ipv4 + cookie_end);
    Options expected = parse(field);
    expected.emplace_back(82, Frame());
    Options inserted = parse(to_server);
    require(!inserted.empty() && inserted.back().first == 82, "option 82 is the last one");
    require(inserted.back().second.size() == 20, "with CRA6ADDR in it");
    inserted.back().second.clear();
    require(inserted == expected, "inserted behind the same options");

    const Outcome back =
        run(network, make_reply(tra, forth.out.front().frame), tra.v4, Tier::buffer);
    if (back.verdict == DHCP46_VERDICT_PUNT) /* now one option too many */
        return;
    require(back.verdict == DHCP46_VERDICT_RELAY, "the echo finds its way back");
    expected.pop_back();
    require(parse(std::span(back.out.front().frame).subspan(bootp_over_ipv6 + cookie_end)) ==
                expected,
            "stripped, and else the same options");
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46::test;
    static const Network network = make_network();

    /* Not more than leaves room for headers and option 82 in 1,500 octets. */
    check(network, tras().front(), {data, std::min<std::size_t>(size, 1150)});
    return 0;
}
