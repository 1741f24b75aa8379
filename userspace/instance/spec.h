// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What somebody wants an instance to be, by the command line or a configuration file.
#ifndef DHCP46_INSTANCE_SPEC_H
#define DHCP46_INSTANCE_SPEC_H

#include <optional>
#include <string>
#include <vector>

#include "dhcp46/abi.h"
#include "instance/problem.h"
#include "util/address.h"
#include "util/result.h"

namespace dhcp46 {

struct SourceOption {
    std::string device; // empty: the only link that needs a source
    Ip6 address;
};

// RFC 3527: the server chooses the subnet of these CRAs' clients by the address, not by giaddr.
struct LinkSelection {
    Prefix6 prefix;
    Ip4 address;
};

struct Spec {
    std::string name;
    dhcp46_role role = DHCP46_ROLE_NONE;
    dhcp46_origin origin = DHCP46_ORIGIN_CLI;
    dhcp46_xdp_mode xdp_mode = DHCP46_XDP_AUTO;
    dhcp46_policy policy = {16, 254, DHCP46_GIADDR_REPLACE, 0};
    std::optional<Ip4> client_source; // CRA
    std::optional<Ip4> giaddr;        // TRA, TSV
    std::vector<std::string> client_devices;
    std::vector<std::string> ipv6_devices; // LCRA: may be empty, the route to the upstream decides
    std::vector<std::string> server_devices; // TSV: our end of the pair that attach makes
    std::string server_end;                  // TSV: the server's end of it
    std::vector<SourceOption> sources;
    std::vector<Ip6> upstreams;        // IPv4 servers as v4-mapped
    std::vector<Prefix6> cra_prefixes; // with link_selections, who is served; none: all
    std::vector<LinkSelection> link_selections;
    std::vector<std::string> warnings; // of what is odd, but not wrong
};

// A Client Relay Agent: IPv4 towards clients, IPv6 upstreams. The others face a DHCPv4 server.
bool is_cra(dhcp46_role role);

const char *role_name(dhcp46_role role);
const char *side_name(dhcp46_side side);
const char *xdp_mode_name(dhcp46_xdp_mode mode);
const char *origin_name(dhcp46_origin origin);
const char *giaddr_policy_name(unsigned policy);

constexpr std::uint8_t circuit_id_code = 1;     // RFC 3046
constexpr std::uint8_t link_selection_code = 5; // RFC 3527
// The sub-option of option 82 that has this code, by IANA or in the field; null: none.
const char *suboption_name(unsigned code);

bool is_valid_name(const std::string &name);

std::string upstream_text(dhcp46_role role, const Ip6 &address);

struct ServedPrefix {
    Prefix6 prefix;
    Ip4 link_selection; // 0.0.0.0: none
};
// Which CRAs a TRA or TSV serves.
std::vector<ServedPrefix> served_prefixes(const Spec &spec);

// What can be said without looking at the network: values, not devices. All that is wrong, or the
// first of it.
Problems problems_of(const Spec &spec);
Status validate(const Spec &spec);
// A CRA's upstream is an IPv6 address, that of the others an IPv4 address.
Result<Ip6, Problem> parse_upstream(dhcp46_role role, const std::string &text);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_SPEC_H
