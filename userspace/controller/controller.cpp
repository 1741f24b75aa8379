// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/controller.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "bpf/deploy.h"
#include "bpf/inspect.h"
#include "bpf/pin_watch.h"
#include "bpf/privileges.h"
#include "bpf/root.h"
#include "controller/desired.h"
#include "controller/drop_log.h"
#include "controller/loop.h"
#include "controller/metrics_server.h"
#include "controller/notify.h"
#include "controller/presence.h"
#include "controller/signals.h"
#include "controller/timer.h"
#include "net/watch.h"
#include "observe/log.h"
#include "observe/prometheus.h"

namespace dhcp46 {

namespace {

using namespace std::chrono_literals;

// Changes of the network come in bursts; the maps must follow within a second.
constexpr auto settling = 100ms;
// What failed for a reason that the network does not announce is tried again.
constexpr auto retrying = 5s;
// How often counters are looked at, for what is worth a line in the log.
constexpr auto counting = 5s;

long monotonic_microseconds() { // as systemd compares it
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

class Controller {
  public:
    Controller(ControllerSetup setup, std::optional<Desired> desired, Presence presence,
               Signals signals, NetworkWatch network, Timer settle, Timer retry, Timer watchdog,
               Timer drops, Timer idle)
        : setup_(std::move(setup)), desired_(std::move(desired)), presence_(std::move(presence)),
          signals_(std::move(signals)), network_(std::move(network)), settle_(std::move(settle)),
          retry_(std::move(retry)), watchdog_(std::move(watchdog)), drops_(std::move(drops)),
          idle_(std::move(idle)) {}

    Status run() {
        start_log();
        watch();
        follow();
        tell_drops();
        serve_metrics();
        tell_manager("READY=1\n");
        log_message(Message::started, {{"pid", std::to_string(getpid())},
                                       {"instances", std::to_string(ready_.size())}});
        auto status = loop_.run();
        tell_manager("STOPPING=1\n");
        log_message(Message::stopped);
        return status;
    }

  private:
    void watch() {
        loop_.watch(signals_.fd(), [this] { return handle_signals(); });
        loop_.watch(presence_.fd(), [this] {
            presence_.answer(report());
            return Status();
        });
        loop_.watch(network_.fd(), [this] {
            soon();
            return network_.drain();
        });
        loop_.watch(settle_.fd(), [this] {
            settle_.drain();
            follow();
            return Status();
        });
        loop_.watch(retry_.fd(), [this] {
            retry_.drain();
            follow();
            return Status();
        });
        drops_.every(counting);
        loop_.watch(drops_.fd(), [this] {
            drops_.drain();
            tell_drops();
            return Status();
        });
        loop_.watch(idle_.fd(), [this] {
            idle_.drain();
            serve_readers();
            return Status();
        });
        if (const auto interval = watchdog_interval()) {
            watchdog_.every(*interval);
            loop_.watch(watchdog_.fd(), [this] {
                watchdog_.drain();
                notify_manager("WATCHDOG=1\n");
                return Status();
            });
        }
    }

    void soon() {
        if (!settle_.is_armed())
            settle_.once(settling);
    }

    // Instances come and go by other calls of dhcp46. The directory goes with the last one, and
    // there is nothing to watch before the first one makes it.
    bool watch_pins() {
        if (pins_)
            loop_.unwatch(pins_->fd());
        auto opened = PinWatch::open(BpfRoot::pins_below(setup_.bpffs));
        pins_ = opened ? std::optional(*std::move(opened)) : std::nullopt;
        if (!pins_)
            return false;
        loop_.watch(pins_->fd(), [this] {
            pins_->drain();
            soon();
            return Status();
        });
        return true;
    }

    Status handle_signals() {
        const int number = signals_.take();
        if (number == SIGHUP)
            reload();
        else if (number != 0)
            loop_.stop();
        return {};
    }

    // What the command line says of the log goes before the file.
    void start_log() const {
        const ControllerOptions options = desired_ ? desired_->options() : ControllerOptions();
        open_log(setup_.log_format.value_or(options.log_format),
                 setup_.log_level.value_or(options.log_level));
    }

    // Without a file the network is looked at again, which is all there is to read.
    void reload() {
        notify_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", monotonic_microseconds()));
        if (read_file()) {
            start_log();
            follow();
            serve_metrics();
            log_message(Message::reloaded,
                        {{"instances", std::to_string(desired_ ? desired_->instances().size()
                                                               : ready_.size())}});
        }
        tell_manager("READY=1\n");
    }

    void tell_drops() {
        const auto counters = inspect_stats(setup_.bpffs, "");
        if (!counters)
            return; // follow() says so
        for (const NewDrops &drop : drop_log_.news(*counters, std::chrono::steady_clock::now()))
            tell_drop(drop);
    }

    // E-24: RFC 3046 allows a server not to copy the option, but then it is no use behind a TRA.
    void tell_drop(const NewDrops &drop) const {
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

    std::string servers_of(const std::string &instance) const {
        const auto running = look();
        std::vector<std::string> servers;
        if (const InstanceStatus *status = find(running, instance)) {
            for (const UpstreamStatus &upstream : status->upstreams)
                servers.push_back(upstream.address);
        }
        return fmt::format("{}", fmt::join(servers, ","));
    }

    // Where the file says. A server that is there already, and stays, is not touched.
    void serve_metrics() {
        const auto wanted = desired_ ? desired_->options().metrics : std::nullopt;
        if (metrics_ && metrics_->at == wanted)
            return;
        if (metrics_)
            loop_.unwatch(metrics_->server.fd());
        metrics_.reset();
        if (!wanted)
            return;
        auto server = MetricsServer::open(*wanted, [this] { return metrics_page(); });
        if (!server) {
            log_message(Message::metrics_unavailable,
                        {{"at", server.error().what}, {"why", server.error().why}});
            return;
        }
        metrics_.emplace(Metrics{*wanted, *std::move(server)});
        loop_.watch(metrics_->server.fd(), [this] {
            serve_readers();
            return Status();
        });
        log_message(Message::metrics_served, {{"at", to_string(*wanted)}});
    }

    void serve_readers() {
        if (!metrics_)
            return;
        metrics_->server.serve();
        if (const auto due = metrics_->server.due())
            idle_.once(std::max(*due, std::chrono::milliseconds(1)));
    }

    Result<std::string> metrics_page() const {
        auto instances = inspect_status(setup_.bpffs, "");
        if (!instances)
            return instances.error();
        auto counters = inspect_stats(setup_.bpffs, "");
        if (!counters)
            return counters.error();
        return prometheus_text(setup_.version, *instances, *counters);
    }

    bool read_file() {
        const ConfigErrors errors = desired_ ? desired_->read() : ConfigErrors();
        for (const ConfigError &error : errors) {
            log_message(
                Message::reload_failed,
                {{"where", error_of(error).what}, {"why", error.why}, {"hint", error.hint}});
        }
        file_error_.clear();
        if (!errors.empty())
            file_error_ = fmt::format("{}: {}", error_of(errors.front()).what, errors.front().why);
        return errors.empty();
    }

    std::vector<InstanceStatus> look() const {
        auto instances = inspect_status(setup_.bpffs, "");
        if (instances)
            return *std::move(instances);
        log_message(Message::network_unreadable,
                    {{"what", instances.error().what}, {"why", instances.error().why}});
        return {};
    }

    // Brings every instance in line with the file and the network, each by itself.
    void follow() {
        std::map<std::string, Waiting> waiting;
        const auto running = look();
        for (const InstanceStatus &status : running)
            follow_unless_in_file(status, waiting);
        if (desired_)
            follow_file(running, waiting);
        const bool pinned = watch_pins();
        waiting_ = std::move(waiting);
        if (!waiting_.empty() || !pinned)
            retry_.once(retrying);
        tell_readiness();
    }

    void follow_unless_in_file(const InstanceStatus &status,
                               std::map<std::string, Waiting> &waiting) const {
        const std::string name = status.instance.name;
        if (desired_ && desired_->has(name))
            return;
        const char *role = role_name(status.instance.role);
        if (!desired_ || status.instance.origin != DHCP46_ORIGIN_FILE) {
            take_note(name, role, follow_instance(setup_.bpffs, name), waiting);
            return;
        }
        if (auto removed = detach_instance(setup_.bpffs, name); !removed)
            take_note(name, role, removed.error(), waiting);
        else
            log_message(Message::removed, {{"instance", name}});
    }

    void follow_file(const std::vector<InstanceStatus> &running,
                     std::map<std::string, Waiting> &waiting) {
        for (const Spec &spec : desired_->instances())
            take_note(spec.name, role_name(spec.role),
                      desired_->bring(setup_.bpffs, spec, find(running, spec.name)), waiting);
    }

    static const InstanceStatus *find(const std::vector<InstanceStatus> &running,
                                      const std::string &name) {
        const auto found =
            std::find_if(running.begin(), running.end(), [&](const InstanceStatus &status) {
                return status.instance.name == name;
            });
        return found == running.end() ? nullptr : &*found;
    }

    void take_note(const std::string &name, const char *role, const Result<Followed> &result,
                   std::map<std::string, Waiting> &waiting) const {
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

    void tell_readiness() {
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
        tell_manager("");
    }

    void tell_manager(const std::string &state) const {
        notify_manager(
            fmt::format("{}STATUS={} ready, {} waiting\n", state, ready_.size(), waiting_.size()));
    }

    ControllerReport report() const {
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

    ControllerSetup setup_;
    std::optional<Desired> desired_; // none: there is no file
    std::string file_error_;
    struct Metrics {
        MetricsEndpoint at;
        MetricsServer server;
    };
    std::optional<Metrics> metrics_;
    Presence presence_;
    Signals signals_;
    NetworkWatch network_;
    std::optional<PinWatch> pins_;
    Timer settle_;
    Timer retry_;
    Timer watchdog_;
    Timer drops_;
    Timer idle_; // of readers of metrics
    DropLog drop_log_;
    Loop loop_;
    std::map<std::string, Waiting> waiting_; // by name
    std::set<std::string> ready_;
};

} // namespace

Status run_controller(const ControllerSetup &setup) {
    if (auto status = check_privileges(); !status)
        return status;
    std::optional<Desired> desired;
    if (!setup.file.empty()) {
        desired.emplace(std::filesystem::absolute(setup.file));
        if (const auto errors = desired->read(); !errors.empty())
            return error_of(errors.front());
    }
    auto signals = Signals::open();
    auto presence = Presence::open();
    auto network = NetworkWatch::open();
    auto settle = Timer::open();
    auto retry = Timer::open();
    auto watchdog = Timer::open();
    auto drops = Timer::open();
    auto idle = Timer::open();
    if (!signals)
        return signals.error();
    if (!presence)
        return presence.error();
    if (!network)
        return network.error();
    for (const auto *timer : {&settle, &retry, &watchdog, &drops, &idle}) {
        if (!*timer)
            return timer->error();
    }
    return Controller(setup, std::move(desired), *std::move(presence), *std::move(signals),
                      *std::move(network), *std::move(settle), *std::move(retry),
                      *std::move(watchdog), *std::move(drops), *std::move(idle))
        .run();
}

} // namespace dhcp46
