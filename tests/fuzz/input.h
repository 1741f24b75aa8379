// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A fuzzer's octets, taken from the front.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

namespace dhcp46::test {

class Bytes {
  public:
    Bytes(const std::uint8_t *data, std::size_t size) : left_(data, size) {}

    std::uint8_t octet() {
        if (left_.empty())
            return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    std::span<const std::uint8_t> take(std::size_t most) {
        const auto taken = left_.first(std::min(most, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    std::span<const std::uint8_t> rest() const { return left_; }

  private:
    std::span<const std::uint8_t> left_;
};

// A property that does not hold is a crash to the fuzzer.
inline void require(bool holds, const char *property) {
    if (holds)
        return;
    std::fprintf(stderr, "property does not hold: %s\n", property);
    std::abort();
}

} // namespace dhcp46::test
