// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// One thread that waits for whatever happens next.
#ifndef DHCP46_CONTROLLER_LOOP_H
#define DHCP46_CONTROLLER_LOOP_H

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "controller/timer.h"
#include "util/result.h"

namespace dhcp46 {

class Loop {
  public:
    using Handler = std::function<Status()>;

    // Calls `handler` whenever `fd` is readable. A handler that fails ends the loop with its error.
    void watch(int fd, Handler handler) { handlers_[fd] = std::move(handler); }
    void unwatch(int fd) { handlers_.erase(fd); }
    // Calls `task` again and again, the first time after `interval`.
    Status every(std::chrono::milliseconds interval, std::function<void()> task);

    // Returns after stop(), or with what a handler failed with.
    Status run();
    void stop() { stopped_ = true; }

  private:
    std::map<int, Handler> handlers_; // by fd
    std::vector<std::unique_ptr<Timer>> timers_;
    bool stopped_ = false;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_LOOP_H
