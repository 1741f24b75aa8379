// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "cli/attach_options.h"

#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "instance/server_link.h"

namespace dhcp46 {

static void add_common_options(CLI::App &app, AttachOptions &options) {
    app.add_option("NAME", options.name, "instance name: a-z, 0-9, _ and -, at most 11")
        ->required();
    app.add_option("--xdp", options.xdp, "auto, native or off (auto)")->type_name("MODE");
    app.add_option("--hops-limit", options.hops_limit, "drop messages with more hops, 1 to 16 (16)")
        ->type_name("N");
    app.add_flag("--accept-any-source", options.accept_any_source,
                 "take replies from peers that are not configured, too");
    app.add_option("--max-links", options.max_links,
                   "room for links of all instances, 64 to 65536, when the first is attached "
                   "(1024)")
        ->type_name("N");
    app.add_option("--relay-encapsulation", options.relay_encapsulation,
                   "off (r4-1 is not available in this version)")
        ->type_name("MODE");
}

static void add_cra_options(CLI::App &app, AttachOptions &options) {
    app.add_option("--upstream", options.upstreams,
                   "IPv6 address of a TSV or TRA, which gets a copy; repeatable, up to 8")
        ->type_name("V6ADDR")
        ->required();
    app.add_option("--client-source", options.client_source,
                   "IPv4 source towards clients if the link has no address")
        ->type_name("V4ADDR");
    app.add_flag("--always-broadcast", options.always_broadcast,
                 "IPv4 broadcast to every client, in a frame to its MAC address");
}

void add_lcra_options(CLI::App &app, AttachOptions &options) {
    options.role = DHCP46_ROLE_LCRA;
    add_common_options(app, options);
    app.add_option("--client-dev", options.client_devices, "device of a client link; repeatable")
        ->type_name("DEV")
        ->required();
    add_cra_options(app, options);
    app.add_option("--uplink-dev", options.ipv6_devices,
                   "device towards the upstream; repeatable (found by the route)")
        ->type_name("DEV");
    app.add_option("--source", options.sources,
                   "own IPv6 address for a client link; repeatable with DEV=")
        ->type_name("[DEV=]V6ADDR");
}

void add_hcra_options(CLI::App &app, AttachOptions &options) {
    options.role = DHCP46_ROLE_HCRA;
    add_common_options(app, options);
    app.add_option("--dev", options.devices, "device of this host's DHCPv4 client, and of IPv6")
        ->type_name("DEV")
        ->required();
    add_cra_options(app, options);
    app.add_option("--source", options.sources, "own IPv6 address (the best of the device)")
        ->type_name("V6ADDR");
}

// What a tra and a tsv have in common: they face CRAs and a server.
static void add_service_options(CLI::App &app, AttachOptions &options) {
    app.add_option("--cra-prefix", options.cra_prefixes, "serve only these CRAs; repeatable")
        ->type_name("PREFIX");
    app.add_option("--link-selection", options.link_selections,
                   "serve these CRAs, whose clients' subnet has this address; repeatable")
        ->type_name("PREFIX=V4ADDR");
    app.add_option("--cra6addr", options.cra6addr,
                   "sub-option code of CRA6ADDR: 1 to 254, or circuit-id (254)")
        ->type_name("CODE");
    app.add_option("--giaddr-policy", options.giaddr_policy,
                   "message with a giaddr: replace it or drop (replace)")
        ->type_name("POLICY");
}

void add_tra_options(CLI::App &app, AttachOptions &options) {
    options.role = DHCP46_ROLE_TRA;
    add_common_options(app, options);
    app.add_option("--v6-dev", options.ipv6_devices, "device towards CRAs; repeatable")
        ->type_name("DEV")
        ->required();
    app.add_option("--v4-dev", options.server_devices, "device towards the server; repeatable")
        ->type_name("DEV")
        ->required();
    app.add_option("--server", options.upstreams,
                   "IPv4 address of a DHCPv4 server, which gets a copy; repeatable, up to 8")
        ->type_name("V4ADDR")
        ->required();
    app.add_option("--source", options.sources,
                   "service address, the one that CRAs have as upstream (the first --v6-dev's)")
        ->type_name("V6ADDR");
    app.add_option("--giaddr", options.giaddr,
                   "own IPv4 address for the server's answers (the first --v4-dev's)")
        ->type_name("V4ADDR");
    add_service_options(app, options);
}

void add_tsv_options(CLI::App &app, AttachOptions &options) {
    options.role = DHCP46_ROLE_TSV;
    add_common_options(app, options);
    app.add_option("--dev", options.devices, "device towards CRAs; repeatable")
        ->type_name("DEV")
        ->required();
    app.add_option("--server", options.upstreams,
                   "IPv4 address of this host's DHCPv4 server, also its server identifier")
        ->type_name("V4ADDR")
        ->required();
    app.add_option("--giaddr", options.giaddr,
                   "IPv4 address of our end of the server's link; no device may have it")
        ->type_name("V4ADDR")
        ->required();
    app.add_option("--server-dev", options.server_device,
                   "name of the device where the server listens, made by attach (NAME-srv)")
        ->type_name("IFNAME");
    app.add_option("--source", options.sources,
                   "service address, the one that CRAs have as upstream (the first --dev's)")
        ->type_name("V6ADDR");
    add_service_options(app, options);
}

static Error invalid(const char *option, const std::string &value, std::string why,
                     std::string hint) {
    return {Exit::config, fmt::format("{} {}", option, value), std::move(why), std::move(hint)};
}

static Result<unsigned> number(const char *option, const std::string &text, unsigned lowest,
                               unsigned highest) {
    unsigned value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < lowest ||
        value > highest)
        return invalid(option, text,
                       fmt::format("it is no number between {} and {}", lowest, highest),
                       fmt::format("give a number between {} and {}", lowest, highest));
    return value;
}

static Result<unsigned> cra6addr_code(const std::string &text, Spec &spec) {
    if (text == "circuit-id")
        return unsigned{circuit_id_code};
    auto code = number("--cra6addr", text, 1, 254);
    if (const char *name = code ? suboption_name(*code) : nullptr)
        spec.warnings.push_back(fmt::format("--cra6addr {} is the code of {}: servers and relays "
                                            "may take CRA6ADDR for that",
                                            text, name));
    return code;
}

static Result<dhcp46_xdp_mode> xdp_mode(const std::string &text) {
    for (const dhcp46_xdp_mode mode : {DHCP46_XDP_AUTO, DHCP46_XDP_NATIVE, DHCP46_XDP_OFF}) {
        if (text == xdp_mode_name(mode))
            return mode;
    }
    return invalid("--xdp", text, "it is no XDP mode", "give auto, native or off");
}

static Result<std::uint8_t> giaddr_policy(const std::string &text) {
    for (const std::uint8_t policy :
         {DHCP46_GIADDR_REPLACE, DHCP46_GIADDR_DROP, DHCP46_GIADDR_ENCAP}) {
        if (text == giaddr_policy_name(policy))
            return policy;
    }
    return invalid("--giaddr-policy", text, "it is no policy", "give replace or drop");
}

static Status check_encapsulation(const std::string &text) {
    if (text == "off")
        return {};
    if (text == "r4-1")
        return invalid("--relay-encapsulation", text,
                       "relay encapsulation is not available in this version",
                       "leave the option out");
    return invalid("--relay-encapsulation", text, "it is no encapsulation", "leave the option out");
}

static Status set_policy(const AttachOptions &options, Spec &spec) {
    const auto mode = xdp_mode(options.xdp);
    if (!mode)
        return mode.error();
    const auto hops = number("--hops-limit", options.hops_limit, 1, 16);
    if (!hops)
        return hops.error();
    const auto code = cra6addr_code(options.cra6addr, spec);
    if (!code)
        return code.error();
    const auto policy = giaddr_policy(options.giaddr_policy);
    if (!policy)
        return policy.error();
    spec.xdp_mode = *mode;
    spec.policy.hops_limit = static_cast<std::uint8_t>(*hops);
    spec.policy.cra6addr_code = static_cast<std::uint8_t>(*code);
    spec.policy.giaddr_policy = *policy;
    spec.policy.flags =
        static_cast<std::uint8_t>((options.always_broadcast ? DHCP46_ALWAYS_BROADCAST : 0) |
                                  (options.accept_any_source ? DHCP46_ACCEPT_ANY_SOURCE : 0));
    return check_encapsulation(options.relay_encapsulation);
}

static Status set_ip4(const char *option, const std::string &text, std::optional<Ip4> &into) {
    if (text.empty())
        return {};
    into = parse_ip4(text);
    if (!into)
        return invalid(option, text, "it is no IPv4 address",
                       "give one of this host, as in 192.0.2.1");
    return {};
}

static Status set_sources(const AttachOptions &options, Spec &spec) {
    for (const std::string &text : options.sources) {
        SourceOption source;
        const auto equals = text.find('=');
        if (equals != std::string::npos)
            source.device = text.substr(0, equals);
        const auto address =
            parse_ip6(equals == std::string::npos ? text : text.substr(equals + 1));
        if (!address || equals == 0)
            return invalid("--source", text, "it is no IPv6 address",
                           "give V6ADDR, or DEV=V6ADDR with a client device");
        source.address = *address;
        spec.sources.push_back(source);
    }
    return {};
}

static Status set_upstreams(const AttachOptions &options, Spec &spec) {
    for (const std::string &text : options.upstreams) {
        const auto address = parse_upstream(options.role, text);
        if (!address)
            return address.error();
        spec.upstreams.push_back(*address);
    }
    return {};
}

static Status set_prefixes(const AttachOptions &options, Spec &spec) {
    for (const std::string &text : options.link_selections) {
        const auto equals = text.find('=');
        const auto prefix = parse_prefix6(text.substr(0, equals));
        const auto address = parse_ip4(equals == std::string::npos ? "" : text.substr(equals + 1));
        if (!prefix || !address)
            return invalid("--link-selection", text, "it is no IPv6 prefix with an IPv4 address",
                           "write PREFIX=V4ADDR, as in 2001:db8:1::/48=192.0.2.1");
        spec.link_selections.push_back({*prefix, *address});
    }
    for (const std::string &text : options.cra_prefixes) {
        const auto prefix = parse_prefix6(text);
        if (!prefix)
            return invalid("--cra-prefix", text, "it is no IPv6 prefix",
                           "write V6ADDR/LENGTH with zeros behind the prefix, as in "
                           "2001:db8:1::/48");
        spec.cra_prefixes.push_back(*prefix);
    }
    return {};
}

static void set_devices(const AttachOptions &options, Spec &spec) {
    spec.client_devices = options.client_devices;
    spec.ipv6_devices = options.ipv6_devices;
    spec.server_devices = options.server_devices;
    if (options.role == DHCP46_ROLE_HCRA)
        spec.client_devices = spec.ipv6_devices = options.devices;
    if (options.role != DHCP46_ROLE_TSV)
        return;
    spec.ipv6_devices = options.devices;
    spec.server_devices = {our_end_name(spec.name)};
    spec.server_end =
        options.server_device.empty() ? default_server_end_name(spec.name) : options.server_device;
}

Result<std::optional<std::uint32_t>> max_links_of(const AttachOptions &options) {
    if (!options.max_links)
        return std::optional<std::uint32_t>();
    const auto value = number("--max-links", *options.max_links, 64, 65536);
    if (!value)
        return value.error();
    return std::optional<std::uint32_t>(*value);
}

Result<Spec> spec_of(const AttachOptions &options) {
    Spec spec;
    spec.name = options.name;
    spec.role = options.role;
    set_devices(options, spec);
    if (auto status = set_policy(options, spec); !status)
        return status.error();
    if (auto status = set_ip4("--giaddr", options.giaddr, spec.giaddr); !status)
        return status.error();
    if (auto status = set_ip4("--client-source", options.client_source, spec.client_source);
        !status)
        return status.error();
    if (auto status = set_sources(options, spec); !status)
        return status.error();
    if (auto status = set_upstreams(options, spec); !status)
        return status.error();
    if (auto status = set_prefixes(options, spec); !status)
        return status.error();
    if (auto status = validate(spec); !status)
        return status.error();
    return spec;
}

} // namespace dhcp46
