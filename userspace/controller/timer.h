// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CONTROLLER_TIMER_H
#define DHCP46_CONTROLLER_TIMER_H

#include <chrono>

#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

// A file descriptor that becomes readable when time is up.
class Timer {
  public:
    static Result<Timer> open();

    int fd() const { return fd_.get(); }
    bool is_armed() const { return armed_; }
    void once(std::chrono::milliseconds after);
    void every(std::chrono::milliseconds interval);
    // Call it when readable.
    void drain();

  private:
    explicit Timer(Fd fd) : fd_(std::move(fd)) {}
    void set(std::chrono::milliseconds first, std::chrono::milliseconds interval);

    Fd fd_;
    bool armed_ = false;
    bool repeats_ = false;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_TIMER_H
