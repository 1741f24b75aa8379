// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/loop.h"

#include <poll.h>

#include <cerrno>
#include <vector>

namespace dhcp46 {

Status Loop::every(std::chrono::milliseconds interval, std::function<void()> task) {
    auto opened = Timer::open();
    if (!opened)
        return opened.error();
    const auto &timer = timers_.emplace_back(std::make_unique<Timer>(*std::move(opened)));
    timer->every(interval);
    watch(timer->fd(), [timer = timer.get(), task = std::move(task)] {
        timer->drain();
        task();
        return Status();
    });
    return {};
}

Status Loop::run() {
    while (!stopped_) {
        std::vector<pollfd> events;
        for (const auto &[fd, handler] : handlers_)
            events.push_back({fd, POLLIN, 0});
        if (poll(events.data(), events.size(), -1) < 0) {
            if (errno == EINTR)
                continue;
            return Error{Exit::runtime, "poll", errno_text(errno)};
        }
        for (const pollfd &event : events) {
            const auto found =
                handlers_.find(event.fd); // an earlier handler may have taken it away
            if (event.revents == 0 || found == handlers_.end() || stopped_)
                continue;
            const Handler handler = found->second; // it may take itself away
            if (auto status = handler(); !status)
                return status;
        }
    }
    return {};
}

} // namespace dhcp46
