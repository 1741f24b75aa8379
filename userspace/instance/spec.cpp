// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/spec.h"

#include <algorithm>
#include <map>

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

// The programs look at the longest prefix alone, so that one inside another has the other's.
static Ip4 link_selection_of(const Spec &spec, const Prefix6 &prefix) {
    const LinkSelection *longest = nullptr;
    for (const LinkSelection &selection : spec.link_selections) {
        if (contains(selection.prefix, prefix) &&
            (!longest || selection.prefix.length > longest->prefix.length))
            longest = &selection;
    }
    return longest ? longest->address : Ip4{};
}

std::vector<ServedPrefix> served_prefixes(const Spec &spec) {
    std::vector<Prefix6> prefixes = spec.cra_prefixes;
    if (prefixes.empty())
        prefixes.emplace_back(); // ::/0 (D-3)
    for (const LinkSelection &selection : spec.link_selections)
        prefixes.push_back(selection.prefix);
    std::vector<ServedPrefix> served;
    served.reserve(prefixes.size());
    for (const Prefix6 &prefix : prefixes)
        served.push_back({prefix, link_selection_of(spec, prefix)});
    return served;
}

std::string upstream_text(dhcp46_role role, const Ip6 &address) {
    if (!is_cra(role) && kind_of(address) == Ip6Kind::v4_mapped)
        return to_string(from_v4_mapped(address));
    return to_string(address);
}

} // namespace dhcp46
