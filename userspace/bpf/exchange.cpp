// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/exchange.h"

#include <spdlog/spdlog.h>

#include "bpf/change.h"
#include "bpf/deploy.h"
#include "bpf/hooks.h"

namespace dhcp46 {

// On all devices first, then in the pins: so what is pinned is complete whenever this is killed,
// and by its build the next call sees that there is something to do.
static Status exchange_all(const std::string &directory, Store &store,
                           const std::map<unsigned, HookNeeds> &needed) {
    const auto loaded = store.load_again();
    if (!loaded)
        return loaded.error();
    const auto exchanged = Hooks(directory, loaded->programs(), store.programs()).exchange(needed);
    if (!exchanged) {
        const auto back = Hooks(directory, store.programs(), loaded->programs()).exchange(needed);
        if (!back)
            spdlog::error("taking back: {}: {}", back.error().what, back.error().why);
        return exchanged.error();
    }
    return store.take_programs(*loaded);
}

Result<bool> exchange_programs(const std::string &directory, Store &store, const Tables &tables,
                               const Network &network) {
    const auto needed = hook_needs(tables, network);
    if (store.is_of_this_build())
        return Hooks(directory, store.programs()).exchange(needed);
    if (auto status = exchange_all(directory, store, needed); !status)
        return status.error();
    return true;
}

Result<bool> exchange_programs(const std::string &bpffs) {
    auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    if (opened->root.is_absent())
        return false;
    const std::string directory = opened->root.directory();
    if (!opened->store) {
        auto status = Store::check_nothing_runs(directory);
        return status ? Result<bool>(false) : status.error();
    }
    const auto network = read_network();
    if (!network)
        return network.error();
    return exchange_programs(directory, *opened->store, opened->tables, *network);
}

} // namespace dhcp46
