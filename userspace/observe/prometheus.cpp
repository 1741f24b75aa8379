// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "observe/prometheus.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "instance/spec.h"

namespace dhcp46 {

// A device can be named almost anything, but a label is UTF-8.
static std::string label(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '\\' || c == '"')
            escaped += fmt::format("\\{}", c);
        else if (c == '\n')
            escaped += "\\n";
        else if (static_cast<unsigned char>(c) >= 0x80)
            escaped += fmt::format("\\\\x{:02x}", static_cast<unsigned char>(c));
        else
            escaped += c;
    }
    return escaped;
}

namespace {

// By the labels that all of its samples have. Two links can have the same ones, when a device took
// the name of one that is gone; but a series exists once, or Prometheus takes none at all.
using Links = std::map<std::string, dhcp46_stats>;

Links links_of(const std::vector<InstanceStats> &instances) {
    Links links;
    for (const InstanceStats &instance : instances) {
        for (const LinkStats &link : instance.links)
            add_stats(
                links[fmt::format(R"(instance="{}",device="{}",side="{}")", label(instance.name),
                                  label(link.device), side_name(link.side))],
                link.stats);
    }
    return links;
}

struct UpstreamSamples {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t last_reply = 0; // seconds since 1970
    std::uint64_t silent = 0;
};

// bpftool may have written one into several slots.
using Upstreams = std::map<std::string, UpstreamSamples>;

Upstreams upstreams_of(const std::vector<InstanceStatus> &instances) {
    Upstreams upstreams;
    for (const InstanceStatus &status : instances) {
        for (const UpstreamStatus &upstream : status.upstreams) {
            const UpstreamHealth &health = upstream.health;
            UpstreamSamples &one =
                upstreams[fmt::format(R"(instance="{}",upstream="{}")", label(status.instance.name),
                                      label(upstream.address))];
            one.sent += health.sent;
            one.received += health.received;
            if (health.last_reply)
                one.last_reply =
                    std::max(one.last_reply,
                             static_cast<std::uint64_t>(health.last_reply->unix_time.count()));
            one.silent |= health.silent_for ? 1 : 0;
        }
    }
    return upstreams;
}

class Text {
  public:
    // All samples of a family follow its head, so each family is one pass over the links.
    void begin(std::string name, const char *type, std::string_view help) {
        name_ = std::move(name);
        fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name_, help,
                       name_, type);
    }

    void add(std::string_view labels, std::uint64_t value) {
        fmt::format_to(std::back_inserter(text_), "{}{{{}}} {}\n", name_, labels, value);
    }

    std::string take() { return std::move(text_); }

  private:
    std::string name_;
    std::string text_;
};

void add_program(Text &text, const std::string &version) {
    text.begin("dhcp46_build_info", "gauge",
               "Always 1: the program's version, and that of the maps it reads.");
    text.add(fmt::format(R"(version="{}",abi="{}")", label(version),
                         static_cast<unsigned>(DHCP46_ABI_VERSION)),
             1);
}

void add_ready(Text &text, const std::vector<InstanceStatus> &instances) {
    text.begin("dhcp46_ready", "gauge",
               "1 if the instance can relay, 0 if something is missing: dhcp46 status says what.");
    for (const InstanceStatus &status : instances)
        text.add(fmt::format(R"(instance="{}",role="{}")", label(status.instance.name),
                             role_name(status.instance.role)),
                 status.ready() ? 1 : 0);
}

void add_upstreams(Text &text, const Upstreams &upstreams) {
    text.begin("dhcp46_upstream_sent_packets_total", "counter",
               "Requests sent to an upstream, each copy by itself.");
    for (const auto &[labels, health] : upstreams)
        text.add(labels, health.sent);
    text.begin("dhcp46_upstream_received_packets_total", "counter",
               "Replies that came from an upstream, also those that were dropped.");
    for (const auto &[labels, health] : upstreams)
        text.add(labels, health.received);
    text.begin("dhcp46_upstream_last_reply_timestamp_seconds", "gauge",
               "When an upstream last replied, since 1970; 0: not yet.");
    for (const auto &[labels, health] : upstreams)
        text.add(labels, health.last_reply);
    text.begin("dhcp46_upstream_silent", "gauge",
               "1 if an upstream was asked 10 s ago or longer, and has not replied since.");
    for (const auto &[labels, health] : upstreams)
        text.add(labels, health.silent);
}

void add_relayed(Text &text, const Links &links) {
    text.begin("dhcp46_relayed_packets_total", "counter",
               "Packets sent on, by DHCP message type and by the tier that did it.");
    for (const auto &[labels, stats] : links) {
        for (const auto &[name, count] : relayed_of(stats)) {
            for (const auto &[tier, packets] :
                 {std::pair{"xdp", count.xdp}, {"tc", count.tc}, {"slow", count.slow}})
                text.add(fmt::format(R"({},type="{}",tier="{}")", labels, name, tier), packets);
        }
    }
    text.begin("dhcp46_relayed_bytes_total", "counter",
               "Octets of frames sent on, as they came in, by DHCP message type.");
    for (const auto &[labels, stats] : links) {
        for (const auto &[name, count] : relayed_of(stats))
            text.add(fmt::format(R"({},type="{}")", labels, name), count.bytes);
    }
}

void add_reasons(Text &text, const Links &links, std::string_view section,
                 __u64 dhcp46_count::*count) {
    for (const auto &[labels, stats] : links) {
        for (const NamedCount &entry : counts_of(stats)) {
            if (section == entry.section)
                text.add(fmt::format(R"({},reason="{}")", labels, entry.name), entry.count.*count);
        }
    }
}

} // namespace

std::string prometheus_text(const std::string &version,
                            const std::vector<InstanceStatus> &instances,
                            const std::vector<InstanceStats> &counters) {
    const Links links = links_of(counters);
    Text text;
    add_program(text, version);
    add_ready(text, instances);
    add_upstreams(text, upstreams_of(instances));
    add_relayed(text, links);
    for (const CounterSection &section : counter_sections()) {
        text.begin(fmt::format("dhcp46_{}_packets_total", section.name), "counter",
                   fmt::format("Packets {}, by reason.", section.text));
        add_reasons(text, links, section.name, &dhcp46_count::packets);
        text.begin(fmt::format("dhcp46_{}_bytes_total", section.name), "counter",
                   fmt::format("Octets of frames {}, by reason.", section.text));
        add_reasons(text, links, section.name, &dhcp46_count::bytes);
    }
    return text.take();
}

} // namespace dhcp46
