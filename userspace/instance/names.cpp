// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/names.h"

#include <utility>

namespace dhcp46 {

const Device *device_of(const dhcp46_link_key &key, const dhcp46_link &link,
                        const Network &network) {
    const Device *by_ifindex = network.find(key.ifindex);
    if (by_ifindex && by_ifindex->mac == from_array<Mac>(link.mac))
        return by_ifindex;
    const Device *by_name = network.find(name_of(link));
    return by_name ? by_name : by_ifindex;
}

static void give_name(Network &network, unsigned ifindex, const std::string &name, Claim stronger) {
    auto *device = const_cast<Device *>(std::as_const(network).find(ifindex));
    auto *holder = const_cast<Device *>(std::as_const(network).find(name));
    if (device == holder || (holder && stronger == Claim::has_it))
        return;
    if (holder)
        holder->name = device->name;
    device->name = name;
}

Names names_known_to(const Tables &tables, std::uint32_t instance, const Network &network,
                     Claim stronger) {
    Network known = network;
    for (const auto &[key, link] : tables.links) {
        const bool is_made_by_attach = side_of(key) == DHCP46_SIDE_SERVER &&
                                       tables.instances.at(instance).role == DHCP46_ROLE_TSV;
        if (link.instance != instance || is_made_by_attach)
            continue;
        if (const Device *device = device_of(key, link, network))
            give_name(known, device->ifindex, name_of(link), stronger);
    }
    Names names;
    for (std::size_t i = 0; i < network.devices.size(); i++) {
        if (known.devices[i].name != network.devices[i].name)
            names[known.devices[i].ifindex] = known.devices[i].name;
    }
    return names;
}

Network with_names(Network network, const Names &names) {
    for (Device &device : network.devices) {
        if (const auto known = names.find(device.ifindex); known != names.end())
            device.name = known->second;
    }
    return network;
}

} // namespace dhcp46
