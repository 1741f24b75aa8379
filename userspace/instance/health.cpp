// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/health.h"

#include <algorithm>

namespace dhcp46 {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;

Now Now::read() {
    return {std::chrono::steady_clock::now().time_since_epoch(),
            std::chrono::system_clock::now().time_since_epoch()};
}

// The kernel's clock may be a moment ahead of what was read before.
static nanoseconds since(std::uint64_t then, const Now &now) {
    return std::max(now.monotonic - nanoseconds(then), nanoseconds(0));
}

UpstreamHealth health_of(const std::vector<dhcp46_upstream_stats> &cpus,
                         const dhcp46_upstream_times &times, const Now &now) {
    UpstreamHealth health;
    for (const dhcp46_upstream_stats &cpu : cpus) {
        health.sent += cpu.sent;
        health.received += cpu.received;
    }
    if (times.reply_ns != 0) {
        const nanoseconds ago = since(times.reply_ns, now);
        health.last_reply = {ago, duration_cast<seconds>(now.unix_time - ago)};
    }
    if (times.asked_ns > times.reply_ns && since(times.asked_ns, now) >= silent_after)
        health.silent_for = since(times.asked_ns, now);
    return health;
}

} // namespace dhcp46
