// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/spec.h"

#include <net/if.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

namespace dhcp46 {

bool is_cra(dhcp46_role role) {
    return role == DHCP46_ROLE_LCRA || role == DHCP46_ROLE_HCRA;
}

const char *role_name(dhcp46_role role) {
    switch (role) {
    case DHCP46_ROLE_LCRA:
        return "lcra";
    case DHCP46_ROLE_HCRA:
        return "hcra";
    case DHCP46_ROLE_TRA:
        return "tra";
    case DHCP46_ROLE_TSV:
        return "tsv";
    case DHCP46_ROLE_NONE:
        break;
    }
    return "none";
}

const char *side_name(dhcp46_side side) {
    switch (side) {
    case DHCP46_SIDE_CLIENT:
        return "client";
    case DHCP46_SIDE_IPV6:
        return "ipv6";
    case DHCP46_SIDE_SERVER:
        return "server";
    case DHCP46_SIDE_NONE:
        break;
    }
    return "none";
}

const char *xdp_mode_name(dhcp46_xdp_mode mode) {
    switch (mode) {
    case DHCP46_XDP_AUTO:
        return "auto";
    case DHCP46_XDP_NATIVE:
        return "native";
    case DHCP46_XDP_OFF:
        return "off";
    }
    return "unknown";
}

const char *origin_name(dhcp46_origin origin) {
    switch (origin) {
    case DHCP46_ORIGIN_BPFTOOL:
        return "bpftool";
    case DHCP46_ORIGIN_CLI:
        return "cli";
    case DHCP46_ORIGIN_FILE:
        return "file";
    case DHCP46_ORIGIN_HOOK:
        return "hook";
    }
    return "unknown";
}

const char *giaddr_policy_name(unsigned policy) {
    switch (policy) {
    case DHCP46_GIADDR_REPLACE:
        return "replace";
    case DHCP46_GIADDR_DROP:
        return "drop";
    case DHCP46_GIADDR_ENCAP:
        return "encap";
    default:
        return "unknown";
    }
}

const char *suboption_name(unsigned code) {
    static const std::map<unsigned, const char *> names = {
        {circuit_id_code, "Agent Circuit ID"},
        {2, "Agent Remote ID"},
        {3, "the reserved code 3"},
        {4, "DOCSIS Device Class"},
        {link_selection_code, "Link Selection"},
        {6, "Subscriber-ID"},
        {7, "RADIUS Attributes"},
        {8, "Authentication"},
        {9, "Vendor-Specific Information"},
        {10, "Relay Agent Flags"},
        {11, "Server Identifier Override"},
        {12, "Relay Agent Identifier"},
        {13, "Access-Technology-Type"},
        {14, "Access-Network-Name"},
        {15, "Access-Point-Name"},
        {16, "Access-Point-BSSID"},
        {17, "Operator-Identifier"},
        {18, "Operator-Realm"},
        {19, "DHCPv4 Relay Source Port"},
        {150, "the Link Selection of before RFC 3527"},
        {151, "Virtual Subnet Selection"},
        {152, "Virtual Subnet Selection Control"},
    };
    const auto found = names.find(code);
    return found == names.end() ? nullptr : found->second;
}

bool is_valid_name(const std::string &name) {
    return !name.empty() && name.size() < DHCP46_NAME_SIZE &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

static Error invalid(std::string what, std::string why, std::string hint) {
    return {Exit::config, std::move(what), std::move(why), std::move(hint)};
}

std::string upstream_text(dhcp46_role role, const Ip6 &address) {
    if (!is_cra(role) && kind_of(address) == Ip6Kind::v4_mapped)
        return to_string(from_v4_mapped(address));
    return to_string(address);
}

Status validate_upstream(dhcp46_role role, const Ip6 &address) {
    const std::string text = upstream_text(role, address);
    if (is_cra(role)) {
        if (is_usable(address))
            return {};
        return invalid(fmt::format("upstream {}", text),
                       fmt::format("it is {}", kind_name(kind_of(address))),
                       "give the global or unique-local unicast address of the TSV or TRA");
    }
    if (kind_of(address) == Ip6Kind::v4_mapped && is_usable(from_v4_mapped(address)))
        return {};
    return invalid(fmt::format("server {}", text), "it is no unicast IPv4 address of a server",
                   "give the IPv4 address of the DHCPv4 server");
}

Result<Ip6> parse_upstream(dhcp46_role role, const std::string &text) {
    std::optional<Ip6> address;
    if (is_cra(role)) {
        address = parse_ip6(text);
        if (!address)
            return invalid(fmt::format("upstream {}", text), "it is no IPv6 address",
                           "give the IPv6 address of the TSV or TRA, without prefix or zone");
    } else {
        const auto plain = parse_ip4(text);
        if (!plain)
            return invalid(fmt::format("server {}", text), "it is no IPv4 address",
                           "give the IPv4 address of the DHCPv4 server");
        address = v4_mapped(*plain);
    }
    if (auto status = validate_upstream(role, *address); !status)
        return status.error();
    return *address;
}

static Status validate_devices(const std::vector<std::string> &devices, const char *option) {
    const std::set<std::string> unique(devices.begin(), devices.end());
    if (unique.size() != devices.size())
        return invalid(option, "a device is named twice", "name each device once");
    return {};
}

static Status validate_source(const Spec &spec, const SourceOption &source) {
    const std::string what = fmt::format("--source {}", to_string(source.address));
    if (!is_usable(source.address))
        return invalid(what, fmt::format("it is {}", kind_name(kind_of(source.address))),
                       "a source is a global or unique-local unicast address of this host");
    if (spec.role != DHCP46_ROLE_LCRA) {
        if (source.device.empty())
            return {};
        return invalid(what, "only an lcra has an IPv6 address for each device",
                       "give --source V6ADDR without a device");
    }
    if (source.device.empty() && spec.client_devices.size() != 1)
        return invalid(what, "there are several client links, and each needs its own source",
                       "say which with --source DEV=V6ADDR");
    const auto &devices = spec.client_devices;
    if (!source.device.empty() &&
        std::find(devices.begin(), devices.end(), source.device) == devices.end())
        return invalid(what, fmt::format("{} is no --client-dev of {}", source.device, spec.name),
                       "name one of the client devices");
    return {};
}

static Status validate_sources(const Spec &spec) {
    std::set<std::string> devices;
    for (const SourceOption &source : spec.sources) {
        if (auto status = validate_source(spec, source); !status)
            return status;
        const bool only_link = spec.role == DHCP46_ROLE_LCRA && source.device.empty();
        if (!devices.insert(only_link ? spec.client_devices.front() : source.device).second)
            return invalid("--source", "given more than once for one link", "give one address");
    }
    return {};
}

static Status validate_upstreams(const Spec &spec) {
    const bool cra = is_cra(spec.role);
    const char *option = cra ? "--upstream" : "--server";
    if (spec.upstreams.empty())
        return invalid(option, "none is given", fmt::format("give {} ADDR", option));
    if (spec.role == DHCP46_ROLE_TSV && spec.upstreams.size() > 1)
        return invalid(option, "a tsv has one server, which is on this host", "give one --server");
    if (spec.upstreams.size() > DHCP46_UPSTREAM_SLOTS)
        return invalid(option, fmt::format("{} are given", spec.upstreams.size()),
                       fmt::format("give at most {}", static_cast<int>(DHCP46_UPSTREAM_SLOTS)));
    for (const Ip6 &upstream : spec.upstreams) {
        if (auto status = validate_upstream(spec.role, upstream); !status)
            return status;
        if (std::count(spec.upstreams.begin(), spec.upstreams.end(), upstream) > 1)
            return invalid(fmt::format("{} {}", option, upstream_text(spec.role, upstream)),
                           "it is given twice", "name each once: each gets one copy");
    }
    return {};
}

// R-CRA-21
static Status validate_one_link(const Spec &spec) {
    if (spec.role != DHCP46_ROLE_HCRA || spec.client_devices.size() == 1)
        return {};
    return invalid("--dev", "an hcra serves one link",
                   "give one --dev, and each link an instance of its own");
}

// As the kernel has it (dev_valid_name), and none of the names that sysctl keeps for itself.
static bool is_device_name(const std::string &name) {
    return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
           name != "all" && name != "default" &&
           std::none_of(name.begin(), name.end(), [](unsigned char c) {
               return c == '/' || c == ':' || c == '%' || std::isspace(c);
           });
}

// R-TSV-6: without an address of its own for clients to renew at, it is no server.
static Status validate_server_link(const Spec &spec) {
    if (spec.role != DHCP46_ROLE_TSV)
        return {};
    if (!spec.giaddr)
        return invalid(
            "--giaddr", "none is given",
            "give an IPv4 address that no device has; the server chooses a subnet by it");
    if (v4_mapped(*spec.giaddr) == spec.upstreams.front())
        return invalid(fmt::format("--giaddr {}", to_string(*spec.giaddr)),
                       "it is the server's address, too",
                       "give two: --server is the server's, --giaddr is our end of its link");
    if (!is_device_name(spec.server_end))
        return invalid(
            fmt::format("--server-dev {}", spec.server_end), "it is no name that a device can have",
            fmt::format("use at most {} characters, without /, :, % and spaces", IFNAMSIZ - 1));
    const auto &others = spec.ipv6_devices;
    if (spec.server_devices.size() != 1 || spec.server_end == spec.server_devices.front() ||
        std::find(others.begin(), others.end(), spec.server_end) != others.end() ||
        std::find(others.begin(), others.end(), spec.server_devices.front()) != others.end())
        return invalid(fmt::format("--server-dev {}", spec.server_end),
                       "the two ends of the server's link and --dev must differ",
                       "choose another name");
    return {};
}

static Status validate_prefixes(const Spec &spec) {
    const auto &allowed = spec.cra_prefixes;
    for (const Prefix6 &prefix : allowed) {
        if (std::count(allowed.begin(), allowed.end(), prefix) > 1)
            return invalid(fmt::format("--cra-prefix {}", to_string(prefix)), "it is given twice",
                           "give each prefix once");
    }
    const auto &selections = spec.link_selections;
    for (const LinkSelection &selection : selections) {
        const std::string what = fmt::format("--link-selection {}={}", to_string(selection.prefix),
                                             to_string(selection.address));
        if (std::count_if(selections.begin(), selections.end(), [&](const LinkSelection &other) {
                return other.prefix == selection.prefix;
            }) > 1)
            return invalid(what, "the prefix is given twice", "give each prefix one address");
        if (!is_usable(selection.address))
            return invalid(what, "it is no unicast IPv4 address",
                           "give an address of the subnet that the server is to choose");
    }
    if (!selections.empty() && spec.policy.cra6addr_code == link_selection_code)
        return invalid("--cra6addr 5", "it is the code of the sub-option of --link-selection",
                       "leave --cra6addr out, 254 is the default");
    return {};
}

static Status validate_policy(const Spec &spec) {
    const dhcp46_policy &policy = spec.policy;
    if (policy.hops_limit < 1 || policy.hops_limit > 16)
        return invalid("--hops-limit", "it is not between 1 and 16", "16 is the default");
    if (policy.cra6addr_code < 1 || policy.cra6addr_code > 254)
        return invalid("--cra6addr", "it is no sub-option code between 1 and 254",
                       "254 is the default");
    if (policy.giaddr_policy == DHCP46_GIADDR_ENCAP)
        return invalid("--giaddr-policy encap",
                       "relay encapsulation is not available in this "
                       "version",
                       "use replace or drop");
    return {};
}

Status validate(const Spec &spec) {
    if (!is_valid_name(spec.name))
        return invalid(fmt::format("name \"{}\"", spec.name), "it is no instance name",
                       "use 1 to 11 characters of a-z, 0-9, _ and -");
    for (auto [devices, option] : {std::pair{&spec.client_devices, "client devices"},
                                   std::pair{&spec.ipv6_devices, "IPv6 devices"},
                                   std::pair{&spec.server_devices, "server devices"}}) {
        if (auto status = validate_devices(*devices, option); !status)
            return status;
    }
    if (auto status = validate_one_link(spec); !status)
        return status;
    if (auto status = validate_sources(spec); !status)
        return status;
    if (auto status = validate_upstreams(spec); !status)
        return status;
    if (spec.client_source && !is_usable(*spec.client_source))
        return invalid(fmt::format("--client-source {}", to_string(*spec.client_source)),
                       "it is no unicast IPv4 address", "give a unicast address of this host");
    if (spec.giaddr && !is_usable(*spec.giaddr))
        return invalid(fmt::format("--giaddr {}", to_string(*spec.giaddr)),
                       "it is no unicast IPv4 address",
                       spec.role == DHCP46_ROLE_TSV ? "give one that no device of this host has"
                                                    : "give a unicast address of this host");
    if (auto status = validate_server_link(spec); !status)
        return status;
    if (auto status = validate_prefixes(spec); !status)
        return status;
    return validate_policy(spec);
}

} // namespace dhcp46
