// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Random numbers that are the same everywhere for the same seed (splitmix64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dhcp46::test {

class Random {
  public:
    // Each packet of a run has its own stream, so that it can be made again by itself.
    Random(std::uint64_t seed, std::uint64_t stream) : state_(seed) { state_ = next() ^ stream; }

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
    std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }
    bool percent(unsigned chance) { return below(100) < chance; }
    std::uint8_t octet() { return static_cast<std::uint8_t>(next() >> 32); }
    std::uint16_t word() { return static_cast<std::uint16_t>(next() >> 32); }

    template <typename T, std::size_t N> const T &pick(const T (&choices)[N]) {
        return choices[below(N)];
    }
    void fill(std::span<std::uint8_t> octets) {
        for (std::uint8_t &o : octets)
            o = octet();
    }

  private:
    std::uint64_t state_;
};

} // namespace dhcp46::test
