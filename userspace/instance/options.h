// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The options of an instance: those of `attach`, and with the same names the keys of an
// [[instance]] in a configuration file. What there is, as it was written, and what it means.
#ifndef DHCP46_INSTANCE_OPTIONS_H
#define DHCP46_INSTANCE_OPTIONS_H

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "instance/spec.h"
#include "util/result.h"

namespace dhcp46 {

struct InstanceOptions {
    dhcp46_role role = DHCP46_ROLE_NONE;
    std::string name;
    std::vector<std::string> devices; // dev
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
    bool always_broadcast = false;
    bool accept_any_source = false;
};

enum class Need { optional, required };

struct OptionRow {
    using Text = std::string InstanceOptions::*;
    using List = std::vector<std::string> InstanceOptions::*; // repeatable
    using Flag = bool InstanceOptions::*;

    const char *name; // without hyphens
    unsigned roles;   // bits 1 << role
    std::variant<Text, List, Flag> value;
    Need need;
    const char *type; // of the value: N is a number, CODE a number or a word
    const char *text;

    bool is_for(dhcp46_role role) const { return (roles >> role & 1) != 0; }
    bool takes_number() const;
    bool takes_text() const;
};

// All of them. A name may stand here more than once, for different roles.
const std::vector<OptionRow> &option_rows();

// What they mean, or all that is wrong with them.
Result<Spec, Problems> spec_of(const InstanceOptions &options);

// The value of an option that is a number within bounds.
Result<unsigned, Problem> parse_number(const char *option, const std::string &text, unsigned lowest,
                                       unsigned highest);
// Room for links of all instances; no option of one.
Result<std::uint32_t, Problem> parse_max_links(const std::string &text);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_OPTIONS_H
