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

std::vector<InstanceStatus> Follower::look() const {
    auto instances = inspect_status(bpffs_, "");
    if (instances)
        return *std::move(instances);
    log_message(Message::network_unreadable,
                {{"what", instances.error().what}, {"why", instances.error().why}});
    return {};
}

void Follower::follow() {
    WaitingMap waiting;
    const auto running = look();
    for (const InstanceStatus &status : running)
        follow_unless_in_file(status, waiting);
    if (desired_)
        follow_file(running, waiting);
    waiting_ = std::move(waiting);
    tell_readiness();
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

void Follower::follow_file(const std::vector<InstanceStatus> &running, WaitingMap &waiting) {
    for (const Spec &spec : desired_->instances())
        take_note(spec.name, role_name(spec.role),
                  desired_->bring(bpffs_, spec, find(running, spec.name)), waiting);
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
    const Waiting now = {name, role, why};
    const auto before = waiting_.find(name);
    if (before == waiting_.end() || before->second != now)
        log_message(Message::waiting, {{"instance", name}, {"why", why}});
    waiting[name] = now;
}

void Follower::tell_readiness() {
    std::set<std::string> ready;
    for (const InstanceStatus &status : look()) {
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

ControllerReport Follower::report() const {
    ControllerReport report;
    for (const auto &[name, one] : waiting_)
        report.waiting.push_back(one);
    if (!desired_)
        return report;
    report.file = desired_->path();
    report.file_error = file_error_;
    const auto running = look();
    for (const Spec &spec : desired_->instances()) {
        for (std::string &what : desired_->drift(spec, find(running, spec.name)))
            report.drift.push_back({spec.name, std::move(what)});
    }
    return report;
}

} // namespace dhcp46
