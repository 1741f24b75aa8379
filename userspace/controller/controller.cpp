// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/controller.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "bpf/deploy.h"
#include "bpf/inspect.h"
#include "bpf/pin_watch.h"
#include "bpf/privileges.h"
#include "bpf/root.h"
#include "controller/desired.h"
#include "controller/drop_report.h"
#include "controller/follower.h"
#include "controller/health_log.h"
#include "controller/loop.h"
#include "controller/metrics_service.h"
#include "controller/notify.h"
#include "controller/presence.h"
#include "controller/signals.h"
#include "controller/slow_path.h"
#include "controller/timer.h"
#include "net/watch.h"
#include "observe/log.h"

namespace dhcp46 {

namespace {

using namespace std::chrono_literals;

// Changes of the network come in bursts; the maps must follow within a second.
constexpr auto settling = 100ms;
// Routes come in bursts of a whole table. Their notifications are not even read until then.
constexpr auto routes_settling = 200ms;
// What failed for a reason that the network does not announce is tried again.
constexpr auto retrying = 5s;
// How often counters are looked at, for what is worth a line in the log, and whether metrics can be
// served.
constexpr auto looking = 5s;
// How often the kernel programs are told that somebody takes what they hand up.
constexpr auto beating = 1s;

long monotonic_microseconds() { // as systemd compares it
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// What may fail to open, before anything is done.
struct Parts {
    Presence presence;
    Signals signals;
    NetworkWatch network;
    NetworkWatch routes;
    Timer settle;
    Timer settle_routes;
    Timer retry;
    MetricsService metrics;
    SlowPath slow_path;
};

Result<Parts> open_parts(const ControllerSetup &setup) {
    auto signals = Signals::open();
    if (!signals)
        return signals.error();
    auto presence = Presence::open(setup.bpffs);
    if (!presence)
        return presence.error();
    auto network = NetworkWatch::open(NetworkWatch::What::devices);
    if (!network)
        return network.error();
    auto routes = NetworkWatch::open(NetworkWatch::What::routes);
    if (!routes)
        return routes.error();
    auto settle = Timer::open();
    if (!settle)
        return settle.error();
    auto settle_routes = Timer::open();
    if (!settle_routes)
        return settle_routes.error();
    auto retry = Timer::open();
    if (!retry)
        return retry.error();
    auto metrics = MetricsService::open(setup.bpffs, setup.version);
    if (!metrics)
        return metrics.error();
    auto slow_path = SlowPath::open(setup.bpffs);
    if (!slow_path)
        return slow_path.error();
    return Parts{*std::move(presence), *std::move(signals), *std::move(network),
                 *std::move(routes),   *std::move(settle),  *std::move(settle_routes),
                 *std::move(retry),    *std::move(metrics), *std::move(slow_path)};
}

class Controller {
  public:
    Controller(ControllerSetup setup, std::optional<Desired> desired, Parts parts)
        : setup_(std::move(setup)), parts_(std::move(parts)),
          follower_(setup_.bpffs, std::move(desired)), drops_(setup_.bpffs) {}

    Status run() {
        start_log();
        if (auto status = replace_programs(); !status)
            return status;
        if (auto status = watch(); !status)
            return status;
        follow();
        look_at_counters();
        serve_metrics();
        tell_manager("READY=1\n");
        log_message(Message::started, {{"pid", std::to_string(getpid())},
                                       {"instances", std::to_string(follower_.ready())}});
        auto status = loop_.run();
        parts_.slow_path.stop();
        tell_manager("STOPPING=1\n");
        log_message(Message::stopped);
        return status;
    }

  private:
    // Programs of another build.
    Status replace_programs() const {
        const auto replaced = exchange_programs(setup_.bpffs);
        if (!replaced)
            return replaced.error();
        if (*replaced)
            log_message(Message::programs_replaced);
        return {};
    }

    // Everything that the process waits for, but for the pins and the readers of metrics, which
    // come and go.
    Status watch() {
        watch_requests();
        watch_changes();
        return start_tasks();
    }

    // What others ask of us.
    void watch_requests() {
        loop_.watch(parts_.signals.fd(), [this] { return handle_signals(); });
        loop_.watch(parts_.presence.fd(), [this] {
            parts_.presence.answer([this] { return follower_.report(); });
            return Status();
        });
    }

    // What the instances have to follow.
    void watch_changes() {
        loop_.watch(parts_.network.fd(), [this] {
            soon();
            return parts_.network.drain();
        });
        watch_routes();
        loop_.watch(parts_.settle_routes.fd(), [this] {
            parts_.settle_routes.drain();
            auto status = parts_.routes.drain();
            watch_routes();
            if (follower_.have_routes_moved())
                follow();
            return status;
        });
        for (Timer *timer : {&parts_.settle, &parts_.retry}) {
            loop_.watch(timer->fd(), [this, timer] {
                timer->drain();
                follow();
                return Status();
            });
        }
    }

    void watch_routes() {
        loop_.watch(parts_.routes.fd(), [this] {
            loop_.unwatch(parts_.routes.fd());
            parts_.settle_routes.once(routes_settling);
            return Status();
        });
    }

    // What is done again and again.
    Status start_tasks() {
        const auto look = [this] {
            look_at_counters();
            serve_metrics();
        };
        if (auto status = loop_.every(looking, look); !status)
            return status;
        if (auto status = loop_.every(beating, [this] { parts_.slow_path.beat(); }); !status)
            return status;
        if (const auto interval = watchdog_interval())
            return loop_.every(*interval, [] { notify_manager("WATCHDOG=1\n"); });
        return {};
    }

    void look_at_counters() {
        const auto counters = inspect_stats(setup_.bpffs, "");
        if (!counters)
            return; // follow() says so
        drops_.tell(*counters);
        if (const auto instances = inspect_status(setup_.bpffs, ""))
            health_.tell(*instances);
    }

    void soon() {
        if (!parts_.settle.is_armed())
            parts_.settle.once(settling);
    }

    void follow() {
        follower_.follow();
        parts_.slow_path.follow(loop_);
        const bool pinned = watch_pins();
        if (!follower_.is_settled() || !pinned)
            parts_.retry.once(retrying);
        tell_manager("");
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
        const int number = parts_.signals.take();
        if (number == SIGHUP)
            reload();
        else if (number != 0)
            loop_.stop();
        return {};
    }

    // Without a file the network is looked at again, which is all there is to read.
    void reload() {
        notify_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", monotonic_microseconds()));
        if (follower_.read_file()) {
            start_log();
            follow();
            serve_metrics();
            log_message(Message::reloaded, {{"instances", std::to_string(follower_.instances())}});
        }
        tell_manager("READY=1\n");
    }

    // What the command line says of the log goes before the file.
    void start_log() const {
        const ControllerOptions options = follower_.options();
        open_log(setup_.log_format.value_or(options.log_format),
                 setup_.log_level.value_or(options.log_level));
    }

    void serve_metrics() { parts_.metrics.serve_at(follower_.options().metrics, loop_); }

    void tell_manager(const std::string &state) const {
        notify_manager(fmt::format("{}STATUS={} ready, {} waiting\n", state, follower_.ready(),
                                   follower_.waiting()));
    }

    ControllerSetup setup_;
    Parts parts_;
    Follower follower_;
    DropReport drops_;
    HealthLog health_;
    std::optional<PinWatch> pins_;
    Loop loop_;
};

} // namespace

Status run_controller(const ControllerSetup &setup) {
    if (auto status = check_privileges_of_run(); !status)
        return status;
    std::optional<Desired> desired;
    if (!setup.file.empty()) {
        desired.emplace(std::filesystem::absolute(setup.file));
        if (const auto errors = desired->read(); !errors.empty())
            return error_of(errors.front());
    }
    auto parts = open_parts(setup);
    if (!parts)
        return parts.error();
    return Controller(setup, std::move(desired), *std::move(parts)).run();
}

} // namespace dhcp46
