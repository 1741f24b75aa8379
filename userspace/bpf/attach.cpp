// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <algorithm>

#include "bpf/attachment.h"
#include "bpf/change.h"
#include "bpf/deploy.h"
#include "bpf/privileges.h"
#include "instance/server_link.h"

namespace dhcp46 {

static Status status_of(const Result<Followed> &result) {
    return result ? Status() : Status(result.error());
}

Status attach_instance(const std::string &bpffs, const Spec &spec,
                       std::optional<std::uint32_t> max_links) {
    if (auto status = validate(spec); !status)
        return status;
    auto network = read_network();
    if (!network)
        return network.error();
    // What is wrong with the wish is said first, whoever asks.
    auto plan = plan_for(spec, *network, {});
    if (!plan)
        return plan.error();
    if (auto status = check_privileges(); !status)
        return status;
    auto root = BpfRoot::open(bpffs, Access::attach);
    if (!root)
        return root.error();
    return status_of(
        attach_planned(*root, *std::move(plan), {.max_links = max_links, .exchange = true}));
}

namespace {

// A running instance as it would be attached again, with what is pinned locked. Its upstreams and
// prefixes stay as they are.
struct Again {
    Opened opened;
    std::uint32_t id = 0;
    Plan plan;
    Extras extras;
};

enum class Missing { refused, left_out };

Result<Again> plan_again(const std::string &bpffs, const std::string &name, Missing devices) {
    auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    const auto id = instance_for_change(*opened, name);
    if (!id)
        return id.error();
    const auto network = read_network();
    if (!network)
        return network.error();
    auto spec = rebuilt_spec(opened->tables, *id, *network);
    if (!spec)
        return spec.error();
    Extras extras{.keep_edited = true};
    if (devices == Missing::left_out) {
        extras.shape = Shape::may_change;
        extras.absent = leave_out_absent(*spec, *network);
    }
    if (spec->ipv6_devices.empty()) // the route says which
        extras.shape = Shape::may_change;
    if (auto status = validate(*spec); !status)
        return status.error();
    auto plan = plan_for(*spec, *network, opened->tables);
    if (!plan)
        return plan.error();
    return Again{*std::move(opened), *id, *std::move(plan), std::move(extras)};
}

} // namespace

Status refresh_instance(const std::string &bpffs, const std::string &name) {
    auto again = plan_again(bpffs, name, Missing::refused);
    if (!again)
        return again.error();
    if (!brings_address(again->opened.tables, again->id, again->plan.resolved))
        return {};
    return status_of(
        attach_planned(again->opened.root, std::move(again->plan), std::move(again->extras)));
}

namespace {

// What runs now. The lock is not held any more.
Result<Tables> read_tables(const std::string &bpffs) {
    auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    return std::move(opened->tables);
}

// What comes in means something else in another role. The server that listens on a device does not
// follow its name.
bool must_be_detached(const Spec &spec, const Network &network, const Tables &running) {
    const auto id = find_instance(running, spec.name);
    if (!id)
        return false;
    const std::string servers = server_end_now(spec, network);
    return running.instances.at(*id).role != spec.role ||
           (!servers.empty() && servers != spec.server_end);
}

// A wish as far as its devices are there.
struct PresentPlan {
    Plan plan;
    std::vector<AbsentDevice> absent;
    Names names;
};

Result<PresentPlan> plan_present(Spec spec, Network network, const Tables &running, Claim claim) {
    PresentPlan present;
    if (const auto id = find_instance(running, spec.name))
        present.names = names_known_to(running, *id, network, claim);
    network = with_names(std::move(network), present.names);
    present.absent = leave_out_absent(spec, network);
    auto plan = plan_for(spec, network, running);
    if (!plan)
        return plan.error();
    present.plan = *std::move(plan);
    return present;
}

Result<PresentPlan> plan_deployment(const std::string &bpffs, Spec spec, bool anew) {
    if (auto status = validate(spec); !status)
        return status.error();
    auto running = read_tables(bpffs);
    if (!running)
        return running.error();
    auto network = read_network();
    if (!network)
        return network.error();
    if (!anew) {
        const std::string servers = server_end_now(spec, *network);
        spec.server_end = servers.empty() ? spec.server_end : servers;
        return plan_present(std::move(spec), *std::move(network), *running, Claim::known_by_it);
    }
    if (!must_be_detached(spec, *network, *running))
        return plan_present(std::move(spec), *std::move(network), *running, Claim::has_it);
    // It gives way only to what can be attached.
    auto possible =
        plan_present(spec, without_server_link(spec, *network), *running, Claim::has_it);
    if (!possible)
        return possible.error();
    if (auto status = detach_instance(bpffs, spec.name); !status)
        return status.error();
    return plan_deployment(bpffs, std::move(spec), anew);
}

} // namespace

Result<Followed> deploy_instance(const std::string &bpffs, const Spec &spec,
                                 const Deployment &deployment) {
    auto present = plan_deployment(bpffs, spec, deployment.anew);
    if (!present)
        return present.error();
    auto root = BpfRoot::open(bpffs, Access::attach);
    if (!root)
        return root.error();
    return attach_planned(*root, std::move(present->plan),
                          {.max_links = deployment.max_links,
                           .maps_may_be_small = true,
                           .keep_edited = !deployment.anew,
                           .shape = Shape::may_change,
                           .absent = std::move(present->absent),
                           .names = std::move(present->names),
                           .yielding = deployment.yielding});
}

Result<Followed> follow_instance(const std::string &bpffs, const std::string &name) {
    auto again = plan_again(bpffs, name, Missing::left_out);
    if (!again)
        return again.error();
    return attach_planned(again->opened.root, std::move(again->plan), std::move(again->extras));
}

} // namespace dhcp46
