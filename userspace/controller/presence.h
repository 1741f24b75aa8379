// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// That a controller runs for the pins of a bpffs, and where to ask it.
#ifndef DHCP46_CONTROLLER_PRESENCE_H
#define DHCP46_CONTROLLER_PRESENCE_H

#include <functional>
#include <optional>
#include <string>

#include "controller/report.h"
#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

// A directory beside the pins, where only root can make one, locked as long as the process lives,
// however it ends. In it, a link tells the abstract name of a socket, which the kernel chose so
// that nobody can take it beforehand. Whoever may and connects gets one report.
class Presence {
  public:
    // Refuses if another controller is there.
    static Result<Presence> open(const std::string &bpffs);

    Presence(Presence &&) = default;
    Presence &operator=(Presence &&) = default;
    ~Presence();

    int fd() const { return socket_.get(); }
    // Call it when readable. Nothing is asked of us for others than root and ourselves.
    void answer(const std::function<ControllerReport()> &report) const;

  private:
    Presence(std::string bpffs, Fd lock, Fd socket)
        : bpffs_(std::move(bpffs)), lock_(std::move(lock)), socket_(std::move(socket)) {}

    std::string bpffs_;
    Fd lock_;
    Fd socket_;
};

// What the controller of these pins says; none: there is none, or not in this network namespace.
std::optional<ControllerReport> ask_controller(const std::string &bpffs);

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_PRESENCE_H
