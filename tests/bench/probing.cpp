// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "probing.h"

#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <net/if.h>

#include "bench_probes.skel.h"

namespace dhcp46::bench {

void ProbesDeleter::operator()(bench_probes *loaded) const {
    bench_probes__destroy(loaded);
}

Probes load_probes() {
    Probes loaded(bench_probes__open_and_load());

    if (!loaded)
        fail("load the probes", errno);
    return loaded;
}

void fail(std::string_view what, int error) {
    throw std::system_error(error, std::generic_category(), std::string(what));
}

unsigned index_of(const std::string &device) {
    const unsigned index = if_nametoindex(device.c_str());

    if (index == 0)
        fail(fmt::format("device {}", device), errno);
    return index;
}

std::vector<std::uint8_t> from_hex(std::string_view text) {
    std::vector<std::uint8_t> octets(text.size() / 2);

    for (std::size_t i = 0; i < octets.size(); i++) {
        const char *digits = text.data() + 2 * i;
        if (std::from_chars(digits, digits + 2, octets[i], 16).ptr != digits + 2)
            throw std::invalid_argument(fmt::format("no octets in hexadecimal: {}", text));
    }
    return octets;
}

} // namespace dhcp46::bench
