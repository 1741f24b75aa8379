// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// That a controller runs in this network namespace, and what it is waiting for.
#ifndef DHCP46_CONTROLLER_PRESENCE_H
#define DHCP46_CONTROLLER_PRESENCE_H

#include <optional>
#include <string>
#include <vector>

#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

// An instance that cannot do as it should.
struct Waiting {
    std::string name;
    std::string role;
    std::string why;

    bool operator==(const Waiting &) const = default;
};

// How an instance differs from what the configuration file says.
struct Drift {
    std::string name;
    std::string what;

    bool operator==(const Drift &) const = default;
};

struct ControllerReport {
    int pid = 0;
    std::string file;       // the configuration file; empty: none
    std::string file_error; // what is wrong with it now; empty: nothing
    std::vector<Waiting> waiting;
    std::vector<Drift> drift;
};

// A socket with an abstract name: the kernel has one such name per network namespace, and takes it
// back when the process ends, however it ends. Whoever connects gets one report.
class Presence {
  public:
    // Refuses if another controller is there.
    static Result<Presence> open();

    int fd() const { return fd_.get(); }
    // Call it when readable.
    void answer(const ControllerReport &report) const;

  private:
    explicit Presence(Fd fd) : fd_(std::move(fd)) {}

    Fd fd_;
};

// What the controller of this network namespace says; none: there is none.
std::optional<ControllerReport> ask_controller();

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_PRESENCE_H
