// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <algorithm>

#include "differential/mutate.h"
#include "differential/seeds.h"

namespace dhcp46::test {

namespace {

using Change = void (*)(Random &, Recipe &);

void insert_anywhere(Random &random, std::vector<Option> &options, Option option) {
    const auto place = static_cast<std::ptrdiff_t>(random.below(options.size() + 1));
    options.insert(options.begin() + place, std::move(option));
}

Option *find_option82(Recipe &recipe) {
    for (Option &option : recipe.message.options) {
        if (option.code == 82)
            return &option;
    }
    return nullptr;
}

// Of any length, whether or not it makes sense.
Option any_option82(Random &random, const Recipe &recipe) {
    Option option = make_option82(recipe.target.cra6addr_code, make_cra_address(random));
    if (random.percent(60)) {
        option.value.resize(random.below(30));
        random.fill(option.value);
    }
    return option;
}

void cut_frame(Random &random, Recipe &recipe) {
    recipe.cut_frame = random.between(1, random.percent(50) ? 8 : 300);
}

void change_ip_length(Random &random, Recipe &recipe) {
    static const int changes[] = {-400, -300, -80, -9, -1, 1, 2, 300, 0x8000};
    recipe.ip_length_change = random.pick(changes);
}

void break_ip_csum(Random & /*random*/, Recipe &recipe) {
    recipe.bad_ip_csum = true;
}

void change_udp_length(Random &random, Recipe &recipe) {
    static const int changes[] = {-400, -300, -60, -9, -2, -1, 1, 2, 9, 0x8000};
    recipe.udp_length_change = random.pick(changes);
}

void cut_message(Random &random, Recipe &recipe) {
    recipe.message.cut = random.percent(50) ? random.between(230, 245) : random.below(260);
}

void change_op(Random &random, Recipe &recipe) {
    recipe.message.op =
        random.percent(80) ? static_cast<std::uint8_t>(random.below(6)) : random.octet();
}

void too_many_hops(Random &random, Recipe &recipe) {
    static const std::uint8_t choices[] = {2, 4, 5, 15, 16, 17, 255};
    recipe.message.hops = random.pick(choices);
}

void change_giaddr(Random &random, Recipe &recipe) {
    static const Ip4 own[] = {{{198, 51, 100, 1}}, {{203, 0, 113, 1}}, {{198, 51, 100, 9}}};
    recipe.message.giaddr = random.pick(own);
    if (random.percent(50))
        recipe.message.giaddr = {{10, 0, 0, random.octet()}};
}

void no_cookie(Random & /*random*/, Recipe &recipe) {
    recipe.message.cookie = false;
}

void lie_about_length(Random &random, Recipe &recipe) {
    auto &options = recipe.message.options;
    if (options.empty())
        return;
    Option &option = options[random.below(options.size())];
    option.claimed = random.percent(50)
                         ? static_cast<std::uint8_t>(option.value.size() + random.between(1, 3))
                         : random.octet();
}

void cut_last_option(Random &random, Recipe &recipe) {
    recipe.message.end = false;
    recipe.message.behind_end.clear();
    const std::size_t length = write_message(recipe.message).size();
    recipe.message.cut = length - std::min(length, random.between(1, 4));
}

void add_option82(Random &random, Recipe &recipe) {
    insert_anywhere(random, recipe.message.options, any_option82(random, recipe));
}

void remove_option82(Random & /*random*/, Recipe &recipe) {
    std::erase_if(recipe.message.options, [](const Option &option) { return option.code == 82; });
}

// RFC 3396: one option 82 in two pieces.
void split_option82(Random &random, Recipe &recipe) {
    Option *option = find_option82(recipe);
    if (!option)
        return;
    Option rest = *option;
    const auto place = static_cast<std::ptrdiff_t>(random.below(option->value.size() + 1));
    option->value.erase(option->value.begin() + place, option->value.end());
    rest.value.erase(rest.value.begin(), rest.value.begin() + place);
    insert_anywhere(random, recipe.message.options, std::move(rest));
}

void spoil_suboption(Random &random, Recipe &recipe) {
    Option *option = find_option82(recipe);
    if (!option || option->value.empty())
        return;
    Frame &value = option->value;
    switch (random.below(5)) {
    case 0:
        value[random.below(value.size())] ^= random.octet();
        break;
    case 1: /* CRA6ADDR's length, if it is first */
        value[1 % value.size()] = static_cast<std::uint8_t>(random.below(20));
        break;
    case 2:
        value.resize(random.below(value.size()));
        break;
    case 3:
        value.insert(value.end(), {recipe.target.cra6addr_code, random.octet()});
        break;
    default: /* all of it twice */
        const Frame copy = value;
        value.insert(value.end(), copy.begin(), copy.end());
    }
}

void many_suboptions(Random &random, Recipe &recipe) {
    Option *option = find_option82(recipe);
    if (!option)
        return;
    const std::size_t count = random.between(28, 36);
    for (std::size_t i = 0; i < count; i++)
        option->value.insert(option->value.begin(), {static_cast<std::uint8_t>(60 + i), 0});
}

Ip6 odd_address(Random &random) {
    static const char *const choices[] = {
        "::",
        "::1",
        "::ffff:192.0.2.1",
        "fe80::1",
        "ff02::1",
        "2001:db8:a::1",
        "2001:db8:67::ff",
        "2001:db8:a:bad::1",
        "2001:db8:b::1",
        "fd00:a::5",
        "64:ff9b::1",
        "febf::1",
    };
    return parse_ip6(random.pick(choices)).value_or(Ip6{});
}

void odd_source(Random &random, Recipe &recipe) {
    recipe.source6 = odd_address(random);
    recipe.source4 = {{random.octet(), 1, 2, 3}};
}

void odd_cra6addr(Random &random, Recipe &recipe) {
    Option *option = find_option82(recipe);
    if (option)
        *option = make_option82(recipe.target.cra6addr_code, odd_address(random));
}

void odd_hardware(Random &random, Recipe &recipe) {
    Message &message = recipe.message;
    if (random.percent(50)) {
        message.hlen = static_cast<std::uint8_t>(random.between(15, 255));
    } else {
        message.flags = 0;
        message.chaddr.fill(0);
        message.chaddr[0] = random.percent(50) ? 0 : 1;
    }
}

// Another host's, as an HCRA sees it.
void foreign_client(Random &random, Recipe &recipe) {
    recipe.message.chaddr[random.below(6)] ^=
        static_cast<std::uint8_t>(random.between(1, 255) & 0xfe);
}

void many_options(Random &random, Recipe &recipe) {
    const std::size_t count = random.between(58, 75);
    for (std::size_t i = 0; i < count; i++)
        insert_anywhere(random, recipe.message.options, make_option(random, 3));
}

// Runs of Pad that use up the steps of the walk.
void many_pads(Random &random, Recipe &recipe) {
    const std::size_t count = random.between(60, 120);
    for (std::size_t i = 0; i < count; i++)
        recipe.message.options.push_back({0, Frame(random.between(1, 7)), {}});
}

void fragment(Random &random, Recipe &recipe) {
    static const std::uint16_t choices[] = {0x2000, 0x2001, 0x00b9, 0x1fff, 0x6000, 0x8000};
    recipe.fragment = random.pick(choices);
    if (!recipe.ipv6)
        return;
    Frame body(7);
    body[2] = random.percent(70) ? 1 : random.octet(); /* more fragments; or an offset */
    body[1] = random.percent(80) ? 0 : random.octet();
    recipe.extensions.push_back({44, body});
}

void add_extensions(Random &random, Recipe &recipe) {
    static const std::uint8_t types[] = {0, 43, 60, 60, 44, 51, 50, 135};
    for (std::size_t left = random.between(1, random.percent(80) ? 2 : 9); left > 0; left--) {
        const std::size_t units = random.below(2);
        Frame body(7 + units * 8);
        body[0] = static_cast<std::uint8_t>(units);
        recipe.extensions.push_back({random.pick(types), body});
    }
}

void add_tags(Random &random, Recipe &recipe) {
    static const std::uint16_t types[] = {0x8100, 0x8100, 0x88a8};
    for (std::size_t left = random.between(1, random.percent(90) ? 2 : 3); left > 0; left--)
        recipe.tags.push_back(random.pick(types));
}

void other_station(Random &random, Recipe &recipe) {
    recipe.destination[random.between(0, 5)] ^= 4;
}

void other_traffic(Random &random, Recipe &recipe) {
    switch (random.below(4)) {
    case 0:
        recipe.destination_port = random.percent(50) ? 68 : random.word();
        break;
    case 1:
        recipe.protocol = random.octet();
        break;
    case 2:
        recipe.ether_type = random.percent(50) ? 0x86dd : random.word();
        break;
    default:
        recipe.version_and_ihl = random.octet();
    }
}

void other_destination(Random &random, Recipe &recipe) {
    recipe.destination4.octets[random.below(4)] ^= random.octet();
    recipe.destination6.octets[random.below(16)] ^= random.octet();
}

void zero_csum(Random & /*random*/, Recipe &recipe) {
    recipe.csum = Csum::none;
}

// Fills the message up to `length` octets, End included.
void fill_to(Random &random, Recipe &recipe, std::size_t length) {
    Message &message = recipe.message;
    message.behind_end.clear();
    message.cut.reset();
    while (write_message(message).size() + 2 <= length) {
        const std::size_t left = length - write_message(message).size() - 2;
        Option option = make_option(random, 0);
        option.value.resize(std::min<std::size_t>(left, 255));
        random.fill(option.value);
        message.options.push_back(std::move(option));
    }
}

void near_egress_mtu(Random &random, Recipe &recipe) {
    const std::size_t headers = recipe.ipv6 ? 28 : 48; /* of what leaves */
    fill_to(random, recipe, recipe.target.out_mtu - headers - 24 + random.below(30));
}

void near_ingress_mtu(Random &random, Recipe &recipe) {
    const std::size_t headers = recipe.ipv6 ? 48 : 28;
    fill_to(random, recipe, 1500 - headers - random.below(30));
}

void duplicate_option(Random &random, Recipe &recipe) {
    auto &options = recipe.message.options;
    if (!options.empty())
        insert_anywhere(random, options, Option(options[random.below(options.size())]));
}

void drop_option(Random &random, Recipe &recipe) {
    auto &options = recipe.message.options;
    if (!options.empty())
        options.erase(options.begin() + static_cast<std::ptrdiff_t>(random.below(options.size())));
}

void flip_octets(Random &random, Recipe &recipe) {
    const bool in_headers = random.percent(40);
    for (std::size_t left = random.between(1, 4); left > 0; left--)
        recipe.flips.emplace_back(in_headers ? random.below(70) : random.below(1514),
                                  random.octet());
}

const Change changes[] = {
    cut_frame,        change_ip_length,  break_ip_csum,   change_udp_length, cut_message,
    change_op,        too_many_hops,     change_giaddr,   no_cookie,         lie_about_length,
    cut_last_option,  add_option82,      remove_option82, split_option82,    spoil_suboption,
    many_suboptions,  odd_source,        odd_cra6addr,    odd_hardware,      many_options,
    many_pads,        fragment,          add_extensions,  add_tags,          other_station,
    other_traffic,    other_destination, zero_csum,       near_egress_mtu,   near_ingress_mtu,
    duplicate_option, drop_option,       flip_octets,     flip_octets,       foreign_client,
};

} // namespace

void spoil(Random &random, Recipe &recipe) {
    for (std::size_t left = random.percent(80) ? 1 : random.between(2, 3); left > 0; left--)
        random.pick(changes)(random, recipe);
}

} // namespace dhcp46::test
