// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/drift.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace dhcp46 {

using Texts = std::vector<std::string>;

static void compare_upstreams(const Spec &file, const InstanceStatus &running, Texts &drift) {
    Texts wanted;
    for (const Ip6 &address : file.upstreams)
        wanted.push_back(upstream_text(file.role, address));
    const auto is_wanted = [&](const std::string &address) {
        return std::find(wanted.begin(), wanted.end(), address) != wanted.end();
    };
    const auto runs = [&](const std::string &address) {
        return std::any_of(running.upstreams.begin(), running.upstreams.end(),
                           [&](const UpstreamStatus &one) { return one.address == address; });
    };
    for (const std::string &address : wanted) {
        if (!runs(address))
            drift.push_back(fmt::format("upstream {} of the file is not there", address));
    }
    for (const UpstreamStatus &upstream : running.upstreams) {
        if (upstream.origin != DHCP46_ORIGIN_HOOK && !is_wanted(upstream.address))
            drift.push_back(fmt::format("upstream {} ({}) is not in the file", upstream.address,
                                        origin_name(upstream.origin)));
    }
}

// By text: what is allowed there, and with which link selection.
using Prefixes = std::map<std::string, std::string>;

static std::string served_text(bool allowed, const Ip4 &link_selection) {
    if (!allowed)
        return "refused";
    return link_selection.is_set() ? fmt::format("served as {}", to_string(link_selection))
                                   : "served";
}

static void compare_prefixes(const Spec &file, const InstanceStatus &running, Texts &drift) {
    Prefixes wanted;
    Prefixes now;
    for (const ServedPrefix &served : served_prefixes(file))
        wanted[to_string(served.prefix)] = served_text(true, served.link_selection);
    for (const PrefixStatus &prefix : running.cra_prefixes)
        now[prefix.prefix] = served_text(prefix.allowed, prefix.link_selection);
    for (const auto &[prefix, how] : wanted) {
        const auto found = now.find(prefix);
        if (found == now.end())
            drift.push_back(fmt::format("CRA prefix {} of the file is not there", prefix));
        else if (found->second != how)
            drift.push_back(
                fmt::format("CRA prefix {} is {}, in the file {}", prefix, found->second, how));
    }
    for (const auto &[prefix, how] : now) {
        if (!wanted.contains(prefix))
            drift.push_back(fmt::format("CRA prefix {} ({}) is not in the file", prefix, how));
    }
}

std::vector<std::string> drift_of(const Spec &file, const InstanceStatus *running) {
    if (!running)
        return {"it is in the file, and was detached"};
    if (running->instance.origin != DHCP46_ORIGIN_FILE)
        return {fmt::format("it was attached again ({})", origin_name(running->instance.origin))};
    Texts drift;
    compare_upstreams(file, *running, drift);
    if (!is_cra(file.role))
        compare_prefixes(file, *running, drift);
    return drift;
}

} // namespace dhcp46
