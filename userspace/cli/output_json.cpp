// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "instance/counters.h"
#include "instance/spec.h"

namespace dhcp46 {

using Json = nlohmann::ordered_json;

template <typename Address> static Json address_or_null(const Address &address) {
    return address.is_set() ? Json(to_string(address)) : Json(nullptr);
}

static Json policy_json(const dhcp46_instance &instance) {
    const dhcp46_policy &policy = instance.policy;
    Json json = {{"hops_limit", policy.hops_limit},
                 {"accept_any_source", (policy.flags & DHCP46_ACCEPT_ANY_SOURCE) != 0}};
    if (is_cra(instance.role)) {
        json["always_broadcast"] = (policy.flags & DHCP46_ALWAYS_BROADCAST) != 0;
        json["client_source"] = address_or_null(from_array<Ip4>(instance.client_source));
    } else {
        json["cra6addr_code"] = policy.cra6addr_code;
        json["giaddr_policy"] = giaddr_policy_name(policy.giaddr_policy);
    }
    return json;
}

static Json device_json(const InstanceStatus &instance, const DeviceStatus &device) {
    const dhcp46_link &link = device.link;
    Json json = {{"device", device.name},
                 {"ifindex", device.ifindex},
                 {"side", side_name(device.side)},
                 {"present", !device.gone},
                 {"up", device.up},
                 {"xdp", device.native_xdp ? "native" : "off"},
                 {"why", device.why},
                 {"tc", device.tc},
                 {"mac", to_string(from_array<Mac>(link.mac))},
                 {"mtu", link.mtu},
                 {"ipv4", address_or_null(from_array<Ip4>(link.ipv4))},
                 {"forwarding", {{"ipv4", device.forwarding4}, {"ipv6", device.forwarding6}}}};
    if (device.side == DHCP46_SIDE_CLIENT) {
        json["source"] = address_or_null(from_array<Ip6>(link.source6));
        json["source_given"] = (link.flags & DHCP46_LINK_SOURCE_GIVEN) != 0;
    } else if (!is_cra(instance.instance.role)) {
        if (device.side == DHCP46_SIDE_IPV6)
            json["service_address"] = address_or_null(from_array<Ip6>(link.source6));
        else
            json["giaddr"] = address_or_null(instance.giaddr);
    }
    return json;
}

// To a thousandth.
static Json seconds_json(std::chrono::nanoseconds duration) {
    const auto thousandths = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    return static_cast<double>(thousandths.count()) / 1000;
}

Json upstreams_json(const InstanceStatus &instance) {
    Json json = Json::array();
    for (const UpstreamStatus &upstream : instance.upstreams) {
        const UpstreamHealth &health = upstream.health;
        json.push_back({{"slot", upstream.slot},
                        {"address", upstream.address},
                        {"port", upstream.port},
                        {"origin", origin_name(upstream.origin)},
                        {"sent", health.sent},
                        {"received", health.received},
                        {"last_reply_seconds_ago",
                         health.last_reply ? seconds_json(health.last_reply->ago) : Json(nullptr)},
                        {"silent", health.silent_for.has_value()},
                        {"silent_seconds",
                         health.silent_for ? seconds_json(*health.silent_for) : Json(nullptr)}});
    }
    return json;
}

static Json prefixes_json(const InstanceStatus &instance) {
    Json json = Json::array();
    for (const PrefixStatus &prefix : instance.cra_prefixes)
        json.push_back({{"prefix", prefix.prefix},
                        {"allowed", prefix.allowed},
                        {"link_selection", address_or_null(prefix.link_selection)}});
    return json;
}

static Json server_link_json(const ServerLinkStatus &link) {
    return {
        {"device", link.device},
        {"server_device", link.server_device.empty() ? Json(nullptr) : Json(link.server_device)},
        {"up", link.up},
        {"xdp", link.native_xdp ? "native" : "off"}};
}

static Json instance_json(const InstanceStatus &status) {
    const dhcp46_instance &instance = status.instance;
    Json json = {{"name", instance.name},
                 {"role", role_name(instance.role)},
                 {"ready", status.ready()},
                 {"missing", status.missing},
                 {"warnings", status.warnings},
                 {"another_build", status.another_build},
                 {"xdp", xdp_mode_name(instance.xdp_mode)},
                 {"origin", origin_name(instance.origin)},
                 {"policy", policy_json(instance)}};
    if (!is_cra(instance.role)) {
        json["service_address"] = address_or_null(status.service_address);
        json["giaddr"] = address_or_null(status.giaddr);
        json["cra_prefixes"] = prefixes_json(status);
    }
    if (status.server_link)
        json["server_link"] = server_link_json(*status.server_link);
    json["upstreams"] = upstreams_json(status);
    Json devices = Json::array();
    for (const DeviceStatus &device : status.devices)
        devices.push_back(device_json(status, device));
    json["devices"] = std::move(devices);
    return json;
}

static Json text_or_null(const std::string &text) {
    return text.empty() ? Json() : Json(text);
}

static Json controller_json(const std::optional<ControllerReport> &controller) {
    if (!controller)
        return nullptr;
    Json waiting = Json::array();
    for (const Waiting &one : controller->waiting)
        waiting.push_back({{"name", one.name},
                           {"role", one.role},
                           {"why", one.why},
                           {"hint", text_or_null(one.hint)}});
    Json drift = Json::array();
    for (const Drift &one : controller->drift)
        drift.push_back({{"name", text_or_null(one.name)}, {"what", one.what}});
    return {{"pid", controller->pid},
            {"file", text_or_null(controller->file)},
            {"file_error", text_or_null(controller->file_error)},
            {"waiting", std::move(waiting)},
            {"drift", std::move(drift)}};
}

Json status_json(const std::vector<InstanceStatus> &instances,
                 const std::optional<ControllerReport> &controller) {
    Json list = Json::array();
    for (const InstanceStatus &instance : instances)
        list.push_back(instance_json(instance));
    return {{"instances", std::move(list)}, {"controller", controller_json(controller)}};
}

static Json link_json(const LinkStats &link) {
    Json relayed = Json::object();
    for (const NamedRelayed &entry : relayed_of(link.stats)) {
        const dhcp46_relayed &count = entry.count;
        const std::uint64_t packets = count.xdp + count.tc + count.slow;
        if (packets != 0)
            relayed[entry.name] = {{"packets", packets},
                                   {"bytes", count.bytes},
                                   {"xdp", count.xdp},
                                   {"tc", count.tc},
                                   {"slow", count.slow}};
    }
    Json json = {{"device", link.device},
                 {"ifindex", link.ifindex},
                 {"side", side_name(link.side)},
                 {"relayed", std::move(relayed)}};
    for (const CounterSection &section : counter_sections())
        json[section.name] = Json::object();
    for (const NamedCount &entry : counts_of(link.stats)) {
        if (entry.count.packets != 0)
            json[entry.section][entry.name] = {{"packets", entry.count.packets},
                                               {"bytes", entry.count.bytes}};
    }
    return json;
}

Json stats_json(const std::vector<InstanceStats> &instances) {
    Json list = Json::array();
    for (const InstanceStats &instance : instances) {
        Json devices = Json::array();
        for (const LinkStats &link : instance.links)
            devices.push_back(link_json(link));
        list.push_back({{"name", instance.name},
                        {"role", role_name(instance.role)},
                        {"devices", std::move(devices)}});
    }
    return {{"instances", std::move(list)}};
}

static Json config_errors_json(const ConfigErrors &errors) {
    Json list = Json::array();
    for (const ConfigError &error : errors)
        list.push_back({{"line", error.line},
                        {"column", error.column},
                        {"what", error.what},
                        {"why", error.why},
                        {"hint", error.hint}});
    return list;
}

static std::string hex(const Frame &bytes) {
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

static Json simulated_json(std::size_t number, const Simulated &packet) {
    Json json = {{"number", number}, {"length", packet.length}, {"verdict", packet.fate.verdict}};
    if (!packet.fate.is_ours())
        return json;
    json["instance"] = packet.instance;
    json["tier"] = packet.tier;
    json[packet.fate.verdict == "relayed" ? "type" : "reason"] = packet.fate.name;
    json["notes"] = packet.fate.notes;
    json["frames"] = Json::array();
    for (const SimulatedFrame &frame : packet.frames)
        json["frames"].push_back(
            {{"device", frame.device}, {"to_host", frame.to_host}, {"bytes", hex(frame.bytes)}});
    return json;
}

Json simulation_json(const Simulation &simulation) {
    Json json = {{"name", simulation.name},
                 {"device", simulation.device},
                 {"another_build", simulation.another_build},
                 {"packets", Json::array()}};
    for (std::size_t i = 0; i < simulation.packets.size(); i++)
        json["packets"].push_back(simulated_json(i + 1, simulation.packets[i]));
    return json;
}

Json check_json(const std::string &file, const Result<Config, ConfigErrors> &config) {
    Json instances = Json::array();
    if (config) {
        for (const Spec &spec : config->instances)
            instances.push_back(
                {{"name", spec.name}, {"role", role_name(spec.role)}, {"warnings", spec.warnings}});
    }
    return {{"file", file},
            {"valid", static_cast<bool>(config)},
            {"instances", std::move(instances)},
            {"errors", config ? Json::array() : config_errors_json(config.error())}};
}

} // namespace dhcp46
