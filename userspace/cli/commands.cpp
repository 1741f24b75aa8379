// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "cli/commands.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "bpf/deploy.h"
#include "bpf/inspect.h"
#include "bpf/simulate.h"
#include "bpf/wait.h"
#include "capture/capture.h"
#include "cli/output.h"
#include "config/config.h"
#include "controller/controller.h"
#include "controller/presence.h"
#include "observe/log.h"
#include "observe/prometheus.h"

namespace dhcp46 {

static void print(const std::string &text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

static void print_json(const nlohmann::ordered_json &json) {
    print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

static Result<Exit> exit_of(const Status &status) {
    if (!status)
        return status.error();
    return Exit::ok;
}

static Result<Exit> run_attach(const Invocation &invocation) {
    for (const std::string &warning : invocation.spec.warnings)
        spdlog::warn("{}", warning);
    if (auto status = attach_instance(invocation.bpffs, invocation.spec, invocation.max_links);
        !status)
        return status.error();
    if (invocation.quiet)
        return Exit::ok;
    // What runs is worth a look, in particular if something is still missing.
    const auto instances = inspect_status(invocation.bpffs, invocation.name);
    if (!instances)
        return instances.error();
    print(status_text(*instances));
    return Exit::ok;
}

static Result<Exit> run_status(const Invocation &invocation) {
    const auto instances = inspect_status(invocation.bpffs, invocation.name);
    if (!instances)
        return instances.error();
    const auto controller = ask_controller(invocation.bpffs);
    if (invocation.json)
        print_json(status_json(*instances, controller));
    else if (!invocation.quiet)
        print(status_text(*instances) + controller_text(controller));
    const bool ready = !instances->empty() &&
                       std::all_of(instances->begin(), instances->end(),
                                   [](const InstanceStatus &status) { return status.ready(); });
    return invocation.check && !ready ? Exit::runtime : Exit::ok;
}

static Result<Exit> print_prometheus(const Invocation &invocation,
                                     const std::vector<InstanceStats> &counters) {
    const auto instances = inspect_status(invocation.bpffs, invocation.name);
    if (!instances)
        return instances.error();
    print(prometheus_text(DHCP46_VERSION, *instances, counters));
    return Exit::ok;
}

static Result<Exit> run_stats(const Invocation &invocation) {
    const auto instances = inspect_stats(invocation.bpffs, invocation.name);
    if (!instances)
        return instances.error();
    if (invocation.prometheus)
        return print_prometheus(invocation, *instances);
    if (invocation.json)
        print_json(stats_json(*instances));
    else if (!invocation.quiet)
        print(stats_text(*instances));
    return Exit::ok;
}

static Result<Exit> run_upstream_list(const Invocation &invocation) {
    const auto instances = inspect_status(invocation.bpffs, invocation.name);
    if (!instances)
        return instances.error();
    if (instances->empty())
        return no_such_instance(invocation.name);
    const InstanceStatus &instance = instances->front();
    if (invocation.json)
        print_json({{"name", invocation.name}, {"upstreams", upstreams_json(instance)}});
    else if (!invocation.quiet)
        print(upstreams_text(instance));
    return Exit::ok;
}

static Result<Exit> run_wait(const Invocation &invocation) {
    const auto tell = [&](const InstanceStatus &status) {
        if (invocation.quiet)
            return;
        print(waiting_text(status));
        std::fflush(stdout); // a log wants it now
    };
    return exit_of(wait_until_ready(invocation.bpffs, invocation.name, invocation.timeout, tell));
}

// All errors go out here; the caller has room for one.
static Result<Exit> run_check(const Invocation &invocation) {
    const auto config = load_config(invocation.file);
    if (invocation.json)
        print_json(check_json(invocation.file, config));
    else if (!config)
        std::fputs(config_errors_text(config.error()).c_str(), stderr);
    else if (!invocation.quiet)
        print(check_text(invocation.file, *config));
    return config ? Exit::ok : Exit::config;
}

// What would be sent for a packet, with the packet's time.
static std::vector<Captured> sent_of(const std::vector<Captured> &packets,
                                     const Simulation &simulation) {
    std::vector<Captured> sent;
    for (std::size_t i = 0; i < packets.size(); i++) {
        for (const SimulatedFrame &frame : simulation.packets[i].frames)
            sent.push_back({packets[i].seconds, packets[i].nanoseconds, frame.bytes});
    }
    return sent;
}

static Result<Exit> run_simulate(const Invocation &invocation) {
    const auto packets = read_capture(invocation.file);
    if (!packets)
        return packets.error();
    std::vector<Frame> frames;
    for (const Captured &packet : *packets)
        frames.push_back(packet.bytes);
    const auto simulation = simulate(invocation.bpffs, invocation.name, invocation.device, frames);
    if (!simulation)
        return simulation.error();
    if (simulation->another_build)
        spdlog::warn("the attached programs are of another build than this dhcp46, and may do "
                     "something else: attach again, or start run");
    if (!invocation.output.empty()) {
        if (auto status = write_capture(invocation.output, sent_of(*packets, *simulation)); !status)
            return status.error();
    }
    if (invocation.json)
        print_json(simulation_json(*simulation));
    else if (!invocation.quiet)
        print(simulation_text(*simulation));
    return Exit::ok;
}

static std::optional<LogLevel> log_level(const Invocation &invocation) {
    if (invocation.quiet)
        return LogLevel::error;
    return invocation.verbose ? std::optional(LogLevel::debug) : std::nullopt;
}

static Result<Exit> run_run(const Invocation &invocation) {
    if (!invocation.file.empty()) {
        const auto config = load_config(invocation.file);
        if (!config) {
            std::fputs(config_errors_text(config.error()).c_str(), stderr);
            return Exit::config;
        }
    }
    ControllerSetup setup;
    setup.bpffs = invocation.bpffs;
    setup.file = invocation.file;
    setup.version = DHCP46_VERSION;
    setup.log_format = invocation.log_format;
    setup.log_level = log_level(invocation);
    return exit_of(run_controller(setup));
}

Result<Exit> run_command(const Invocation &invocation) {
    switch (invocation.command) {
    case Command::print:
        print(invocation.text);
        return Exit::ok;
    case Command::attach:
        return run_attach(invocation);
    case Command::detach:
        return exit_of(detach_instance(invocation.bpffs, invocation.name));
    case Command::detach_all:
        return exit_of(detach_all(invocation.bpffs));
    case Command::status:
        return run_status(invocation);
    case Command::stats:
        return run_stats(invocation);
    case Command::upstream_add:
        return exit_of(add_upstream(invocation.bpffs, invocation.name, invocation.address));
    case Command::upstream_del:
        return exit_of(delete_upstream(invocation.bpffs, invocation.name, invocation.address));
    case Command::upstream_learn:
        return exit_of(learn_upstreams(invocation.bpffs, invocation.name, invocation.addresses));
    case Command::upstream_list:
        return run_upstream_list(invocation);
    case Command::wait:
        return run_wait(invocation);
    case Command::run:
        return run_run(invocation);
    case Command::check:
        return run_check(invocation);
    case Command::simulate:
        return run_simulate(invocation);
    }
    return Exit::ok;
}

} // namespace dhcp46
