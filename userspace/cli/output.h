// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the read commands print. Text is for people and may change; JSON is a contract.
#ifndef DHCP46_CLI_OUTPUT_H
#define DHCP46_CLI_OUTPUT_H

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bpf/inspect.h"
#include "config/config.h"
#include "controller/presence.h"
#include "instance/simulation.h"
#include "instance/status.h"
#include "util/result.h"

namespace dhcp46 {

nlohmann::ordered_json status_json(const std::vector<InstanceStatus> &instances,
                                   const std::optional<ControllerReport> &controller = {});
nlohmann::ordered_json stats_json(const std::vector<InstanceStats> &instances);
nlohmann::ordered_json upstreams_json(const InstanceStatus &instance);

std::string status_text(const std::vector<InstanceStatus> &instances);
std::string controller_text(const std::optional<ControllerReport> &controller);
std::string stats_text(const std::vector<InstanceStats> &instances);
// What `wait` tells of an instance.
std::string waiting_text(const InstanceStatus &instance);
std::string upstreams_text(const InstanceStatus &instance);

nlohmann::ordered_json simulation_json(const Simulation &simulation);
std::string simulation_text(const Simulation &simulation);

nlohmann::ordered_json check_json(const std::string &file,
                                  const Result<Config, ConfigErrors> &config);
std::string check_text(const std::string &file, const Config &config);
std::string config_errors_text(const ConfigErrors &errors);

std::string error_text(const Error &error);

// What was printed may not have got there: a full disk, a closed pipe.
Status check_written(std::FILE *stream);

} // namespace dhcp46

#endif // DHCP46_CLI_OUTPUT_H
