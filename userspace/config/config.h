// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The configuration file: the instances of this host, and the controller's own options.
#ifndef DHCP46_CONFIG_CONFIG_H
#define DHCP46_CONFIG_CONFIG_H

#include <optional>
#include <string>
#include <vector>

#include "instance/spec.h"
#include "observe/log_options.h"
#include "util/result.h"

namespace dhcp46 {

// Where metrics are served by HTTP.
struct MetricsEndpoint {
    std::string path; // of a unix socket; empty: TCP
    Ip6 address;      // IPv4 as v4-mapped
    std::uint16_t port = 0;

    bool operator==(const MetricsEndpoint &) const = default;
};

struct ControllerOptions {
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    std::optional<MetricsEndpoint> metrics;
    std::optional<std::uint32_t> max_links; // none: as they are, or the default
};

struct Config {
    std::vector<Spec> instances; // in the order of the file
    ControllerOptions controller;
};

// Where something is wrong in the file, from 1; line 0: with the file as a whole.
struct ConfigError {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
    std::string what; // a key, often with its value; empty: TOML itself
    std::string why;
    std::string hint;
};
using ConfigErrors = std::vector<ConfigError>; // in the order of the file

Error error_of(const ConfigError &error);

// All that is wrong, if anything is. `name` is the file's.
Result<Config, ConfigErrors> parse_config(const std::string &text, const std::string &name);
Result<Config, ConfigErrors> load_config(const std::string &path);

} // namespace dhcp46

#endif // DHCP46_CONFIG_CONFIG_H
