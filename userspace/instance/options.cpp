// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/options.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "instance/server_link.h"

namespace dhcp46 {

static constexpr unsigned lcra = 1u << DHCP46_ROLE_LCRA, hcra = 1u << DHCP46_ROLE_HCRA,
                          tra = 1u << DHCP46_ROLE_TRA, tsv = 1u << DHCP46_ROLE_TSV;
static constexpr unsigned cra = lcra | hcra, service = tra | tsv, all = cra | service;

bool OptionRow::takes_number() const {
    return std::string_view(type) == "N" || std::string_view(type) == "CODE";
}

bool OptionRow::takes_text() const {
    return !std::holds_alternative<Flag>(value) && std::string_view(type) != "N";
}

const std::vector<OptionRow> &option_rows() {
    using O = InstanceOptions;
    using enum Need;
    static const std::vector<OptionRow> rows = {
        {"xdp", all, &O::xdp, optional, "MODE", "auto, native or off (auto)"},
        {"hops-limit", all, &O::hops_limit, optional, "N",
         "drop messages with more hops, 1 to 16 (16)"},
        {"accept-any-source", all, &O::accept_any_source, optional, "",
         "take replies from peers that are not configured, too"},
        {"relay-encapsulation", all, &O::relay_encapsulation, optional, "MODE",
         "off (r4-1 is not available in this version)"},

        {"client-dev", lcra, &O::client_devices, required, "DEV",
         "device of a client link; repeatable"},
        {"dev", hcra, &O::devices, required, "DEV",
         "device of this host's DHCPv4 client, and of IPv6"},
        {"upstream", cra, &O::upstreams, required, "V6ADDR",
         "IPv6 address of a TSV or TRA, which gets a copy; repeatable, up to 8"},
        {"client-source", cra, &O::client_source, optional, "V4ADDR",
         "IPv4 source towards clients if the link has no address"},
        {"always-broadcast", cra, &O::always_broadcast, optional, "",
         "IPv4 broadcast to every client, in a frame to its MAC address"},
        {"uplink-dev", lcra, &O::ipv6_devices, optional, "DEV",
         "device towards the upstream; repeatable (found by the route)"},
        {"source", lcra, &O::sources, optional, "[DEV=]V6ADDR",
         "own IPv6 address for a client link; repeatable with DEV="},
        {"source", hcra, &O::sources, optional, "V6ADDR",
         "own IPv6 address (the best of the device)"},

        {"v6-dev", tra, &O::ipv6_devices, required, "DEV", "device towards CRAs; repeatable"},
        {"v4-dev", tra, &O::server_devices, required, "DEV",
         "device towards the server; repeatable"},
        {"server", tra, &O::upstreams, required, "V4ADDR",
         "IPv4 address of a DHCPv4 server, which gets a copy; repeatable, up to 8"},
        {"source", tra, &O::sources, optional, "V6ADDR",
         "service address, the one that CRAs have as upstream (the first --v6-dev's)"},
        {"giaddr", tra, &O::giaddr, optional, "V4ADDR",
         "own IPv4 address for the server's answers (the first --v4-dev's)"},

        {"dev", tsv, &O::devices, required, "DEV", "device towards CRAs; repeatable"},
        {"server", tsv, &O::upstreams, required, "V4ADDR",
         "IPv4 address of this host's DHCPv4 server, also its server identifier"},
        {"giaddr", tsv, &O::giaddr, required, "V4ADDR",
         "IPv4 address of our end of the server's link; no device may have it"},
        {"server-dev", tsv, &O::server_device, optional, "IFNAME",
         "name of the device where the server listens, made by attach (NAME-srv)"},
        {"source", tsv, &O::sources, optional, "V6ADDR",
         "service address, the one that CRAs have as upstream (the first --dev's)"},

        {"cra-prefix", service, &O::cra_prefixes, optional, "PREFIX",
         "serve only these CRAs; repeatable"},
        {"link-selection", service, &O::link_selections, optional, "PREFIX=V4ADDR",
         "serve these CRAs, whose clients' subnet has this address; repeatable"},
        {"cra6addr", service, &O::cra6addr, optional, "CODE",
         "sub-option code of CRA6ADDR: 1 to 254, or circuit-id (254)"},
        {"giaddr-policy", service, &O::giaddr_policy, optional, "POLICY",
         "message with a giaddr: replace it or drop (replace)"},
    };
    return rows;
}

Result<unsigned, Problem> parse_number(const char *option, const std::string &text, unsigned lowest,
                                       unsigned highest) {
    unsigned value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < lowest ||
        value > highest)
        return Problem{option, text, 0,
                       fmt::format("it is no number between {} and {}", lowest, highest),
                       fmt::format("give a number between {} and {}", lowest, highest)};
    return value;
}

Result<std::uint32_t, Problem> parse_max_links(const std::string &text) {
    return parse_number("max-links", text, 64, 65536);
}

namespace {

// Takes every option, whatever is wrong with others.
class Meaning {
  public:
    explicit Meaning(const InstanceOptions &options) : options_(options) {
        spec_.name = options.name;
        spec_.role = options.role;
    }

    Result<Spec, Problems> run() {
        set_devices();
        set_policy();
        set_address("giaddr", options_.giaddr, spec_.giaddr);
        set_address("client-source", options_.client_source, spec_.client_source);
        set_sources();
        set_upstreams();
        set_prefixes();
        add_invalid();
        if (!problems_.empty())
            return std::move(problems_);
        return std::move(spec_);
    }

  private:
    void add(const char *option, const std::string &value, const char *why, const char *hint,
             std::size_t index = 0) {
        problems_.push_back({option, value, index, why, hint});
    }

    void set_devices() {
        spec_.client_devices = options_.client_devices;
        spec_.ipv6_devices = options_.ipv6_devices;
        spec_.server_devices = options_.server_devices;
        if (options_.role == DHCP46_ROLE_HCRA)
            spec_.client_devices = spec_.ipv6_devices = options_.devices;
        if (options_.role != DHCP46_ROLE_TSV)
            return;
        spec_.ipv6_devices = options_.devices;
        spec_.server_devices = {our_end_name(spec_.name)};
        spec_.server_end = options_.server_device.empty() ? default_server_end_name(spec_.name)
                                                          : options_.server_device;
    }

    void set_policy() {
        set_xdp_mode();
        set_number("hops-limit", options_.hops_limit, 16, spec_.policy.hops_limit);
        set_cra6addr_code();
        set_giaddr_policy();
        spec_.policy.flags =
            static_cast<std::uint8_t>((options_.always_broadcast ? DHCP46_ALWAYS_BROADCAST : 0) |
                                      (options_.accept_any_source ? DHCP46_ACCEPT_ANY_SOURCE : 0));
        check_encapsulation();
    }

    void set_xdp_mode() {
        for (const dhcp46_xdp_mode mode : {DHCP46_XDP_AUTO, DHCP46_XDP_NATIVE, DHCP46_XDP_OFF}) {
            if (options_.xdp == xdp_mode_name(mode)) {
                spec_.xdp_mode = mode;
                return;
            }
        }
        add("xdp", options_.xdp, "it is no XDP mode", "give auto, native or off");
    }

    void set_giaddr_policy() {
        for (const std::uint8_t policy :
             {DHCP46_GIADDR_REPLACE, DHCP46_GIADDR_DROP, DHCP46_GIADDR_ENCAP}) {
            if (options_.giaddr_policy == giaddr_policy_name(policy)) {
                spec_.policy.giaddr_policy = policy;
                return;
            }
        }
        add("giaddr-policy", options_.giaddr_policy, "it is no policy", "give replace or drop");
    }

    void set_number(const char *option, const std::string &text, unsigned highest,
                    std::uint8_t &into) {
        const auto value = parse_number(option, text, 1, highest);
        if (value)
            into = static_cast<std::uint8_t>(*value);
        else
            problems_.push_back(value.error());
    }

    void set_cra6addr_code() {
        const std::string &text = options_.cra6addr;
        if (text == "circuit-id") {
            spec_.policy.cra6addr_code = circuit_id_code;
            return;
        }
        set_number("cra6addr", text, 254, spec_.policy.cra6addr_code);
        if (const char *name = suboption_name(spec_.policy.cra6addr_code))
            spec_.warnings.push_back(
                fmt::format("--cra6addr {} is the code of {}: servers and relays may take CRA6ADDR "
                            "for that",
                            text, name));
    }

    void check_encapsulation() {
        const std::string &text = options_.relay_encapsulation;
        if (text == "r4-1")
            add("relay-encapsulation", text, "relay encapsulation is not available in this version",
                "leave the option out");
        else if (text != "off")
            add("relay-encapsulation", text, "it is no encapsulation", "leave the option out");
    }

    void set_address(const char *option, const std::string &text, std::optional<Ip4> &into) {
        if (text.empty())
            return;
        into = parse_ip4(text);
        if (!into)
            add(option, text, "it is no IPv4 address", "give one of this host, as in 192.0.2.1");
    }

    void set_sources() {
        for (std::size_t i = 0; i < options_.sources.size(); i++) {
            const std::string &text = options_.sources[i];
            SourceOption source;
            const auto equals = text.find('=');
            if (equals != std::string::npos)
                source.device = text.substr(0, equals);
            const auto address =
                parse_ip6(equals == std::string::npos ? text : text.substr(equals + 1));
            if (!address || equals == 0) {
                add("source", text, "it is no IPv6 address",
                    "give V6ADDR, or in an lcra DEV=V6ADDR with a client device", i);
                continue;
            }
            source.address = *address;
            spec_.sources.push_back(source);
        }
    }

    void set_upstreams() {
        for (std::size_t i = 0; i < options_.upstreams.size(); i++) {
            const auto address = parse_upstream(options_.role, options_.upstreams[i]);
            if (address) {
                spec_.upstreams.push_back(*address);
                continue;
            }
            problems_.push_back(address.error());
            problems_.back().index = i;
        }
    }

    void set_prefixes() {
        for (std::size_t i = 0; i < options_.link_selections.size(); i++) {
            const std::string &text = options_.link_selections[i];
            const auto equals = text.find('=');
            const auto prefix = parse_prefix6(text.substr(0, equals));
            const auto address =
                parse_ip4(equals == std::string::npos ? "" : text.substr(equals + 1));
            if (prefix && address)
                spec_.link_selections.push_back({*prefix, *address});
            else
                add("link-selection", text, "it is no IPv6 prefix with an IPv4 address",
                    "write PREFIX=V4ADDR, as in 2001:db8:1::/48=192.0.2.1", i);
        }
        for (std::size_t i = 0; i < options_.cra_prefixes.size(); i++) {
            const std::string &text = options_.cra_prefixes[i];
            if (const auto prefix = parse_prefix6(text))
                spec_.cra_prefixes.push_back(*prefix);
            else
                add("cra-prefix", text, "it is no IPv6 prefix",
                    "write V6ADDR/LENGTH with zeros behind the prefix, as in 2001:db8:1::/48", i);
        }
    }

    // What cannot be read has been said; what it lacks then, or where it stands, says nothing.
    void add_invalid() {
        const Problems unread = problems_;
        const auto is_new = [&](const Problem &problem) {
            return std::none_of(unread.begin(), unread.end(), [&](const Problem &before) {
                return before.option == problem.option;
            });
        };
        const Problems invalid = problems_of(spec_);
        std::copy_if(invalid.begin(), invalid.end(), std::back_inserter(problems_), is_new);
    }

    const InstanceOptions &options_;
    Spec spec_;
    Problems problems_;
};

} // namespace

Result<Spec, Problems> spec_of(const InstanceOptions &options) {
    return Meaning(options).run();
}

} // namespace dhcp46
