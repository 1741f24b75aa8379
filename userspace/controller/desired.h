// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The instances that the configuration file wants, and whether they have been made so.
#ifndef DHCP46_CONTROLLER_DESIRED_H
#define DHCP46_CONTROLLER_DESIRED_H

#include <set>
#include <string>
#include <vector>

#include "bpf/deploy.h"
#include "config/config.h"
#include "instance/status.h"

namespace dhcp46 {

class Desired {
  public:
    explicit Desired(std::string path) : path_(std::move(path)) {}

    // Reads the file (again). With errors, all stays as it was.
    ConfigErrors read();

    const std::string &path() const { return path_; }
    const std::vector<Spec> &instances() const { return config_.instances; }
    const ControllerOptions &options() const { return config_.controller; }
    bool has(const std::string &name) const;

    // Makes an instance of the file so, once after each reading; then lets it follow the network,
    // with what was edited since. `running` is null if it is not attached.
    Result<Followed> bring(const std::string &bpffs, const Spec &spec,
                           const InstanceStatus *running);
    // In words, how it has changed since. Nothing before it has been made so.
    std::vector<std::string> drift(const Spec &spec, const InstanceStatus *running) const;

  private:
    Result<Followed> keep(const std::string &bpffs, const Spec &spec,
                          const InstanceStatus *running) const;

    std::string path_;
    Config config_;
    std::set<std::string> pending_; // names
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_DESIRED_H
