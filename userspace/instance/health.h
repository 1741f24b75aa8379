// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Whether an upstream answers. Pure.
#ifndef DHCP46_INSTANCE_HEALTH_H
#define DHCP46_INSTANCE_HEALTH_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "dhcp46/abi.h"

namespace dhcp46 {

// One moment by both clocks: the kernel programs write the one, people read the other.
struct Now {
    std::chrono::nanoseconds monotonic = {};
    std::chrono::nanoseconds unix_time = {};

    static Now read();
};

struct Moment {
    std::chrono::nanoseconds ago = {};
    std::chrono::seconds unix_time = {};
};

struct UpstreamHealth {
    std::uint64_t sent = 0; // packets
    std::uint64_t received = 0;
    std::optional<Moment> last_reply;
    // How long ago it was asked without having replied since, if that is too long.
    std::optional<std::chrono::nanoseconds> silent_for;
};

// A client that hears nothing asks again after 4, 8 and 16 s (RFC 2131 section 4.1), and none waits
// as long as this for an offer.
constexpr std::chrono::seconds silent_after{10};

UpstreamHealth health_of(const std::vector<dhcp46_upstream_stats> &cpus,
                         const dhcp46_upstream_times &times, const Now &now);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_HEALTH_H
