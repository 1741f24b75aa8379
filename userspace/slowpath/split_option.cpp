// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/split_option.h"

#include <algorithm>

#include "dhcp46/wire.h"

namespace dhcp46 {

namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t longest = 255; // of an option's value

struct Options {
    Octets others; // all but option 82, Pads too, to End
    Octets value;  // of option 82, pieces joined
    Octets behind; // what stands behind End
};

void append(Octets &to, std::span<const std::uint8_t> octets) {
    to.insert(to.end(), octets.begin(), octets.end());
}

Options take_apart(std::span<const std::uint8_t> field) {
    Options options;
    while (!field.empty() && field[0] != OPTION_END) {
        const std::size_t size =
            field[0] == OPTION_PAD ? 1 : std::min<std::size_t>(field.size(), 2u + field[1]);
        if (field[0] == OPTION_RELAY_AGENT)
            append(options.value, field.subspan(2, size - 2));
        else
            append(options.others, field.first(size));
        field = field.subspan(size);
    }
    if (!field.empty())
        append(options.behind, field.subspan(1));
    return options;
}

// A list that does not end where the value does is left so, for the core to refuse.
Octets only(std::uint8_t code, std::span<const std::uint8_t> value) {
    Octets kept;
    while (value.size() >= 2) {
        const std::size_t size = std::min<std::size_t>(value.size(), 2u + value[1]);
        const bool is_cut = size < 2u + value[1];
        if (value[0] == code || is_cut)
            append(kept, value.first(size));
        value = value.subspan(size);
    }
    append(kept, value);
    return kept;
}

} // namespace

std::vector<std::uint8_t> join_option82(std::span<const std::uint8_t> message, std::uint8_t code) {
    Options options = take_apart(message.subspan(BOOTP_OPTIONS));
    if (options.value.size() > longest)
        options.value = only(code, options.value);
    // Still too long: it has more than one CRA6ADDR, and so have its first octets.
    options.value.resize(std::min(options.value.size(), longest));

    Octets joined(message.begin(), message.begin() + BOOTP_OPTIONS);
    append(joined, options.others);
    joined.push_back(OPTION_RELAY_AGENT);
    joined.push_back(static_cast<std::uint8_t>(options.value.size()));
    append(joined, options.value);
    joined.push_back(OPTION_END);
    append(joined, options.behind);
    joined.resize(message.size());
    return joined;
}

} // namespace dhcp46
