// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/netns.h"

#include <sched.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "differential/world.h"

namespace dhcp46::test {

namespace {

void set_sysctl(const std::string &name, const std::string &value) {
    std::ofstream file("/proc/sys/net/" + name);
    file << value << std::flush;
    if (!file)
        throw std::runtime_error("cannot set net/" + name);
}

// The far end of a device is a device as well, so that it has a carrier.
std::string device_commands(const Device &device) {
    const std::string name = device.name;
    const std::string mtu = std::to_string(device.mtu);

    return "link add " + name + " index " + std::to_string(device.ifindex) + " address " +
           to_string(dhcp46::Mac{mac_of(device.ifindex)}) + " type veth peer name " + name +
           "-far\n" + "link set " + name + " mtu " + mtu + " up\n" + "link set " + name +
           "-far up\n" + "neigh add 10.0.0.1 lladdr " +
           to_string(dhcp46::Mac{next_hop_of(device.ifindex)}) + " dev " + name +
           " nud permanent\n" + "neigh add fe80::1 lladdr " +
           to_string(dhcp46::Mac{next_hop_of(device.ifindex)}) + " dev " + name +
           " nud permanent\n";
}

std::string name_of(std::uint32_t ifindex) {
    for (const Device &device : devices()) {
        if (device.ifindex == ifindex)
            return device.name;
    }
    return "";
}

std::string route_command(const Upstream &upstream, std::uint32_t device) {
    const bool ipv6 = upstream.address.find(':') != std::string::npos;
    if (!upstream.reachable)
        return "route replace unreachable " + upstream.address + "\n";
    return "route replace " + upstream.address + (ipv6 ? "/128 via fe80::1" : "/32 via 10.0.0.1") +
           " dev " + name_of(upstream.by ? upstream.by : device) + " onlink\n";
}

std::string route_commands() {
    std::string text;

    for (const Cra &cra : cras()) {
        for (const Upstream &upstream : cra.upstreams)
            text += route_command(upstream, cra.uplink);
    }
    for (const Tra &tra : tras()) {
        for (const Upstream &upstream : tra.upstreams) {
            if (!tra.routed_only || upstream.by || !upstream.reachable)
                text += route_command(upstream, tra.v4);
        }
    }
    /* Whatever address a CRA has. */
    return text + "route replace default via fe80::1 dev " + name_of(tras().front().v6) + "\n";
}

void run_ip(const std::string &commands) {
    FILE *pipe = popen("ip -batch -", "w");
    if (!pipe)
        throw std::runtime_error("cannot run ip");
    std::fputs(commands.c_str(), pipe);
    if (pclose(pipe) != 0)
        throw std::runtime_error("ip refused:\n" + commands);
}

} // namespace

void enter_world() {
    if (unshare(CLONE_NEWNET) != 0)
        throw std::runtime_error("no network namespace: needs root");
    set_sysctl("ipv4/ip_forward", "1");
    set_sysctl("ipv6/conf/all/forwarding", "1");
    /* Devices without an address of their own, not even a link-local one, do not chatter. */
    set_sysctl("ipv6/conf/default/addr_gen_mode", "1");

    std::string commands = "link set lo up\n";
    for (const Device &device : devices())
        commands += device_commands(device);
    run_ip(commands + route_commands());
}

} // namespace dhcp46::test
