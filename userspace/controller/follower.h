// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Lets every instance follow the configuration file and the network, and knows how they are.
#ifndef DHCP46_CONTROLLER_FOLLOWER_H
#define DHCP46_CONTROLLER_FOLLOWER_H

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/desired.h"
#include "controller/report.h"

namespace dhcp46 {

class Follower {
  public:
    // No `desired`: there is no file.
    Follower(std::string bpffs, std::optional<Desired> desired)
        : bpffs_(std::move(bpffs)), desired_(std::move(desired)) {}

    ControllerOptions options() const {
        return desired_ ? desired_->options() : ControllerOptions();
    }
    // Reads the file again. False: it has errors, and all stays as it was.
    bool read_file();
    // Brings every instance in line with the file and the network, each by itself.
    void follow();
    // Whether the route to an upstream leads elsewhere now, where it says which device is the
    // uplink. Asks for these routes alone: a table may have a million others.
    bool have_routes_moved() const;

    std::size_t instances() const { // of the file, or else that can relay
        return desired_ ? desired_->instances().size() : ready_.size();
    }
    std::size_t ready() const { return ready_.size(); }
    std::size_t waiting() const { return waiting_.size(); }
    // Else it is to be tried again, also if nothing is heard.
    bool is_settled() const { return waiting_.empty() && unreadable_.empty(); }
    ControllerReport report();

  private:
    using WaitingMap = std::map<std::string, Waiting>; // by name

    using Running = std::vector<InstanceStatus>;
    using Ways = std::map<Ip6, std::optional<unsigned>>; // devices, by upstream

    void follow_unless_in_file(const InstanceStatus &status, WaitingMap &waiting) const;
    void follow_file(const Running &running, WaitingMap &waiting);
    void take_note(const std::string &name, const char *role, const Result<Followed> &result,
                   WaitingMap &waiting) const;
    void tell_readiness(const Running &running);
    void tell_room();
    std::vector<Drift> drift_of(const Running &running) const;
    Ways ways_by_route(const Running &running) const;
    // None: it cannot be read now, which is logged.
    std::optional<Running> look();

    std::string bpffs_;
    std::optional<Desired> desired_;
    std::string file_error_;
    std::string unreadable_; // why nothing could be read the last time
    WaitingMap waiting_;
    std::set<std::string> ready_;
    std::vector<Drift> drift_;
    Ways ways_;
    std::uint32_t max_links_ = 0; // for how many there is room; 0: nothing of the file is attached
    bool room_told_ = false;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_FOLLOWER_H
