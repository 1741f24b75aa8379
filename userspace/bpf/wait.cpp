// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/wait.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/deploy.h"
#include "bpf/inspect.h"
#include "bpf/pin_watch.h"
#include "bpf/privileges.h"
#include "bpf/root.h"
#include "net/watch.h"

namespace dhcp46 {

namespace {

using Clock = std::chrono::steady_clock;

class Waiter {
  public:
    Waiter(const std::string &bpffs, const std::string &name,
           std::optional<std::chrono::seconds> timeout,
           const std::function<void(const InstanceStatus &)> &tell)
        : bpffs_(bpffs), name_(name), timeout_(timeout), tell_(tell) {
        if (timeout)
            deadline_ = Clock::now() + *timeout;
    }

    Status run() {
        // First of all what is wrong, in the words of every other command.
        if (auto now = look(); !now)
            return now.error();
        auto network = NetworkWatch::open(NetworkWatch::What::devices);
        if (!network)
            return network.error();
        auto pins = PinWatch::open(BpfRoot::pins_below(bpffs_));
        if (!pins)
            return pins.error();
        for (;;) {
            auto ready = is_ready();
            if (!ready)
                return ready.error();
            if (*ready)
                return {};
            if (auto status = pause(*network, *pins); !status)
                return status;
        }
    }

  private:
    Result<InstanceStatus> look() const {
        auto list = inspect_status(bpffs_, name_);
        if (!list)
            return list.error();
        if (list->empty())
            return no_such_instance(name_);
        return std::move(list->front());
    }

    Result<bool> is_ready() {
        auto now = look();
        if (!now)
            return now.error();
        if (!now->ready()) {
            if (auto status = refresh(); !status)
                return status.error();
            now = look();
            if (!now)
                return now.error();
        }
        if (now->ready() || now->missing != missing_)
            tell_(*now);
        missing_ = now->missing;
        return now->ready();
    }

    // What is not there yet is waited for; what we may not do never comes.
    Status refresh() const {
        const auto status = refresh_instance(bpffs_, name_);
        if (status)
            return {};
        const Error &error = status.error();
        if (error.exit == Exit::privilege)
            return error;
        spdlog::debug("{}: {}", error.what, error.why);
        return {};
    }

    Status pause(NetworkWatch &network, const PinWatch &pins) const {
        pollfd events[] = {{network.fd(), POLLIN, 0}, {pins.fd(), POLLIN, 0}};
        const int count = poll(events, std::size(events), milliseconds_left());
        if (count < 0 && errno != EINTR)
            return syscall_error("poll", errno);
        if (count == 0)
            return timed_out();
        pins.drain();
        return network.drain();
    }

    int milliseconds_left() const {
        if (!deadline_)
            return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now());
        return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    }

    Error timed_out() const {
        return {
            Exit::runtime, name_,
            fmt::format("not ready after {} s: {}", timeout_->count(), fmt::join(missing_, "; ")),
            fmt::format("`dhcp46 status {}` shows how it is", name_)};
    }

    const std::string &bpffs_;
    const std::string &name_;
    std::optional<std::chrono::seconds> timeout_;
    const std::function<void(const InstanceStatus &)> &tell_;
    std::optional<Clock::time_point> deadline_;
    std::vector<std::string> missing_;
};

} // namespace

Status wait_until_ready(const std::string &bpffs, const std::string &name,
                        std::optional<std::chrono::seconds> timeout,
                        const std::function<void(const InstanceStatus &)> &tell) {
    return Waiter(bpffs, name, timeout, tell).run();
}

} // namespace dhcp46
