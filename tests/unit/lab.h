// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A made-up host for the tests: eth0 towards IPv6, eth1 and eth2 towards clients, eth3 towards
// the DHCPv4 server.
#ifndef DHCP46_TESTS_UNIT_LAB_H
#define DHCP46_TESTS_UNIT_LAB_H

#include <string>

#include <gtest/gtest.h>

#include "instance/publish.h"
#include "instance/resolve.h"
#include "instance/server_link.h"

namespace dhcp46::lab {

inline Ip6 ip6(const std::string &text) {
    return parse_ip6(text).value();
}
inline Ip4 ip4(const std::string &text) {
    return parse_ip4(text).value();
}

inline Device device(unsigned ifindex, const std::string &name) {
    Device device;
    device.ifindex = ifindex;
    device.name = name;
    device.ethernet = true;
    device.up = true;
    device.mac.octets = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(ifindex)};
    device.mtu = 1500;
    device.xdp = XdpFeatures{true, true, true};
    return device;
}

inline Address6 address(const std::string &text) {
    Address6 entry;
    entry.address = ip6(text);
    entry.permanent = true;
    return entry;
}

inline Network network() {
    Network network;
    for (const auto &[ifindex, name] : {std::pair{10u, "eth0"}, std::pair{11u, "eth1"},
                                        std::pair{12u, "eth2"}, std::pair{13u, "eth3"}})
        network.devices.push_back(device(ifindex, name));
    network.devices[0].addresses6 = {address("2001:db8:a::1")};
    network.devices[1].addresses4 = {{ip4("192.0.2.1"), 24}};
    network.devices[3].addresses4 = {{ip4("198.51.100.1"), 24}, {ip4("198.51.100.2"), 24}};
    return network;
}

inline std::optional<unsigned> route_by_eth0(const Ip6 &) {
    return 10;
}
inline std::optional<unsigned> no_route(const Ip6 &) {
    return std::nullopt;
}

inline Spec lcra() {
    Spec spec;
    spec.name = "access";
    spec.role = DHCP46_ROLE_LCRA;
    spec.client_devices = {"eth1"};
    spec.upstreams = {ip6("2001:db8:ff::1")};
    return spec;
}

inline Spec hcra() {
    Spec spec;
    spec.name = "host";
    spec.role = DHCP46_ROLE_HCRA;
    spec.client_devices = spec.ipv6_devices = {"eth0"};
    spec.upstreams = {ip6("2001:db8:ff::1")};
    return spec;
}

inline Spec tra() {
    Spec spec;
    spec.name = "core";
    spec.role = DHCP46_ROLE_TRA;
    spec.ipv6_devices = {"eth0"};
    spec.server_devices = {"eth3"};
    spec.upstreams = {v4_mapped(ip4("198.51.100.9"))};
    return spec;
}

// Its DHCPv4 server is on this host, at eth3's first address.
inline Spec tsv() {
    Spec spec;
    spec.name = "local";
    spec.role = DHCP46_ROLE_TSV;
    spec.ipv6_devices = {"eth0"};
    spec.server_devices = {our_end_name("local")};
    spec.server_end = default_server_end_name("local");
    spec.upstreams = {v4_mapped(ip4("198.51.100.1"))};
    spec.giaddr = ip4("203.0.113.1");
    return spec;
}

// The host with the veth pair of tsv().
inline Network tsv_host() {
    Network host = *with_server_link(tsv(), network());
    for (Device &end : host.devices) {
        if (end.name != "local-rly" && end.name != "local-srv")
            continue;
        end.ifindex = end.name == "local-rly" ? 20 : 21;
        end.peer = end.name == "local-rly" ? 21 : 20;
        if (end.name == "local-srv")
            end.addresses4 = {{ip4("198.51.100.1"), 32}};
    }
    return host;
}

inline Resolved resolved(const Spec &spec, const Network &network) {
    auto result = resolve(spec, network, route_by_eth0);
    EXPECT_TRUE(result) << (result ? "" : result.error().why);
    return result ? *result : Resolved{};
}

inline HookMap tc_everywhere(const Network &network) {
    HookMap hooks;
    for (const Device &device : network.devices)
        hooks[device.ifindex] = {false, true, true, true};
    return hooks;
}

inline HookMap xdp_everywhere(const Network &network) {
    HookMap hooks;
    for (const Device &device : network.devices)
        hooks[device.ifindex] = {true, true, true, true};
    return hooks;
}

inline Tables attached(const Tables &tables, const Spec &spec, const Network &network) {
    const auto published =
        with_instance(tables, resolved(spec, network), tc_everywhere(network), network);
    EXPECT_TRUE(published);
    return published ? published->tables : tables;
}

inline dhcp46_address_key address_key(const Ip6 &address, unsigned ifindex) {
    dhcp46_address_key key = {};
    to_array(key.address, address);
    key.ifindex = ifindex;
    return key;
}

} // namespace dhcp46::lab

#endif // DHCP46_TESTS_UNIT_LAB_H
