// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_BPF_PIN_WATCH_H
#define DHCP46_BPF_PIN_WATCH_H

#include <string>

#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

// Tells other calls that look at the pins that the maps changed: the kernel tells nobody.
void announce_change(const std::string &directory);

// Tells that pins came or went, or that maps changed by a call of this program.
class PinWatch {
  public:
    static Result<PinWatch> open(const std::string &directory);

    // Readable once something changed since drain().
    int fd() const { return fd_.get(); }
    void drain() const;

  private:
    explicit PinWatch(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

} // namespace dhcp46

#endif // DHCP46_BPF_PIN_WATCH_H
