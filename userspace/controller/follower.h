// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Lets every instance follow the configuration file and the network, and knows how they are.
#ifndef DHCP46_CONTROLLER_FOLLOWER_H
#define DHCP46_CONTROLLER_FOLLOWER_H

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/desired.h"
#include "controller/presence.h"

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

    std::size_t instances() const { // of the file, or else that can relay
        return desired_ ? desired_->instances().size() : ready_.size();
    }
    std::size_t ready() const { return ready_.size(); }
    // Instances that cannot be as they should, and are to be tried again.
    std::size_t waiting() const { return waiting_.size(); }
    ControllerReport report() const;

  private:
    using WaitingMap = std::map<std::string, Waiting>; // by name

    void follow_unless_in_file(const InstanceStatus &status, WaitingMap &waiting) const;
    void follow_file(const std::vector<InstanceStatus> &running, WaitingMap &waiting);
    void take_note(const std::string &name, const char *role, const Result<Followed> &result,
                   WaitingMap &waiting) const;
    void tell_readiness();
    std::vector<InstanceStatus> look() const;

    std::string bpffs_;
    std::optional<Desired> desired_;
    std::string file_error_;
    WaitingMap waiting_;
    std::set<std::string> ready_;
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_FOLLOWER_H
