// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which values an instance can have, whatever the network looks like.
#include <net/if.h>

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "instance/spec.h"

namespace dhcp46 {

Error error_of(const Problem &problem) {
    std::string what = problem.option == "name" ? fmt::format("name \"{}\"", problem.value)
                                                : fmt::format("--{}", problem.option);
    if (problem.option != "name" && !problem.value.empty())
        what += " " + problem.value;
    return {Exit::config, std::move(what), problem.why, problem.hint};
}

static const char *upstream_option(dhcp46_role role) {
    return is_cra(role) ? "upstream" : "server";
}

static std::optional<Problem> upstream_problem(dhcp46_role role, const Ip6 &address) {
    if (is_cra(role) ? is_usable(address)
                     : kind_of(address) == Ip6Kind::v4_mapped && is_usable(from_v4_mapped(address)))
        return std::nullopt;
    Problem problem{upstream_option(role), upstream_text(role, address), 0, {}, {}};
    if (is_cra(role)) {
        problem.why = fmt::format("it is {}", kind_name(kind_of(address)));
        problem.hint = "give the global or unique-local unicast address of the TSV or TRA";
    } else {
        problem.why = "it is no unicast IPv4 address of a server";
        problem.hint = "give the IPv4 address of the DHCPv4 server";
    }
    return problem;
}

Result<Ip6, Problem> parse_upstream(dhcp46_role role, const std::string &text) {
    std::optional<Ip6> address;
    if (is_cra(role)) {
        address = parse_ip6(text);
    } else if (const auto plain = parse_ip4(text)) {
        address = v4_mapped(*plain);
    }
    if (!address)
        return Problem{upstream_option(role), text, 0,
                       is_cra(role) ? "it is no IPv6 address" : "it is no IPv4 address",
                       is_cra(role)
                           ? "give the IPv6 address of the TSV or TRA, without prefix or zone"
                           : "give the IPv4 address of the DHCPv4 server"};
    if (auto problem = upstream_problem(role, *address))
        return *std::move(problem);
    return *address;
}

// As the kernel has it (dev_valid_name), and none of the names that sysctl keeps for itself.
static bool is_device_name(const std::string &name) {
    return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
           name != "all" && name != "default" &&
           std::none_of(name.begin(), name.end(), [](unsigned char c) {
               return c == '/' || c == ':' || c == '%' || std::isspace(c);
           });
}

template <typename T>
static bool is_among_first(const std::vector<T> &values, std::size_t count, const T &value) {
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(count);
    return std::find(values.begin(), end, value) != end;
}

static const char *const device_name_why = "it is no name that a device can have";
static const char *const device_name_hint = "use at most 15 characters, without /, :, % and spaces";
static_assert(IFNAMSIZ - 1 == 15);

namespace {

class Validation {
  public:
    explicit Validation(const Spec &spec) : spec_(spec) {}

    Problems run() {
        check_name();
        check_devices();
        check_one_link();
        check_sources();
        check_upstreams();
        check_own_addresses();
        check_server_link();
        check_prefixes();
        check_policy();
        return std::move(problems_);
    }

  private:
    void add(std::string option, std::string value, std::string why, std::string hint,
             std::size_t index = 0) {
        problems_.push_back(
            {std::move(option), std::move(value), index, std::move(why), std::move(hint)});
    }

    void check_name() {
        if (!is_valid_name(spec_.name))
            add("name", spec_.name, "it is no instance name",
                "use 1 to 11 characters of a-z, 0-9, _ and -");
    }

    void check_devices(const char *option, const std::vector<std::string> &devices) {
        std::set<std::string> seen;
        for (std::size_t i = 0; i < devices.size(); i++) {
            if (!is_device_name(devices[i]))
                add(option, devices[i], device_name_why, device_name_hint, i);
            else if (!seen.insert(devices[i]).second)
                add(option, devices[i], "it is given twice", "name each device once", i);
        }
    }

    void check_devices() {
        switch (spec_.role) {
        case DHCP46_ROLE_LCRA:
            check_devices("client-dev", spec_.client_devices);
            check_devices("uplink-dev", spec_.ipv6_devices);
            break;
        case DHCP46_ROLE_TRA:
            check_devices("v6-dev", spec_.ipv6_devices);
            check_devices("v4-dev", spec_.server_devices);
            break;
        case DHCP46_ROLE_HCRA:
        case DHCP46_ROLE_TSV:
            check_devices("dev", spec_.ipv6_devices);
            break;
        case DHCP46_ROLE_NONE:
            break;
        }
    }

    // R-CRA-21
    void check_one_link() {
        if (spec_.role == DHCP46_ROLE_HCRA && spec_.client_devices.size() > 1)
            add("dev", spec_.client_devices[1], "an hcra serves one link",
                "give one --dev, and each link an instance of its own", 1);
    }

    void check_source(const SourceOption &source, std::size_t index) {
        const std::string value = to_string(source.address);
        if (!is_usable(source.address))
            return add("source", value, fmt::format("it is {}", kind_name(kind_of(source.address))),
                       "a source is a global or unique-local unicast address of this host", index);
        if (spec_.role != DHCP46_ROLE_LCRA) {
            if (!source.device.empty())
                add("source", value, "only an lcra has an IPv6 address for each device",
                    "give it without a device", index);
            return;
        }
        const auto &devices = spec_.client_devices;
        if (source.device.empty() && devices.size() > 1)
            add("source", value, "there are several client links, and each needs its own source",
                "say which as DEV=V6ADDR, as in --source DEV=V6ADDR", index);
        if (!source.device.empty() &&
            std::find(devices.begin(), devices.end(), source.device) == devices.end())
            add("source", value,
                fmt::format("{} is no --client-dev of {}", source.device, spec_.name),
                "name one of the client devices", index);
    }

    void check_sources() {
        const std::string only_link =
            spec_.role == DHCP46_ROLE_LCRA && spec_.client_devices.size() == 1
                ? spec_.client_devices.front()
                : std::string();
        std::set<std::string> links;
        for (std::size_t i = 0; i < spec_.sources.size(); i++) {
            const SourceOption &source = spec_.sources[i];
            check_source(source, i);
            if (!links.insert(source.device.empty() ? only_link : source.device).second)
                add("source", to_string(source.address), "given more than once for one link",
                    "give one address", i);
        }
    }

    void check_upstreams() {
        const char *option = upstream_option(spec_.role);
        const auto &all = spec_.upstreams;
        if (all.empty())
            add(option, "", "none is given", fmt::format("give the address with --{}", option));
        if (spec_.role == DHCP46_ROLE_TSV && all.size() > 1)
            add(option, upstream_text(spec_.role, all[1]),
                "a tsv has one server, which is on this host", "give one --server", 1);
        if (all.size() > DHCP46_UPSTREAM_SLOTS)
            add(option, "", fmt::format("{} are given", all.size()),
                fmt::format("give at most {}", static_cast<int>(DHCP46_UPSTREAM_SLOTS)));
        for (std::size_t i = 0; i < all.size(); i++) {
            if (auto problem = upstream_problem(spec_.role, all[i])) {
                problem->index = i;
                problems_.push_back(*std::move(problem));
            }
            if (is_among_first(all, i, all[i]))
                add(option, upstream_text(spec_.role, all[i]), "it is given twice",
                    "name each once: each gets one copy", i);
        }
    }

    void check_own_addresses() {
        if (spec_.client_source && !is_usable(*spec_.client_source))
            add("client-source", to_string(*spec_.client_source), "it is no unicast IPv4 address",
                "give a unicast address of this host");
        if (spec_.giaddr && !is_usable(*spec_.giaddr))
            add("giaddr", to_string(*spec_.giaddr), "it is no unicast IPv4 address",
                spec_.role == DHCP46_ROLE_TSV ? "give one that no device of this host has"
                                              : "give a unicast address of this host");
    }

    // R-TSV-6: without an address of its own for clients to renew at, it is no server.
    void check_server_link() {
        if (spec_.role != DHCP46_ROLE_TSV)
            return;
        if (!spec_.giaddr)
            add("giaddr", "", "none is given",
                "give an IPv4 address that no device has; the server chooses a subnet by it");
        else if (!spec_.upstreams.empty() && v4_mapped(*spec_.giaddr) == spec_.upstreams.front())
            add("giaddr", to_string(*spec_.giaddr), "it is the server's address, too",
                "give two: --server is the server's, --giaddr is our end of its link");
        if (!is_device_name(spec_.server_end))
            return add("server-dev", spec_.server_end, device_name_why, device_name_hint);
        const auto &others = spec_.ipv6_devices;
        const auto is_other = [&](const std::string &name) {
            return std::find(others.begin(), others.end(), name) != others.end();
        };
        if (spec_.server_devices.size() != 1 || spec_.server_end == spec_.server_devices.front() ||
            is_other(spec_.server_end) || is_other(spec_.server_devices.front()))
            add("server-dev", spec_.server_end,
                "the two ends of the server's link and --dev must differ", "choose another name");
    }

    void check_prefixes() {
        const auto &allowed = spec_.cra_prefixes;
        for (std::size_t i = 0; i < allowed.size(); i++) {
            if (is_among_first(allowed, i, allowed[i]))
                add("cra-prefix", to_string(allowed[i]), "it is given twice",
                    "give each prefix once", i);
        }
        const auto &selections = spec_.link_selections;
        std::vector<Prefix6> prefixes;
        for (std::size_t i = 0; i < selections.size(); i++) {
            const LinkSelection &selection = selections[i];
            const std::string value =
                fmt::format("{}={}", to_string(selection.prefix), to_string(selection.address));
            prefixes.push_back(selection.prefix);
            if (is_among_first(prefixes, i, selection.prefix))
                add("link-selection", value, "the prefix is given twice",
                    "give each prefix one address", i);
            if (!is_usable(selection.address))
                add("link-selection", value, "it is no unicast IPv4 address",
                    "give an address of the subnet that the server is to choose", i);
        }
        if (!selections.empty() && spec_.policy.cra6addr_code == link_selection_code)
            add("cra6addr", std::to_string(link_selection_code),
                "it is the code of the sub-option of --link-selection",
                "leave --cra6addr out, 254 is the default");
    }

    void check_policy() {
        const dhcp46_policy &policy = spec_.policy;
        if (policy.hops_limit < 1 || policy.hops_limit > 16)
            add("hops-limit", std::to_string(policy.hops_limit), "it is not between 1 and 16",
                "16 is the default");
        if (policy.cra6addr_code < 1 || policy.cra6addr_code > 254)
            add("cra6addr", std::to_string(policy.cra6addr_code),
                "it is no sub-option code between 1 and 254", "254 is the default");
        if (policy.giaddr_policy == DHCP46_GIADDR_ENCAP)
            add("giaddr-policy", "encap", "relay encapsulation is not available in this version",
                "use replace or drop");
    }

    const Spec &spec_;
    Problems problems_;
};

} // namespace

Problems problems_of(const Spec &spec) {
    return Validation(spec).run();
}

Status validate(const Spec &spec) {
    const Problems problems = problems_of(spec);
    return problems.empty() ? Status() : error_of(problems.front());
}

} // namespace dhcp46
