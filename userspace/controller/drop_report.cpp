// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/drop_report.h"

#include <fmt/format.h>

#include "bpf/inspect.h"
#include "instance/spec.h"
#include "observe/log.h"

namespace dhcp46 {

void DropReport::tell(const std::vector<InstanceStats> &counters) {
    for (const NewDrops &drop : log_.news(counters, std::chrono::steady_clock::now()))
        tell_one(drop);
}

// E-24: RFC 3046 allows a server not to copy the option, but then it is no use behind a TRA.
void DropReport::tell_one(const NewDrops &drop) const {
    Fields fields = {{"instance", drop.instance},
                     {"device", drop.device},
                     {"side", side_name(drop.side)},
                     {"packets", std::to_string(drop.packets)}};
    if (drop.reason == "no_cra6addr") {
        fields.emplace_back("servers", servers_of(drop.instance));
        log_message(Message::not_echoed, fields);
        return;
    }
    fields.emplace_back("reason", drop.reason);
    fields.emplace_back("means", drop.text);
    log_message(Message::drops, fields);
}

std::string DropReport::servers_of(const std::string &instance) const {
    const auto found = inspect_status(bpffs_, instance);
    if (!found || found->empty())
        return {};
    std::vector<std::string> servers;
    for (const UpstreamStatus &upstream : found->front().upstreams)
        servers.push_back(upstream.address);
    return fmt::format("{}", fmt::join(servers, ","));
}

} // namespace dhcp46
