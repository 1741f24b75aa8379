// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <algorithm>

#include "differential/mutate.h"
#include "differential/seeds.h"
#include "differential/world.h"

namespace dhcp46::test {

namespace {

using Change = void (*)(Random &, Recipe &);

void insert_anywhere(Random &random, std::vector<Option> &options, Option option) {
    const auto place = static_cast<std::ptrdiff_t>(random.below(options.size() + 1));
    options.insert(options.begin() + place, std::move(option));
}

bool is_reply(const Recipe &recipe) {
    return recipe.target.path % 2 == 0;
}

void add_options(Random &random, Recipe &recipe) {
    for (std::size_t left = random.between(1, 20); left > 0; left--)
        insert_anywhere(random, recipe.message.options, make_option(random, 12));
}

void add_long_option(Random &random, Recipe &recipe) {
    insert_anywhere(random, recipe.message.options, make_option(random, 255));
}

void add_pad(Random &random, Recipe &recipe) {
    for (std::size_t left = random.between(1, 4); left > 0; left--)
        insert_anywhere(random, recipe.message.options, {0, Frame(random.between(1, 40)), {}});
}

void change_padding(Random &random, Recipe &recipe) {
    recipe.message.behind_end.resize(random.below(random.percent(50) ? 30 : 300));
}

void junk_behind_end(Random &random, Recipe &recipe) {
    recipe.message.behind_end.resize(random.between(1, 60));
    random.fill(recipe.message.behind_end);
}

void no_end(Random &random, Recipe &recipe) {
    recipe.message.end = false;
    recipe.message.behind_end.resize(random.percent(50) ? 0 : random.below(30));
    std::fill(recipe.message.behind_end.begin(), recipe.message.behind_end.end(), std::uint8_t{0});
}

void add_ip_options(Random &random, Recipe &recipe) {
    if (recipe.ipv6)
        return;
    /* A test run has the network header behind the Ethernet header that is not there, so that the
     * kernel would cut the options out of another place. The golden cases have a real device. */
    if (l2_length_of(recipe.ifindex) == 0)
        return;
    recipe.ip_options.assign(random.between(1, 10) * 4, 1);
}

void change_ip_fields(Random &random, Recipe &recipe) {
    recipe.tos = random.octet();
    recipe.ttl = random.octet();
    if (random.percent(30))
        recipe.fragment = 0x4000; /* DF */
}

void add_trailer(Random &random, Recipe &recipe) {
    recipe.trailer.resize(random.between(1, 60));
    random.fill(recipe.trailer);
}

void add_behind_udp(Random &random, Recipe &recipe) {
    recipe.behind_udp.resize(random.between(1, 40));
    random.fill(recipe.behind_udp);
}

void change_csum(Random &random, Recipe &recipe) {
    static const Csum choices[] = {Csum::none, Csum::partial, Csum::partial, Csum::wrong,
                                   Csum::all_ones};
    recipe.csum = random.pick(choices);
    if (recipe.ipv6 && recipe.csum == Csum::none)
        recipe.csum = Csum::partial;
}

void change_source_port(Random &random, Recipe &recipe) {
    recipe.source_port = random.word();
}

void change_hops(Random &random, Recipe &recipe) {
    recipe.message.hops =
        is_reply(recipe) ? random.octet()
                         : static_cast<std::uint8_t>(random.between(0, recipe.target.hops_limit));
}

void change_flags(Random &random, Recipe &recipe) {
    recipe.message.flags = random.percent(70) ? 0x8000 : random.word();
}

void change_type(Random &random, Recipe &recipe) {
    for (Option &option : recipe.message.options) {
        if (option.code == 53)
            option.value = random.percent(80) ? Frame{static_cast<std::uint8_t>(random.below(12))}
                                              : Frame(random.below(4));
    }
}

void remove_type(Random & /*random*/, Recipe &recipe) {
    std::erase_if(recipe.message.options, [](const Option &option) { return option.code == 53; });
}

void change_hardware(Random &random, Recipe &recipe) {
    recipe.message.htype = random.percent(50) ? 1 : random.octet();
    recipe.message.hlen = static_cast<std::uint8_t>(random.below(17));
}

void change_addresses(Random &random, Recipe &recipe) {
    static const Ip4 choices[] = {{{0, 0, 0, 0}},         {{192, 0, 2, 9}}, {{127, 0, 0, 1}},
                                  {{224, 0, 0, 1}},       {{240, 0, 0, 1}}, {{10, 1, 2, 3}},
                                  {{255, 255, 255, 255}}, {{0, 0, 0, 1}}};
    recipe.message.ciaddr = random.pick(choices);
    recipe.message.yiaddr = random.pick(choices);
    random.fill(recipe.message.siaddr.octets);
}

void fill_file(Random &random, Recipe &recipe) {
    recipe.message.file = random.octet();
}

void broadcast_mac(Random & /*random*/, Recipe &recipe) {
    recipe.destination = {{255, 255, 255, 255, 255, 255}};
}

// The server's link of a TSV has nobody else on it; other links do.
void any_station(Random &random, Recipe &recipe) {
    if (recipe.ifindex == tsv_link())
        random.fill(recipe.destination);
}

void change_source_mac(Random &random, Recipe &recipe) {
    random.fill(recipe.source);
}

void bootp_only(Random &random, Recipe &recipe) {
    if (recipe.target.path > 2) /* a TRA needs options */
        return;
    recipe.message.cookie = false;
    recipe.message.end = false;
    recipe.message.options.clear();
    recipe.message.behind_end.resize(random.below(70));
}

// Sub-options of others before and behind CRA6ADDR, and option 82 in front, in the middle, at the
// end.
void reshape_option82(Random &random, Recipe &recipe) {
    auto &options = recipe.message.options;
    const auto it = std::find_if(options.begin(), options.end(),
                                 [](const Option &option) { return option.code == 82; });
    if (it == options.end())
        return;
    Option option = *it;
    options.erase(it);
    for (std::size_t left = random.below(6); left > 0; left--) {
        Frame other = {static_cast<std::uint8_t>(random.between(2, 40)),
                       static_cast<std::uint8_t>(random.below(12))};
        other.resize(other.size() + other[1], random.octet());
        option.value.insert(random.percent(50) ? option.value.begin() : option.value.end(),
                            other.begin(), other.end());
    }
    insert_anywhere(random, options, std::move(option));
}

const Change changes[] = {
    add_options,        add_long_option,  add_pad,
    change_padding,     junk_behind_end,  no_end,
    add_ip_options,     change_ip_fields, add_trailer,
    add_behind_udp,     change_csum,      change_csum,
    change_source_port, change_hops,      change_flags,
    change_type,        remove_type,      change_hardware,
    change_addresses,   fill_file,        broadcast_mac,
    change_source_mac,  any_station,      bootp_only,
    reshape_option82,   reshape_option82,
};

} // namespace

void vary(Random &random, Recipe &recipe) {
    for (std::size_t left = random.below(5); left > 0; left--)
        random.pick(changes)(random, recipe);
}

} // namespace dhcp46::test
