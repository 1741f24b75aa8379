// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/drop_log.h"

#include <string_view>

namespace dhcp46 {

using namespace std::chrono_literals;

constexpr auto silence = 60s;

static std::vector<NewDrops> all_drops(const std::vector<InstanceStats> &counters) {
    std::vector<NewDrops> drops;
    for (const InstanceStats &instance : counters) {
        for (const LinkStats &link : instance.links) {
            for (const NamedCount &count : counts_of(link.stats)) {
                if (count.section == std::string_view("dropped") && count.count.packets != 0)
                    drops.push_back({instance.name, link.device, link.side, count.name, count.text,
                                     count.count.packets});
            }
        }
    }
    return drops;
}

std::vector<NewDrops> DropLog::news(const std::vector<InstanceStats> &counters, Time now) {
    std::vector<NewDrops> news;
    std::map<Key, Told> seen;
    for (NewDrops &drop : all_drops(counters)) {
        const Key key = {drop.instance, drop.device, drop.side, drop.reason};
        const auto before = told_.find(key);
        Told &told = seen[key] = before == told_.end() ? Told() : before->second;
        const std::uint64_t total = drop.packets;
        if (total < told.packets) // of an instance that was attached anew
            told.packets = 0;
        if (!started_)
            told.packets = total;
        if (total == told.packets || (told.at && now - *told.at < silence))
            continue;
        drop.packets = total - told.packets;
        news.push_back(std::move(drop));
        told = {total, now};
    }
    told_ = std::move(seen);
    started_ = true;
    return news;
}

} // namespace dhcp46
