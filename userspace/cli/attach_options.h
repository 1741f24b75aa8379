// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The options of `attach` as they were written, and what they mean.
#ifndef DHCP46_CLI_ATTACH_OPTIONS_H
#define DHCP46_CLI_ATTACH_OPTIONS_H

#include <optional>
#include <string>
#include <vector>

#include "instance/spec.h"
#include "util/result.h"

namespace CLI {
class App;
}

namespace dhcp46 {

struct AttachOptions {
    dhcp46_role role = DHCP46_ROLE_NONE;
    std::string name;
    std::vector<std::string> devices; // --dev
    std::vector<std::string> client_devices;
    std::vector<std::string> ipv6_devices;
    std::vector<std::string> server_devices;
    std::vector<std::string> upstreams;
    std::vector<std::string> sources;
    std::vector<std::string> cra_prefixes;
    std::vector<std::string> link_selections;
    std::string server_device;
    std::string giaddr;
    std::string client_source;
    std::string xdp = "auto";
    std::string hops_limit = "16";
    std::string cra6addr = "254";
    std::string giaddr_policy = "replace";
    std::string relay_encapsulation = "off";
    std::optional<std::string> max_links; // none: as they are, or the default
    bool always_broadcast = false;
    bool accept_any_source = false;
};

void add_lcra_options(CLI::App &app, AttachOptions &options);
void add_hcra_options(CLI::App &app, AttachOptions &options);
void add_tra_options(CLI::App &app, AttachOptions &options);
void add_tsv_options(CLI::App &app, AttachOptions &options);

Result<Spec> spec_of(const AttachOptions &options);
Result<std::optional<std::uint32_t>> max_links_of(const AttachOptions &options);

} // namespace dhcp46

#endif // DHCP46_CLI_ATTACH_OPTIONS_H
