// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The probes, loaded, and what the benchmark programs need around them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct bench_probes; // the skeleton

namespace dhcp46::bench {

struct ProbesDeleter {
    void operator()(bench_probes *loaded) const;
};
using Probes = std::unique_ptr<bench_probes, ProbesDeleter>;

Probes load_probes();

// With the maps of the program under test where a probe has one of the same name.
Probes load_probes(int program);

// Throws what `what` failed with.
[[noreturn]] void fail(std::string_view what, int error);

// The index of a device of this namespace.
unsigned index_of(const std::string &device);

std::vector<std::uint8_t> from_hex(std::string_view text);

} // namespace dhcp46::bench
