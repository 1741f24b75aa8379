// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "util/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace dhcp46 {

std::optional<Ip4> parse_ip4(const std::string &text) {
    Ip4 address;
    if (inet_pton(AF_INET, text.c_str(), address.octets.data()) != 1)
        return std::nullopt;
    return address;
}

std::optional<Ip6> parse_ip6(const std::string &text) {
    Ip6 address;
    if (inet_pton(AF_INET6, text.c_str(), address.octets.data()) != 1)
        return std::nullopt;
    return address;
}

static Ip6 first_bits(const Ip6 &address, unsigned length) {
    Ip6 network = address;
    for (unsigned bit = length; bit < 128; bit++)
        network.octets[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
    return network;
}

bool contains(const Prefix6 &outer, const Prefix6 &inner) {
    return inner.length >= outer.length && first_bits(inner.address, outer.length) == outer.address;
}

std::optional<Prefix6> parse_prefix6(const std::string &text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos)
        return std::nullopt;
    const auto address = parse_ip6(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    Prefix6 prefix{*address, 0};
    const char *begin = text.data() + slash + 1;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(begin, end, prefix.length);
    if (parsed.ec != std::errc{} || parsed.ptr != end || prefix.length > 128)
        return std::nullopt;
    if (first_bits(prefix.address, prefix.length) != prefix.address)
        return std::nullopt;
    return prefix;
}

std::string to_string(const Ip4 &address) {
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, address.octets.data(), text, sizeof(text));
    return text;
}

std::string to_string(const Ip6 &address) {
    char text[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, address.octets.data(), text, sizeof(text));
    return text;
}

std::string to_string(const Mac &address) {
    const auto &o = address.octets;
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", o[0], o[1], o[2], o[3], o[4],
                       o[5]);
}

std::string to_string(const Prefix6 &prefix) {
    return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

Ip6Kind kind_of(const Ip6 &address) {
    const auto &o = address.octets;
    const bool first_ten_zero = std::all_of(o.begin(), o.begin() + 10, [](auto x) { return !x; });
    if (first_ten_zero && o[10] == 0xff && o[11] == 0xff)
        return Ip6Kind::v4_mapped;
    if (!address.is_set())
        return Ip6Kind::unspecified;
    if (std::all_of(o.begin(), o.begin() + 15, [](auto x) { return !x; }) && o[15] == 1)
        return Ip6Kind::loopback;
    if (o[0] == 0xff)
        return Ip6Kind::multicast;
    if (o[0] == 0xfe && (o[1] & 0xc0) == 0x80)
        return Ip6Kind::link_local;
    if ((o[0] & 0xfe) == 0xfc)
        return Ip6Kind::unique_local;
    return Ip6Kind::global;
}

const char *kind_name(Ip6Kind kind) {
    switch (kind) {
    case Ip6Kind::unspecified:
        return "the unspecified address";
    case Ip6Kind::loopback:
        return "the loopback address";
    case Ip6Kind::multicast:
        return "a multicast address";
    case Ip6Kind::link_local:
        return "a link-local address";
    case Ip6Kind::v4_mapped:
        return "an IPv4-mapped address";
    case Ip6Kind::unique_local:
        return "a unique-local address";
    case Ip6Kind::global:
        return "a global address";
    }
    return "an address";
}

bool is_usable(const Ip6 &address) {
    const Ip6Kind kind = kind_of(address);
    return kind == Ip6Kind::global || kind == Ip6Kind::unique_local;
}

bool is_usable(const Ip4 &address) {
    const std::uint8_t first = address.octets[0];
    return first != 0 && first != 127 && first < 224;
}

Ip6 v4_mapped(const Ip4 &address) {
    Ip6 mapped;
    mapped.octets[10] = mapped.octets[11] = 0xff;
    std::copy(address.octets.begin(), address.octets.end(), mapped.octets.begin() + 12);
    return mapped;
}

Ip4 from_v4_mapped(const Ip6 &address) {
    Ip4 plain;
    std::copy(address.octets.begin() + 12, address.octets.end(), plain.octets.begin());
    return plain;
}

} // namespace dhcp46
