// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/recipe.h"

#include <algorithm>

namespace dhcp46::test {

namespace {

void put(Frame &out, std::span<const std::uint8_t> octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

void put16(Frame &out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

void set16(Frame &out, std::size_t offset, std::uint32_t value) {
    out[offset] = static_cast<std::uint8_t>(value >> 8);
    out[offset + 1] = static_cast<std::uint8_t>(value);
}

void put_option(Frame &out, const Option &option) {
    if (option.code == 0) {
        put(out, option.value);
        return;
    }
    out.push_back(option.code);
    out.push_back(option.claimed.value_or(static_cast<std::uint8_t>(option.value.size())));
    put(out, option.value);
}

// By octets, unlike the product's sums.
std::uint32_t sum_of(std::span<const std::uint8_t> octets, std::uint32_t sum) {
    for (std::size_t i = 0; i < octets.size(); i++)
        sum += i % 2 ? octets[i] : static_cast<std::uint32_t>(octets[i] << 8);
    return sum;
}

std::uint16_t fold(std::uint32_t sum) {
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

std::uint32_t pseudo_sum(const Recipe &recipe, std::uint32_t udp_length) {
    std::uint32_t sum = 17 + udp_length;
    if (recipe.ipv6)
        return sum_of(recipe.destination6.octets, sum_of(recipe.source6.octets, sum));
    return sum_of(recipe.destination4.octets, sum_of(recipe.source4.octets, sum));
}

std::uint16_t csum_field(const Recipe &recipe, const Frame &udp, std::uint32_t udp_length) {
    const std::uint32_t pseudo = pseudo_sum(recipe, udp_length);
    const std::size_t covered = std::min<std::size_t>(udp.size(), udp_length);
    const auto sum = fold(sum_of(std::span(udp).first(covered), pseudo));
    const auto good = static_cast<std::uint16_t>(sum == 0xffff ? 0xffff : ~sum);

    switch (recipe.csum) {
    case Csum::good:
        return good;
    case Csum::none:
        return 0;
    case Csum::partial:
        return fold(pseudo);
    case Csum::wrong:
        return static_cast<std::uint16_t>(good ^ (1 + recipe.message.xid % 0xfffe));
    case Csum::all_ones:
        break;
    }
    return 0xffff;
}

Frame write_udp(const Recipe &recipe) {
    const Frame message = write_message(recipe.message);
    const auto length =
        static_cast<std::uint16_t>(static_cast<int>(message.size()) + 8 + recipe.udp_length_change);
    Frame out;

    put16(out, recipe.source_port);
    put16(out, recipe.destination_port);
    put16(out, length);
    put16(out, 0);
    put(out, message);
    set16(out, 6, csum_field(recipe, out, length));
    put(out, recipe.behind_udp);
    return out;
}

void put_ipv4(Frame &out, const Recipe &recipe, const Frame &udp) {
    const std::size_t header = 20 + recipe.ip_options.size();
    Frame ip;

    ip.push_back(recipe.version_and_ihl.value_or(static_cast<std::uint8_t>(0x40 + header / 4)));
    ip.push_back(recipe.tos);
    put16(ip, static_cast<std::size_t>(static_cast<int>(header + udp.size()) +
                                       recipe.ip_length_change));
    put16(ip, recipe.message.xid);
    put16(ip, recipe.fragment);
    ip.push_back(recipe.ttl);
    ip.push_back(recipe.protocol);
    put16(ip, 0);
    put(ip, recipe.source4.octets);
    put(ip, recipe.destination4.octets);
    put(ip, recipe.ip_options);
    set16(ip, 10, static_cast<std::uint16_t>(~fold(sum_of(ip, 0))));
    if (recipe.bad_ip_csum)
        ip[10] ^= 0x40;
    put(out, ip);
    put(out, udp);
}

void put_ipv6(Frame &out, const Recipe &recipe, const Frame &udp) {
    Frame payload;
    for (std::size_t i = 0; i < recipe.extensions.size(); i++) {
        const bool last = i + 1 == recipe.extensions.size();
        payload.push_back(last ? recipe.protocol : recipe.extensions[i + 1].type);
        put(payload, recipe.extensions[i].body);
    }
    put(payload, udp);

    const std::uint8_t version = recipe.version_and_ihl.value_or(0x60);
    out.push_back(static_cast<std::uint8_t>((version & 0xf0) | recipe.tos >> 4));
    out.push_back(static_cast<std::uint8_t>(recipe.tos << 4));
    put16(out, recipe.message.xid);
    put16(out,
          static_cast<std::size_t>(static_cast<int>(payload.size()) + recipe.ip_length_change));
    out.push_back(recipe.extensions.empty() ? recipe.protocol : recipe.extensions.front().type);
    out.push_back(recipe.ttl);
    put(out, recipe.source6.octets);
    put(out, recipe.destination6.octets);
    put(out, payload);
}

} // namespace

Frame write_message(const Message &m) {
    Frame out = {m.op, m.htype, m.hlen, m.hops};
    put16(out, m.xid >> 16);
    put16(out, m.xid);
    put16(out, 0);
    put16(out, m.flags);
    for (const Ip4 &address : {m.ciaddr, m.yiaddr, m.siaddr, m.giaddr})
        put(out, address.octets);
    put(out, m.chaddr);
    out.resize(236, m.file);
    if (m.cookie) {
        put16(out, 0x6382);
        put16(out, 0x5363);
    }
    for (const Option &option : m.options)
        put_option(out, option);
    if (m.end)
        out.push_back(255);
    put(out, m.behind_end);
    if (m.cut)
        out.resize(std::min(out.size(), *m.cut));
    return out;
}

Frame write_frame(const Recipe &recipe) {
    Frame out;

    put(out, recipe.destination);
    put(out, recipe.source);
    for (std::uint16_t tag : recipe.tags) {
        put16(out, tag);
        put16(out, 7);
    }
    put16(out, recipe.ether_type.value_or(recipe.ipv6 ? 0x86dd : 0x0800));
    if (recipe.ipv6)
        put_ipv6(out, recipe, write_udp(recipe));
    else
        put_ipv4(out, recipe, write_udp(recipe));
    put(out, recipe.trailer);

    /* Shorter frames are refused by a test run, not by the programs. */
    constexpr std::size_t least = 14 + 40 + 8;
    constexpr std::size_t most = 1518;
    const std::size_t left = out.size() - std::min(out.size(), recipe.cut_frame);
    out.resize(std::clamp(left, least, most));
    for (const auto &[offset, bits] : recipe.flips)
        out[offset % out.size()] ^= bits;
    return out;
}

} // namespace dhcp46::test
