// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/slow_path.h"

#include <cerrno>
#include <chrono>

#include "observe/log.h"

namespace dhcp46 {

namespace {

// What is taken in one turn, so that a flood holds up nothing else.
constexpr unsigned turn = 128;

std::uint64_t monotonic_nanoseconds() { // as bpf_ktime_get_ns counts
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

// Written for a controller that was there then, which need not have been this one.
bool is_stale(const dhcp46_punt &punt) {
    return monotonic_nanoseconds() - punt.time_ns > DHCP46_HEARTBEAT_MAX_AGE_NS;
}

dhcp46_fate fate_of(std::uint32_t link_id, std::uint32_t reason) {
    dhcp46_fate fate = {};
    fate.link_id = link_id;
    fate.reason = reason;
    fate.type = DHCP46_TYPES;
    return fate;
}

std::uint32_t reason_for(int error) {
    return error == ENETUNREACH || error == EHOSTUNREACH ? DHCP46_DROP_no_route
                                                         : DHCP46_DROP_send_failed;
}

} // namespace

Result<SlowPath> SlowPath::open(std::string bpffs) {
    auto transmitter = Transmitter::open();
    if (!transmitter)
        return transmitter.error();
    return SlowPath(std::move(bpffs), *std::move(transmitter));
}

void SlowPath::follow(Loop &loop) {
    auto status = connect(loop);
    if (status)
        status = listen(loop);
    if (status)
        failure_.clear();
    report(status);
    beat();
}

Status SlowPath::connect(Loop &loop) {
    if (channel_ && channel_->is_current())
        return {};
    if (channel_)
        loop.unwatch(channel_->fd());
    channel_.reset();
    auto channel = SlowChannel::open(bpffs_);
    if (!channel)
        return channel.error();
    channel_ = *std::move(channel);
    if (channel_)
        loop.watch(channel_->fd(), [this] {
            take_punts();
            return Status();
        });
    return {};
}

Status SlowPath::listen(Loop &loop) {
    std::set<Listening> places;
    if (channel_) {
        const auto tables = channel_->tables();
        if (!tables)
            return tables.error();
        places = places_to_listen(*tables);
    }
    for (const int fd : watched_)
        loop.unwatch(fd);
    auto refused = receiver_.listen(places);
    watched_ = receiver_.fds();
    for (const int fd : watched_)
        loop.watch(fd, [this, fd] {
            take_received(fd);
            return Status();
        });
    for (const auto &[place, error] : refused) {
        if (!refused_.contains(place))
            log_message(Message::port_in_use,
                        {{"where", to_string(place)}, {"why", errno_text(error)}});
    }
    refused_ = std::move(refused);
    return {};
}

void SlowPath::beat() {
    if (channel_)
        report(channel_->beat(monotonic_nanoseconds()));
}

void SlowPath::stop() {
    if (channel_)
        static_cast<void>(channel_->beat(0));
}

Decision SlowPath::ask(std::span<const std::uint8_t> frame, bool has_ethernet,
                       std::uint32_t ifindex) {
    channel_->lookups().forget();
    return decide(frame, has_ethernet, ifindex, channel_->lookups());
}

void SlowPath::take_punts() {
    channel_->take(turn, [this](const dhcp46_punt &punt) {
        Decision decision;
        if (!is_stale(punt))
            decision = ask({punt.frame, punt.length}, punt.l2_length != 0, punt.ifindex);
        if (decision.verdict == DHCP46_VERDICT_IGNORE || decision.verdict == DHCP46_VERDICT_PASS) {
            decision = {};
            decision.verdict = DHCP46_VERDICT_DROP;
            decision.link_id = punt.link_id;
            decision.reason = DHCP46_DROP_punt_stale;
        }
        finish(decision, punt.length, true);
    });
    flush();
}

// What is no instance's is ignored, and what one leaves to this host's stack has come to it: both
// were for somebody else, and are counted if they are to be.
void SlowPath::take_received(int socket) {
    for (unsigned i = 0; i < turn && channel_; i++) {
        const auto received = receiver_.receive(socket);
        if (!received)
            break;
        const Decision decision = ask(received->frame, received->has_ethernet, received->ifindex);
        if (decision.verdict == DHCP46_VERDICT_RELAY || decision.verdict == DHCP46_VERDICT_DROP)
            finish(decision, received->frame.size(), false);
    }
    flush();
}

void SlowPath::finish(const Decision &decision, std::size_t bytes, bool was_punted) {
    dhcp46_fate fate = carry_out(decision);
    fate.bytes = static_cast<std::uint32_t>(bytes);
    fate.punts = was_punted;
    channel_->count(fate);
}

// A packet for several upstreams is relayed if it could be sent to one.
dhcp46_fate SlowPath::carry_out(const Decision &decision) {
    dhcp46_fate fate = fate_of(decision.link_id, decision.reason);
    if (decision.verdict != DHCP46_VERDICT_RELAY)
        return fate;
    int failed = 0;
    bool is_sent = false;
    for (const Departure &departure : decision.departures) {
        const int error = transmitter_.send(departure);
        failed = error ? error : failed;
        is_sent = is_sent || error == 0;
    }
    if (!is_sent)
        return fate_of(decision.link_id, reason_for(failed));
    fate.type = decision.type;
    if (failed && fate.reason == DHCP46_NO_REASON)
        fate.reason = DHCP46_NOTE_upstream_skipped;
    return fate;
}

void SlowPath::flush() {
    if (channel_)
        report(channel_->flush());
}

void SlowPath::report(const Status &status) {
    if (status)
        return;
    const std::string failure = status.error().what + ": " + status.error().why;
    if (failure != failure_)
        log_message(Message::slow_path_failed,
                    {{"what", status.error().what}, {"why", status.error().why}});
    failure_ = failure;
}

} // namespace dhcp46
