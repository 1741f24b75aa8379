// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_CONTROLLER_SIGNALS_H
#define DHCP46_CONTROLLER_SIGNALS_H

#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

// SIGTERM, SIGINT and SIGHUP as something to read. They are blocked from open() on, and SIGPIPE is
// ignored.
class Signals {
  public:
    static Result<Signals> open();

    int fd() const { return fd_.get(); }
    // The next one; 0: there is none.
    int take() const;

  private:
    explicit Signals(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_SIGNALS_H
