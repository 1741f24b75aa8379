// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/change.h"
#include "bpf/deploy.h"
#include "instance/resolve.h"
#include "instance/upstreams.h"

namespace dhcp46 {

namespace {

// An instance and the upstreams that somebody named for it.
struct Named {
    Opened opened;
    std::uint32_t id = 0;
    std::vector<Ip6> addresses;

    dhcp46_role role() const { return opened.tables.instances.at(id).role; }
};

Result<Named> open_named(const std::string &bpffs, const std::string &name,
                         const std::vector<std::string> &addresses) {
    auto opened = open_for_change(bpffs);
    if (!opened)
        return opened.error();
    const auto id = instance_for_change(*opened, name);
    if (!id)
        return id.error();
    Named named{*std::move(opened), *id, {}};
    if (named.role() == DHCP46_ROLE_TSV)
        return Error{Exit::config, name, "a tsv has one server, at the end of the link made for it",
                     "run attach again, with another --server"};
    for (const std::string &address : addresses) {
        const auto parsed = parse_upstream(named.role(), address);
        if (!parsed)
            return Error{Exit::config, fmt::format("upstream {}", address), parsed.error().why,
                         parsed.error().hint};
        named.addresses.push_back(*parsed);
    }
    return named;
}

// The network has nothing against them.
Status check_upstreams(const Named &named) {
    const auto network = read_network();
    if (!network)
        return network.error();
    for (const Ip6 &address : named.addresses) {
        if (auto status = check_upstream(named.role(), address, *network); !status)
            return status;
    }
    return {};
}

Status write(const Named &named, const Tables &next) {
    return named.opened.store->apply(difference(named.opened.tables, next));
}

// Says so if none is left.
Status write_fewer(const Named &named, const Tables &next, const std::string &name) {
    if (auto status = write(named, next); !status)
        return status;
    if (upstreams_of(next, named.id).empty())
        spdlog::warn("{} has no upstream now: requests are dropped as no_upstream until one is "
                     "added",
                     name);
    return {};
}

} // namespace

Status add_upstream(const std::string &bpffs, const std::string &name, const std::string &address) {
    const auto named = open_named(bpffs, name, {address});
    if (!named)
        return named.error();
    if (auto status = check_upstreams(*named); !status)
        return status;
    Tables next = named->opened.tables;
    switch (add_upstream(next, named->id, named->addresses.front())) {
    case UpstreamChange::none:
        spdlog::warn("{} has upstream {} already", name, address);
        return {};
    case UpstreamChange::full:
        return Error{Exit::runtime, name,
                     fmt::format("it has {} upstreams, and there is no room for another",
                                 static_cast<int>(DHCP46_UPSTREAM_SLOTS)),
                     fmt::format("`dhcp46 upstream del {} ADDR` first", name)};
    case UpstreamChange::done:
        break;
    }
    return write(*named, next);
}

Status delete_upstream(const std::string &bpffs, const std::string &name,
                       const std::string &address) {
    const auto named = open_named(bpffs, name, {address});
    if (!named)
        return named.error();
    Tables next = named->opened.tables;
    if (delete_upstream(next, named->id, named->addresses.front()) == UpstreamChange::none)
        return Error{Exit::runtime, name, fmt::format("it has no upstream {}", address),
                     fmt::format("`dhcp46 upstream list {}` shows what it has", name)};
    return write_fewer(*named, next, name);
}

Status learn_upstreams(const std::string &bpffs, const std::string &name,
                       const std::vector<std::string> &addresses) {
    const auto named = open_named(bpffs, name, addresses);
    if (!named)
        return named.error();
    if (auto status = check_upstreams(*named); !status)
        return status;
    Tables next = named->opened.tables;
    switch (learn_upstreams(next, named->id, named->addresses)) {
    case UpstreamChange::none:
        return {};
    case UpstreamChange::full:
        return Error{Exit::runtime, name,
                     fmt::format("there is no room for {} learned upstreams beside the others: {} "
                                 "in all",
                                 addresses.size(), static_cast<int>(DHCP46_UPSTREAM_SLOTS)),
                     fmt::format("`dhcp46 upstream list {}` shows what it has", name)};
    case UpstreamChange::done:
        break;
    }
    return write_fewer(*named, next, name);
}

} // namespace dhcp46
