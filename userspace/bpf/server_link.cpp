// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/server_link.h"

#include <spdlog/spdlog.h>

namespace dhcp46 {

Result<Network> read_network_with(const Hooks &hooks) {
    auto network = read_network();
    if (!network)
        return network;
    for (Device &device : network->devices) {
        if (device.peer && hooks.runs_xdp(device.peer))
            device.xdp = XdpFeatures{true, true, true};
    }
    return network;
}

static void warn_of(const Status &status) {
    if (!status)
        spdlog::warn("{}: {}", status.error().what, status.error().why);
}

static void tidy(const ServerLink &link) {
    warn_of(tidy_server_link(link));
}

// As the instance has it that runs; none: there is none.
static std::optional<ServerLink> running_link(const Spec &spec, const Tables &current) {
    const auto id = find_instance(current, spec.name);
    const auto server = id ? current.upstreams.find({*id, 0}) : current.upstreams.end();
    if (server == current.upstreams.end())
        return std::nullopt;
    ServerLink link = server_link_of(spec);
    link.server = from_v4_mapped(from_array<Ip6>(server->second.address));
    link.giaddr = from_array<Ip4>(current.instances.at(*id).giaddr);
    return link;
}

Status ensure_server_link(const Spec &spec, const Tables &current, Undo &undo) {
    const auto network = read_network();
    if (!network)
        return network.error();
    // The names may have been taken since the wish was looked at.
    if (const auto planned = with_server_link(spec, *network); !planned)
        return planned.error();
    const ServerLink link = server_link_of(spec);
    if (!is_there(link, *network)) {
        if (auto status = make_server_link(link); !status)
            return status;
        undo.add([ours = link.ours] { remove_server_links({ours}); });
    } else if (const auto running = running_link(spec, current)) {
        undo.add([running = *running] { tidy(running); });
    }
    return prepare_server_link(link);
}

void finish_server_link(const Spec &spec) {
    tidy(server_link_of(spec));
}

void remove_server_links(const std::vector<std::string> &ours) {
    for (const std::string &name : ours)
        warn_of(remove_server_link(name));
}

} // namespace dhcp46
