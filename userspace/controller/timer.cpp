// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace dhcp46 {

static timespec to_timespec(std::chrono::milliseconds time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    const std::chrono::nanoseconds rest = time - seconds;
    return {static_cast<time_t>(seconds.count()), static_cast<long>(rest.count())};
}

Result<Timer> Timer::open() {
    Fd fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!fd)
        return Error{Exit::runtime, "timerfd", errno_text(errno)};
    return Timer(std::move(fd));
}

void Timer::set(std::chrono::milliseconds first, std::chrono::milliseconds interval) {
    const itimerspec when = {to_timespec(interval), to_timespec(first)};
    timerfd_settime(fd_.get(), 0, &when, nullptr);
    armed_ = true;
    repeats_ = interval.count() != 0;
}

void Timer::once(std::chrono::milliseconds after) {
    set(after, {});
}

void Timer::every(std::chrono::milliseconds interval) {
    set(interval, interval);
}

void Timer::drain() {
    std::uint64_t times = 0;
    if (read(fd_.get(), &times, sizeof(times)) == static_cast<ssize_t>(sizeof(times)))
        armed_ = repeats_;
}

} // namespace dhcp46
