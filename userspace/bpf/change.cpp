// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/change.h"

#include "bpf/deploy.h"
#include "bpf/privileges.h"

namespace dhcp46 {

Error no_such_instance(const std::string &name) {
    return {Exit::runtime, name, "there is no instance of this name",
            "`dhcp46 status` lists the instances"};
}

Result<Opened> open_for_change(const std::string &bpffs) {
    if (auto status = check_privileges(); !status)
        return status.error();
    auto root = BpfRoot::open(bpffs, Access::change);
    if (!root)
        return root.error();
    Opened opened{*std::move(root), std::nullopt, {}};
    if (opened.root.is_absent())
        return opened;
    auto store = Store::open(opened.root.directory());
    if (!store)
        return store.error();
    opened.store = *std::move(store);
    if (!opened.store)
        return opened;
    auto tables = opened.store->read();
    if (!tables)
        return tables.error();
    opened.tables = *std::move(tables);
    return opened;
}

Result<Opened> open_for_reading(const std::string &bpffs, const std::string &name) {
    auto root = BpfRoot::open(bpffs, Access::read);
    if (!root)
        return root.error();
    Opened opened{*std::move(root), std::nullopt, {}};
    if (!opened.root.is_absent()) {
        auto store = Store::open(opened.root.directory());
        if (!store)
            return store.error();
        opened.store = *std::move(store);
        if (!opened.store) {
            if (auto status = Store::check_nothing_runs(opened.root.directory()); !status)
                return status.error();
        }
    }
    if (opened.store) {
        auto tables = opened.store->read();
        if (!tables)
            return tables.error();
        opened.tables = *std::move(tables);
    }
    if (!name.empty() && !find_instance(opened.tables, name))
        return no_such_instance(name);
    return opened;
}

Result<std::uint32_t> instance_for_change(const Opened &opened, const std::string &name) {
    const auto id = find_instance(opened.tables, name);
    if (!id)
        return no_such_instance(name);
    return *id;
}

} // namespace dhcp46
