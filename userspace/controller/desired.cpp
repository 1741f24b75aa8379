// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/desired.h"

#include <algorithm>

#include "instance/drift.h"

namespace dhcp46 {

ConfigErrors Desired::read() {
    auto config = load_config(path_);
    if (!config)
        return config.error();
    config_ = *std::move(config);
    pending_.clear();
    for (const Spec &spec : config_.instances)
        pending_.insert(spec.name);
    return {};
}

bool Desired::has(const std::string &name) const {
    return std::any_of(config_.instances.begin(), config_.instances.end(),
                       [&](const Spec &spec) { return spec.name == name; });
}

Result<Followed> Desired::bring(const std::string &bpffs, const Spec &spec,
                                const InstanceStatus *running) {
    if (!pending_.contains(spec.name))
        return keep(bpffs, spec, running);
    Deployment deployment{config_.controller.max_links, true, pending_};
    deployment.yielding.erase(spec.name);
    auto made = deploy_instance(bpffs, spec, deployment);
    if (made)
        pending_.erase(spec.name);
    return made;
}

// Who detached it or attached it otherwise had a reason: the next reading of the file takes it
// back.
Result<Followed> Desired::keep(const std::string &bpffs, const Spec &spec,
                               const InstanceStatus *running) const {
    if (!running)
        return Followed{};
    if (running->instance.origin != DHCP46_ORIGIN_FILE)
        return follow_instance(bpffs, spec.name);
    return deploy_instance(bpffs, spec, {.max_links = config_.controller.max_links});
}

std::vector<std::string> Desired::drift(const Spec &spec, const InstanceStatus *running) const {
    return pending_.contains(spec.name) ? std::vector<std::string>() : drift_of(spec, running);
}

} // namespace dhcp46
