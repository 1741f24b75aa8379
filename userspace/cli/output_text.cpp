// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <cerrno>

#include <fmt/format.h>

#include "cli/output.h"
#include "instance/counters.h"
#include "instance/spec.h"

namespace dhcp46 {

static const char *const nothing_attached = "nothing is attached\n";

static std::string forwarding_text(const DeviceStatus &device) {
    if (!device.asks_route4 && !device.asks_route6)
        return "";
    const bool on = device.asks_route4 ? device.forwarding4 : device.forwarding6;
    return fmt::format(", IPv{} forwarding {}{}", device.asks_route4 ? 4 : 6, on ? "on" : "off",
                       !on && device.native_xdp ? ": XDP leaves its packets to TC" : "");
}

static std::string device_text(const InstanceStatus &instance, const DeviceStatus &device) {
    const dhcp46_link &link = device.link;
    std::string text = fmt::format("  {:<8} {:<6} ", device.name, side_name(device.side));
    text += device.native_xdp ? "XDP native" : "TC";
    text += fmt::format(" ({}), {}\n", device.tc, device.why);
    text += fmt::format("    {}, mtu {}{}", to_string(from_array<Mac>(link.mac)), link.mtu,
                        device.up || device.gone ? "" : ", down");
    if (const auto own = from_array<Ip4>(link.ipv4); own.is_set())
        text += fmt::format(", IPv4 {}", to_string(own));
    if (const auto source = from_array<Ip6>(link.source6); source.is_set())
        text += fmt::format(
            ", {} {}{}", device.side == DHCP46_SIDE_CLIENT ? "source" : "service address",
            to_string(source), link.flags & DHCP46_LINK_SOURCE_GIVEN ? " (given)" : "");
    if (device.side == DHCP46_SIDE_SERVER && instance.giaddr.is_set())
        text += fmt::format(", giaddr {}", to_string(instance.giaddr));
    return text + forwarding_text(device) + "\n";
}

static std::string policy_text(const dhcp46_instance &instance) {
    const dhcp46_policy &policy = instance.policy;
    std::string text = fmt::format("hops limit {}", policy.hops_limit);
    if (!is_cra(instance.role))
        text += fmt::format(", CRA6ADDR code {}, giaddr policy {}", policy.cra6addr_code,
                            giaddr_policy_name(policy.giaddr_policy));
    if (policy.flags & DHCP46_ALWAYS_BROADCAST)
        text += ", always broadcast";
    if (policy.flags & DHCP46_ACCEPT_ANY_SOURCE)
        text += ", replies from any source";
    if (const auto source = from_array<Ip4>(instance.client_source); source.is_set())
        text += fmt::format(", client source {}", to_string(source));
    return text;
}

static std::string health_text(const UpstreamHealth &health) {
    using std::chrono::duration_cast;
    using std::chrono::seconds;
    const std::string counts = fmt::format("{} sent, {} received", health.sent, health.received);
    return health.last_reply ? fmt::format("{}, the last reply {} s ago", counts,
                                           duration_cast<seconds>(health.last_reply->ago).count())
                             : counts;
}

static std::string instance_text(const InstanceStatus &status) {
    const dhcp46_instance &instance = status.instance;
    std::string text =
        fmt::format("{}: {}, {}, --xdp {}\n", instance.name, role_name(instance.role),
                    status.ready() ? "ready" : "NOT READY", xdp_mode_name(instance.xdp_mode));
    for (const std::string &missing : status.missing)
        text += fmt::format("  missing: {}\n", missing);
    for (const std::string &warning : status.warnings)
        text += fmt::format("  warning: {}\n", warning);
    for (const UpstreamStatus &upstream : status.upstreams)
        text += fmt::format("  upstream {} port {} ({}), {}\n", upstream.address, upstream.port,
                            origin_name(upstream.origin), health_text(upstream.health));
    for (const PrefixStatus &prefix : status.cra_prefixes)
        text += fmt::format(
            "  CRAs in {}: {}{}\n", prefix.prefix, prefix.allowed ? "served" : "refused",
            prefix.link_selection.is_set()
                ? fmt::format(", link selection {}", to_string(prefix.link_selection))
                : "");
    if (status.server_link && !status.server_link->server_device.empty())
        text += fmt::format("  server listens on {}, the other end of {}{}\n",
                            status.server_link->server_device, status.server_link->device,
                            status.server_link->native_xdp ? " (XDP native)" : "");
    text += fmt::format("  {}\n", policy_text(instance));
    for (const DeviceStatus &device : status.devices)
        text += device_text(status, device);
    return text;
}

std::string status_text(const std::vector<InstanceStatus> &instances) {
    if (instances.empty())
        return nothing_attached;
    std::string text;
    for (const InstanceStatus &instance : instances)
        text += (text.empty() ? "" : "\n") + instance_text(instance);
    return text;
}

std::string waiting_text(const InstanceStatus &instance) {
    const char *name = instance.instance.name;
    if (instance.ready())
        return fmt::format("{}: ready\n", name);
    std::string text;
    for (const std::string &missing : instance.missing)
        text += fmt::format("{}: waiting: {}\n", name, missing);
    return text;
}

std::string upstreams_text(const InstanceStatus &instance) {
    std::string text;
    for (const UpstreamStatus &upstream : instance.upstreams)
        text += fmt::format("{} {} port {} ({})\n", upstream.slot, upstream.address, upstream.port,
                            origin_name(upstream.origin));
    return text;
}

static std::string link_text(const LinkStats &link) {
    std::string text;
    for (const NamedRelayed &entry : relayed_of(link.stats)) {
        const dhcp46_relayed &count = entry.count;
        const std::uint64_t packets = count.xdp + count.tc + count.slow;
        if (packets != 0)
            text +=
                fmt::format("    {:<8} {:<20} {:>10} {:>12}   xdp {}, tc {}, slow {}\n", "relayed",
                            entry.name, packets, count.bytes, count.xdp, count.tc, count.slow);
    }
    for (const NamedCount &entry : counts_of(link.stats)) {
        if (entry.count.packets != 0)
            text += fmt::format("    {:<8} {:<20} {:>10} {:>12}   {}\n", entry.section, entry.name,
                                entry.count.packets, entry.count.bytes, entry.text);
    }
    return text.empty() ? "    no packet of ours yet\n" : text;
}

static std::string simulated_text(std::size_t number, const Simulated &packet) {
    const Fate &fate = packet.fate;
    std::string text = fmt::format("{:>4} {:>5} octets  ", number, packet.length);
    if (!fate.is_ours())
        return text + "not ours\n";
    text += fmt::format("{} by {}: {}{}{}", fate.verdict, packet.tier, fate.name,
                        fate.text.empty() ? "" : ", ", fate.text);
    for (const std::string &note : fate.notes)
        text += fmt::format(", noted {}", note);
    text += "\n";
    for (const SimulatedFrame &frame : packet.frames)
        text += fmt::format("     {:>5} octets  {} {}\n", frame.bytes.size(),
                            frame.to_host ? "up into this host on" : "sent on", frame.device);
    return text;
}

std::string simulation_text(const Simulation &simulation) {
    std::string text;
    for (std::size_t i = 0; i < simulation.packets.size(); i++)
        text += simulated_text(i + 1, simulation.packets[i]);
    return text.empty() ? "the file has no packets\n" : text;
}

std::string controller_text(const std::optional<ControllerReport> &controller) {
    if (!controller)
        return {};
    std::string text = fmt::format("controller: process {}{}{}\n", controller->pid,
                                   controller->file.empty() ? "" : ", file ", controller->file);
    if (!controller->file_error.empty())
        text +=
            fmt::format("  the file has an error, and is not heeded: {}\n", controller->file_error);
    for (const Waiting &one : controller->waiting) {
        text += fmt::format("  {} ({}) waits: {}\n", one.name, one.role, one.why);
        text += one.hint.empty() ? "" : fmt::format("    hint: {}\n", one.hint);
    }
    for (const Drift &one : controller->drift)
        text += fmt::format("  {} is not as in the file: {}\n",
                            one.name.empty() ? "the whole" : one.name, one.what);
    return text;
}

std::string stats_text(const std::vector<InstanceStats> &instances) {
    if (instances.empty())
        return nothing_attached;
    std::string text;
    for (const InstanceStats &instance : instances) {
        text += fmt::format("{}: {}\n", instance.name, role_name(instance.role));
        for (const LinkStats &link : instance.links) {
            text += fmt::format("  {:<30} {:>11} {:>12}\n",
                                fmt::format("{} ({})", link.device, side_name(link.side)),
                                "packets", "octets");
            text += link_text(link);
        }
    }
    return text;
}

Status check_written(std::FILE *stream) {
    if (std::fflush(stream) == 0 && !std::ferror(stream))
        return {};
    return Error{Exit::runtime, "output", errno_text(errno), "it is not complete; print elsewhere"};
}

std::string error_text(const Error &error) {
    std::string text = fmt::format("error: {}: {}\n", error.what, error.why);
    if (!error.hint.empty())
        text += fmt::format("hint: {}\n", error.hint);
    return text;
}

std::string config_errors_text(const ConfigErrors &errors) {
    std::string text;
    for (const ConfigError &error : errors)
        text += error_text(error_of(error));
    return text;
}

std::string check_text(const std::string &file, const Config &config) {
    const std::size_t count = config.instances.size();
    std::string text = fmt::format("{}: {} instance{}\n", file, count, count == 1 ? "" : "s");
    for (const Spec &spec : config.instances) {
        text += fmt::format("  {}: {}\n", spec.name, role_name(spec.role));
        for (const std::string &warning : spec.warnings)
            text += fmt::format("    warning: {}\n", warning);
    }
    return text;
}

} // namespace dhcp46
