// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/metrics_service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "bpf/inspect.h"
#include "observe/log.h"
#include "observe/prometheus.h"

namespace dhcp46 {

Result<MetricsService> MetricsService::open(std::string bpffs, std::string version) {
    auto idle = Timer::open();
    if (!idle)
        return idle.error();
    return MetricsService(std::move(bpffs), std::move(version), *std::move(idle));
}

void MetricsService::serve_at(const std::optional<MetricsEndpoint> &wanted, Loop &loop) {
    if (serving_ && serving_->at == wanted && serving_->server.can_be_found())
        return;
    if (serving_)
        loop.unwatch(serving_->server.fd());
    serving_.reset();
    std::string before = std::exchange(failed_, {});
    if (!wanted)
        return;
    auto server = MetricsServer::open(*wanted, [this] { return page(); });
    if (!server) {
        const Error &error = server.error();
        failed_ = fmt::format("{}: {}", error.what, error.why);
        if (failed_ != before)
            log_message(Message::metrics_unavailable, {{"at", error.what}, {"why", error.why}});
        return;
    }
    serving_.emplace(Serving{*wanted, *std::move(server)});
    const auto serve = [this] {
        serve_readers();
        return Status();
    };
    loop.watch(serving_->server.fd(), serve);
    loop.watch(idle_.fd(), [this, serve] {
        idle_.drain();
        return serve();
    });
    log_message(Message::metrics_served, {{"at", to_string(*wanted)}});
}

void MetricsService::serve_readers() {
    if (!serving_)
        return;
    serving_->server.serve();
    if (const auto due = serving_->server.due())
        idle_.once(std::max(*due, std::chrono::milliseconds(1)));
}

Result<std::string> MetricsService::page() const {
    auto instances = inspect_status(bpffs_, "");
    if (!instances)
        return instances.error();
    auto counters = inspect_stats(bpffs_, "");
    if (!counters)
        return counters.error();
    return prometheus_text(version_, *instances, *counters);
}

} // namespace dhcp46
