// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// IPv4, IPv6 and MAC addresses as octets in network order, as the maps hold them.
#ifndef DHCP46_UTIL_ADDRESS_H
#define DHCP46_UTIL_ADDRESS_H

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace dhcp46 {

// The check that is left out takes the 0 of a rewritten comparison for a pointer (clang-tidy 14).
struct Ip4 {
    std::array<std::uint8_t, 4> octets = {};
    auto operator<=>(const Ip4 &) const = default; // NOLINT(modernize-use-nullptr)
    bool is_set() const { return *this != Ip4{}; }
};

struct Ip6 {
    std::array<std::uint8_t, 16> octets = {};
    auto operator<=>(const Ip6 &) const = default; // NOLINT(modernize-use-nullptr)
    bool is_set() const { return *this != Ip6{}; }
};

struct Mac {
    std::array<std::uint8_t, 6> octets = {};
    auto operator<=>(const Mac &) const = default; // NOLINT(modernize-use-nullptr)
};

struct Prefix6 {
    Ip6 address;
    unsigned length = 0;
    auto operator<=>(const Prefix6 &) const = default; // NOLINT(modernize-use-nullptr)
};

enum class Ip6Kind {
    unspecified,
    loopback,
    multicast,
    link_local,
    v4_mapped,
    unique_local,
    global, // every other unicast address
};

std::optional<Ip4> parse_ip4(const std::string &text);
std::optional<Ip6> parse_ip6(const std::string &text);
std::optional<Prefix6> parse_prefix6(const std::string &text); // host bits must be zero

bool contains(const Prefix6 &outer, const Prefix6 &inner);

std::string to_string(const Ip4 &address);
std::string to_string(const Ip6 &address);
std::string to_string(const Mac &address);
std::string to_string(const Prefix6 &prefix);

Ip6Kind kind_of(const Ip6 &address);
const char *kind_name(Ip6Kind kind);
// What a CRA or TRA may use on the IPv6 side: global or unique-local unicast (E-34).
bool is_usable(const Ip6 &address);
// A unicast address that a DHCPv4 server or relay can have: not 0/8, 127/8, 224/4, 240/4.
bool is_usable(const Ip4 &address);

Ip6 v4_mapped(const Ip4 &address);
Ip4 from_v4_mapped(const Ip6 &address);

// Between octets and the ABI's C arrays.
template <typename T, std::size_t N> T from_array(const std::uint8_t (&array)[N]) {
    T value;
    static_assert(sizeof(value.octets) == N);
    std::memcpy(value.octets.data(), array, N);
    return value;
}
template <typename T, std::size_t N> void to_array(std::uint8_t (&array)[N], const T &value) {
    static_assert(sizeof(value.octets) == N);
    std::memcpy(array, value.octets.data(), N);
}

} // namespace dhcp46

#endif // DHCP46_UTIL_ADDRESS_H
