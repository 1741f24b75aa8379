// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/follower.h"

#include <algorithm>

#include <fmt/format.h>

#include "bpf/deploy.h"
#include "bpf/inspect.h"
#include "observe/log.h"

namespace dhcp46 {

static const InstanceStatus *find(const std::vector<InstanceStatus> &running,
                                  const std::string &name) {
    const auto found =
        std::find_if(running.begin(), running.end(),
                     [&](const InstanceStatus &status) { return status.instance.name == name; });
    return found == running.end() ? nullptr : &*found;
}

bool Follower::read_file() {
    const ConfigErrors errors = desired_ ? desired_->read() : ConfigErrors();
    for (const ConfigError &error : errors) {
        log_message(Message::reload_failed,
                    {{"where", error_of(error).what}, {"why", error.why}, {"hint", error.hint}});
    }
    file_error_.clear();
    if (!errors.empty())
        file_error_ = fmt::format("{}: {}", error_of(errors.front()).what, errors.front().why);
    return errors.empty();
}

std::optional<Follower::Running> Follower::look() {
    auto instances = inspect_status(bpffs_, "");
    if (instances) {
        unreadable_.clear();
        return *std::move(instances);
    }
    const Error &error = instances.error();
    std::string why = fmt::format("{}: {}", error.what, error.why);
    if (why != unreadable_)
        log_message(Message::network_unreadable, {{"what", error.what}, {"why", error.why}});
    unreadable_ = std::move(why);
    return std::nullopt;
}

void Follower::follow() {
    const auto before = look();
    if (!before)
        return; // what is known of it goes on to be told
    WaitingMap waiting;
    max_links_ = 0;
    for (const InstanceStatus &status : *before)
        follow_unless_in_file(status, waiting);
    if (desired_)
        follow_file(*before, waiting);
    waiting_ = std::move(waiting);
    tell_room();
    const auto after = look();
    if (!after)
        return;
    tell_readiness(*after);
    ways_ = ways_by_route(*after);
}

void Follower::follow_unless_in_file(const InstanceStatus &status, WaitingMap &waiting) const {
    const std::string name = status.instance.name;
    if (desired_ && desired_->has(name))
        return;
    const char *role = role_name(status.instance.role);
    if (!desired_ || status.instance.origin != DHCP46_ORIGIN_FILE) {
        take_note(name, role, follow_instance(bpffs_, name), waiting);
        return;
    }
    if (auto removed = detach_instance(bpffs_, name); !removed)
        take_note(name, role, removed.error(), waiting);
    else
        log_message(Message::removed, {{"instance", name}});
}

void Follower::follow_file(const Running &running, WaitingMap &waiting) {
    for (const Spec &spec : desired_->instances()) {
        const auto result = desired_->bring(bpffs_, spec, find(running, spec.name));
        take_note(spec.name, role_name(spec.role), result, waiting);
        if (result)
            max_links_ = std::max(max_links_, result->max_links);
    }
}

void Follower::tell_room() {
    const std::uint32_t wanted = options().max_links.value_or(0);
    const bool is_small = max_links_ != 0 && wanted > max_links_;
    if (is_small && !room_told_)
        log_message(Message::max_links_kept,
                    {{"max_links", std::to_string(wanted)}, {"room", std::to_string(max_links_)}});
    room_told_ = is_small;
}

static std::vector<Ip6> upstreams_of(const InstanceStatus &status) {
    std::vector<Ip6> upstreams;
    const auto &devices = status.devices;
    if (std::none_of(devices.begin(), devices.end(), [](const DeviceStatus &device) {
            return device.link.flags & DHCP46_LINK_BY_ROUTE;
        }))
        return upstreams;
    for (const UpstreamStatus &upstream : status.upstreams) {
        if (const auto address = parse_ip6(upstream.address))
            upstreams.push_back(*address);
    }
    return upstreams;
}

Follower::Ways Follower::ways_by_route(const Running &running) const {
    Ways ways;
    for (const InstanceStatus &status : running) {
        for (const Ip6 &upstream : upstreams_of(status))
            ways[upstream] = route_device(upstream);
    }
    if (!desired_)
        return ways;
    for (const Spec &spec : desired_->instances()) {
        if (spec.role != DHCP46_ROLE_LCRA || !spec.ipv6_devices.empty())
            continue;
        for (const Ip6 &upstream : spec.upstreams)
            ways[upstream] = route_device(upstream);
    }
    return ways;
}

bool Follower::have_routes_moved() const {
    return std::any_of(ways_.begin(), ways_.end(),
                       [](const auto &way) { return route_device(way.first) != way.second; });
}

void Follower::take_note(const std::string &name, const char *role, const Result<Followed> &result,
                         WaitingMap &waiting) const {
    if (result && result->absent.empty()) {
        if (result->changed)
            log_message(Message::updated, {{"instance", name}});
        return;
    }
    const std::string why =
        result ? fmt::format("there is no device {}", fmt::join(result->absent, ", "))
               : fmt::format("{}: {}", result.error().what, result.error().why);
    const Waiting now = {name, role, why, result ? "" : result.error().hint};
    const auto before = waiting_.find(name);
    if (before == waiting_.end() || before->second != now) {
        Fields fields = {{"instance", name}, {"why", why}};
        if (!now.hint.empty())
            fields.emplace_back("hint", now.hint);
        log_message(Message::waiting, fields);
    }
    waiting[name] = now;
}

void Follower::tell_readiness(const Running &running) {
    std::set<std::string> ready;
    for (const InstanceStatus &status : running) {
        const std::string name = status.instance.name;
        if (status.ready())
            ready.insert(name);
        if (status.ready() && !ready_.contains(name))
            log_message(Message::ready, {{"instance", name}});
        if (!status.ready() && ready_.contains(name))
            log_message(Message::not_ready,
                        {{"instance", name},
                         {"missing", fmt::format("{}", fmt::join(status.missing, "; "))}});
    }
    ready_ = std::move(ready);
}

std::vector<Drift> Follower::drift_of(const Running &running) const {
    std::vector<Drift> drift;
    if (room_told_)
        drift.push_back({"", fmt::format("max-links is {}, and there is room for {}: `dhcp46 "
                                         "detach --all`, and reload",
                                         options().max_links.value_or(0), max_links_)});
    for (const Spec &spec : desired_->instances()) {
        for (std::string &what : desired_->drift(spec, find(running, spec.name)))
            drift.push_back({spec.name, std::move(what)});
    }
    return drift;
}

ControllerReport Follower::report() {
    ControllerReport report;
    for (const auto &[name, one] : waiting_)
        report.waiting.push_back(one);
    if (!desired_)
        return report;
    report.file = desired_->path();
    report.file_error = file_error_;
    if (const auto running = look())
        drift_ = drift_of(*running);
    report.drift = drift_;
    return report;
}

} // namespace dhcp46
