// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/attachment.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/exchange.h"
#include "bpf/hooks.h"
#include "bpf/server_link.h"
#include "bpf/store.h"
#include "bpf/undo.h"
#include "instance/server_link.h"
#include "instance/xdp_choice.h"

namespace dhcp46 {

Result<Plan> plan_for(const Spec &spec, const Network &network, const Tables &attached) {
    auto planned = with_server_link(spec, network);
    if (!planned)
        return planned.error();
    auto resolved = resolve(spec, *planned, route_device, attached);
    if (!resolved)
        return resolved.error();
    return Plan{*std::move(planned), *std::move(resolved)};
}

namespace {

std::vector<std::string> names_of(const std::vector<AbsentDevice> &absent) {
    std::vector<std::string> names;
    names.reserve(absent.size());
    for (const AbsentDevice &device : absent)
        names.push_back(device.name);
    return names;
}

class Attachment {
  public:
    Attachment(BpfRoot &root, Plan plan, Extras extras)
        : root_(root), network_(std::move(plan.network)), resolved_(std::move(plan.resolved)),
          extras_(std::move(extras)) {}

    // What became of it.
    Followed followed() const { return {changed_, names_of(extras_.absent), current_.max_links}; }

    Status run() {
        if (auto status = read_current(); !status)
            return status;
        if (auto status = resolve_beside_others(); !status)
            return status;
        if (auto status =
                check_conflicts(current_, resolved_, network_, extras_.shape, extras_.yielding);
            !status)
            return status;
        if (auto status = ensure_store(); !status)
            return status;
        if (auto status = ensure_server_link(); !status)
            return status;
        if (auto status = choose_modes(); !status)
            return status;
        if (auto status = attach_hooks(); !status)
            return status;
        if (auto status = write_tables(); !status)
            return status;
        undo_.dismiss();
        if (is_tsv())
            finish_server_link(resolved_.spec);
        drop_what_is_left_over();
        return {};
    }

  private:
    std::string directory() const { return root_.directory(); }

    Hooks hooks() const { return {directory(), store_ ? store_->programs() : Programs{}}; }

    Status read_current() {
        undo_.add([this] { root_.undo_mount(); });
        auto store = Store::open(directory());
        if (!store)
            return store.error();
        store_ = *std::move(store);
        if (!store_) {
            in_kernel_.max_links = extras_.max_links.value_or(DHCP46_MAX_LINKS);
            current_ = in_kernel_;
            return Store::check_nothing_runs(directory());
        }
        auto tables = store_->read();
        if (!tables)
            return tables.error();
        in_kernel_ = *std::move(tables);
        current_ = without_unfinished(in_kernel_);
        return check_room();
    }

    // The size of a map is that of its birth.
    Status check_room() const {
        if (extras_.maps_may_be_small || extras_.max_links.value_or(0) <= current_.max_links)
            return {};
        return Error{Exit::runtime, fmt::format("--max-links {}", *extras_.max_links),
                     fmt::format("the maps that are loaded have room for {}", current_.max_links),
                     "`dhcp46 detach --all`, and attach every instance again"};
    }

    Status resolve_beside_others() {
        auto resolved = resolve(resolved_.spec, network_, route_device, current_);
        if (!resolved)
            return resolved.error();
        resolved_ = *std::move(resolved);
        return {};
    }

    bool is_tsv() const { return resolved_.spec.role == DHCP46_ROLE_TSV; }

    // After the store: `detach --all` looks for what a killed call left where there are pins.
    Status ensure_server_link() {
        if (!is_tsv())
            return {};
        if (auto status = dhcp46::ensure_server_link(resolved_.spec, current_, undo_); !status)
            return status;
        if (auto status = look_again(); !status)
            return status;
        return put_program_on_server_end();
    }

    Status look_again() {
        auto network = read_network_with(hooks());
        if (!network)
            return network.error();
        network_ = with_names(*std::move(network), extras_.names);
        return resolve_beside_others();
    }

    // Our end takes redirects while an XDP program is on the other one. Ours passes all there.
    Status put_program_on_server_end() {
        const Device &end = resolved_.server_end;
        if (!could_receive_by_xdp() || hooks().foreign_xdp(end.ifindex))
            return {};
        wanted_[end.ifindex] = true;
        if (auto status = attach_xdp(end, hooks().state(end.ifindex).xdp); !status)
            return status;
        return look_again();
    }

    bool could_receive_by_xdp() const {
        return std::any_of(resolved_.links.begin(), resolved_.links.end(),
                           [&](const ResolvedLink &link) {
                               return link.side == DHCP46_SIDE_IPV6 && runs_xdp(link.device, {});
                           });
    }

    bool runs_xdp(const Device &device, const std::vector<const Device *> &outs) const {
        return others_run_xdp(device.ifindex) || choose(device, outs).native;
    }

    XdpChoice choose(const Device &device, const std::vector<const Device *> &outs) const {
        return choose_xdp(resolved_.spec.xdp_mode, device, outs,
                          hooks().foreign_xdp(device.ifindex));
    }

    // Another instance on the same device may want XDP where this one does not.
    bool others_run_xdp(unsigned ifindex) const {
        for (const auto &[key, link] : current_.links) {
            const auto instance = current_.instances.find(link.instance);
            if (key.ifindex == ifindex && (link.flags & DHCP46_LINK_XDP) &&
                instance != current_.instances.end() &&
                instance->second.name != resolved_.spec.name &&
                instance->second.xdp_mode != DHCP46_XDP_OFF)
                return true;
        }
        return false;
    }

    std::vector<const Device *> ways_out(const Device &in) const {
        std::vector<const Device *> outs;
        if (resolved_.spec.role == DHCP46_ROLE_HCRA)
            return outs; // as out_devices()
        for (const ResolvedLink &from : resolved_.links) {
            for (const ResolvedLink &to : resolved_.links) {
                const bool across =
                    (from.side == DHCP46_SIDE_IPV6) != (to.side == DHCP46_SIDE_IPV6);
                if (across && from.device.ifindex == in.ifindex)
                    outs.push_back(&to.device);
            }
        }
        return outs;
    }

    Status choose_modes() {
        const dhcp46_xdp_mode mode = resolved_.spec.xdp_mode;
        for (const ResolvedLink &link : resolved_.links) {
            const Device &device = link.device;
            const XdpChoice choice = choose(device, ways_out(device));
            spdlog::debug("{}: XDP {}: {}", device.name, choice.native ? "native" : "off",
                          choice.why);
            if (mode == DHCP46_XDP_NATIVE && !choice.native)
                return Error{Exit::kernel, fmt::format("native XDP on {}", device.name), choice.why,
                             choice.hint};
            wanted_[device.ifindex] = choice.native || others_run_xdp(device.ifindex);
        }
        if (is_tsv())
            wanted_[resolved_.server_end.ifindex] = wants_xdp(DHCP46_SIDE_IPV6);
        return {};
    }

    bool wants_xdp(dhcp46_side side) const {
        return std::any_of(resolved_.links.begin(), resolved_.links.end(),
                           [&](const ResolvedLink &link) {
                               return link.side == side && wanted_.at(link.device.ifindex);
                           });
    }

    Status ensure_store() {
        if (store_)
            return extras_.exchange ? exchange_programs() : Status();
        auto store = Store::create(directory(), current_.max_links);
        if (!store)
            return store.error();
        store_ = *std::move(store);
        undo_.add([this] { Store::remove(directory()); });
        return {};
    }

    Status exchange_programs() {
        const auto exchanged =
            dhcp46::exchange_programs(directory(), *store_, in_kernel_, network_);
        if (!exchanged)
            return exchanged.error();
        if (*exchanged)
            spdlog::info("this build's programs are in place of those of another one");
        return {};
    }

    Status attach_hooks() {
        for (const ResolvedLink &link : resolved_.links) {
            const HookNeeds needs = hook_needs(resolved_.spec.role, link.side, link.device);
            if (auto status = attach_device(link.device, needs); !status)
                return status;
        }
        return {};
    }

    Status attach_device(const Device &device, const HookNeeds &needs) {
        const unsigned ifindex = device.ifindex;
        const HookState before = hooks().state(ifindex);
        if (auto status = hooks().attach_ingress(ifindex, needs.ingress); !status)
            return named(status.error(), device);
        if (!before.tc)
            undo_.add([this, ifindex] { hooks().detach_ingress(ifindex); });
        if (needs.egress) {
            if (auto status = hooks().attach_egress(ifindex); !status)
                return named(status.error(), device);
            if (!before.egress)
                undo_.add([this, ifindex] { hooks().detach_egress(ifindex); });
        }
        if (wanted_[ifindex]) {
            if (auto status = attach_xdp(device, before.xdp); !status)
                return status;
        }
        HookState &after = hook_map_[ifindex];
        after = hooks().state(ifindex);
        after.xdp = wanted_[ifindex];
        after.xdp_refused = refused_.contains(ifindex);
        return {};
    }

    Status attach_xdp(const Device &device, bool before) {
        const unsigned ifindex = device.ifindex;
        const auto status = hooks().attach_xdp(ifindex);
        if (status) {
            if (!before)
                undo_.add([this, ifindex] { hooks().detach_xdp(ifindex); });
            return {};
        }
        if (resolved_.spec.xdp_mode == DHCP46_XDP_NATIVE)
            return named(status.error(), device);
        spdlog::info("{}: {}, so TC alone serves it", device.name, status.error().why);
        wanted_[ifindex] = false;
        refused_.insert(ifindex);
        return {};
    }

    static Error named(Error error, const Device &device) {
        error.what += fmt::format(" on {}", device.name);
        return error;
    }

    Status write_tables() {
        auto next = with_instance(current_, resolved_, hook_map_, network_);
        if (!next)
            return next.error();
        if (extras_.keep_edited)
            keep_edited(next->tables, current_, next->instance);
        keep_absent(next->tables, current_, next->instance, extras_.absent);
        for (const std::uint32_t id : next->fresh_link_ids) {
            if (auto status = store_->zero_stats(id); !status)
                return status;
        }
        const auto changes = difference(in_kernel_, next->tables);
        changed_ = !changes.empty();
        undo_.add([this, next = next->tables] { restore(next); });
        if (auto status = store_->apply(changes); !status)
            return status;
        current_ = next->tables;
        return {};
    }

    void restore(const Tables &next) const {
        if (auto status = store_->apply(difference(next, in_kernel_)); !status)
            spdlog::error("taking back: {}: {}", status.error().what, status.error().why);
    }

    // Hooks that nobody wants any more: XDP that is off now, and devices that were replaced.
    void drop_what_is_left_over() const {
        const auto needed = hook_needs(current_, network_);
        for (const auto &[ifindex, wanted] : wanted_) {
            if (!wanted)
                hooks().detach_xdp(ifindex);
            if (!needed.at(ifindex).egress)
                hooks().detach_egress(ifindex);
        }
        hooks().sweep(needed);
    }

    BpfRoot &root_;
    Network network_;
    Resolved resolved_;
    Extras extras_;
    std::optional<Store> store_;
    Tables in_kernel_;
    Tables current_;                  // the same without what an attach left that was killed
    std::map<unsigned, bool> wanted_; // native XDP, by ifindex
    std::set<unsigned> refused_;      // native XDP, by the driver
    HookMap hook_map_;
    bool changed_ = false;
    Undo undo_; // last: its steps use the others
};

} // namespace

Result<Followed> attach_planned(BpfRoot &root, Plan plan, Extras extras) {
    Attachment attachment(root, std::move(plan), std::move(extras));
    if (auto status = attachment.run(); !status)
        return status.error();
    return attachment.followed();
}

} // namespace dhcp46
