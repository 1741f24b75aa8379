// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/health_log.h"

#include "observe/log.h"

namespace dhcp46 {

std::vector<HealthNews> HealthLog::news(const std::vector<InstanceStatus> &instances) {
    std::vector<HealthNews> news;
    std::set<std::pair<std::string, std::string>> silent;
    for (const InstanceStatus &instance : instances) {
        const std::string name = instance.instance.name;
        for (const UpstreamStatus &upstream : instance.upstreams) {
            const UpstreamHealth &health = upstream.health;
            const bool was_silent = silent_.contains({name, upstream.address});
            if (health.silent_for)
                silent.emplace(name, upstream.address);
            // Another one in its place has not replied yet.
            if (health.silent_for ? !was_silent : was_silent && health.last_reply)
                news.push_back({name, upstream.address, health.silent_for});
        }
    }
    silent_ = std::move(silent);
    return news;
}

void HealthLog::tell(const std::vector<InstanceStatus> &instances) {
    for (const HealthNews &one : news(instances)) {
        Fields fields = {{"instance", one.instance}, {"upstream", one.upstream}};
        if (one.silent_for)
            fields.emplace_back("seconds", std::to_string(one.silent_for->count() / 1'000'000'000));
        log_message(one.silent_for ? Message::upstream_silent : Message::upstream_answers, fields);
    }
}

} // namespace dhcp46
