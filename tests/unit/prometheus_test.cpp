// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "observe/prometheus.h"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;
using testing::HasSubstr;

namespace {

// The text format, read strictly: https://prometheus.io/docs/instrumenting/exposition_formats/
struct Exposition {
    std::map<std::string, std::string> types;
    std::map<std::string, std::string> helps;
    std::map<std::string, std::string> samples;          // `name{labels}`, value
    std::map<std::string, std::set<std::string>> labels; // their names, of each metric
    std::vector<std::string> wrong;

    explicit Exposition(const std::string &text) {
        if (text.empty() || text.back() != '\n')
            wrong.emplace_back("the last line has no end");
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            read(line);
    }

  private:
    std::string family;
    std::set<std::string> ended;

    void begin(const std::string &name) {
        if (name == family)
            return;
        if (!family.empty())
            ended.insert(family);
        family = name;
        if (ended.contains(name))
            wrong.push_back(name + ": it is not in one piece");
    }

    void read_labels(const std::string &name, const std::string &line) {
        static const std::regex one("[{,]([a-z_]+)=\"");
        std::set<std::string> here;
        for (std::sregex_iterator match(line.begin(), line.end(), one), end; match != end; ++match)
            here.insert((*match)[1]);
        if (!labels.try_emplace(name, here).second && labels[name] != here)
            wrong.push_back(line + ": other labels than before");
    }

    void read(const std::string &line) {
        static const std::regex help("# HELP ([a-z][a-z0-9_]*) (\\S.*)");
        static const std::regex type("# TYPE ([a-z][a-z0-9_]*) (counter|gauge)");
        static const std::string pair = R"([a-z_]+="(?:[^"\\\n]|\\["\\n])*")";
        static const std::regex sample("([a-z][a-z0-9_]*)\\{" + pair + "(?:," + pair +
                                       ")*\\} ([0-9]+)");
        std::smatch match;
        if (std::regex_match(line, match, help)) {
            begin(match[1]);
            if (!helps.emplace(match[1], match[2]).second)
                wrong.push_back(line + ": a second HELP");
        } else if (std::regex_match(line, match, type)) {
            begin(match[1]);
            if (!helps.contains(match[1]) || !types.emplace(match[1], match[2]).second)
                wrong.push_back(line + ": not right after its HELP");
            if (std::string(match[1]).ends_with("_total") != (match[2] == "counter"))
                wrong.push_back(line + ": counters, and only they, end in _total");
        } else if (std::regex_match(line, match, sample)) {
            begin(match[1]);
            if (!types.contains(match[1]))
                wrong.push_back(line + ": no TYPE before it");
            if (!samples.emplace(line.substr(0, line.rfind(' ')), match[2]).second)
                wrong.push_back(line + ": a second sample with these labels");
            read_labels(match[1], line);
        } else {
            wrong.push_back(line + ": neither HELP nor TYPE nor sample");
        }
    }
};

std::vector<InstanceStats> counted() {
    LinkStats client{"eth1", 11, DHCP46_SIDE_CLIENT, {}};
    client.stats.relayed.discover = {7, 5, 1, 4242};
    client.stats.dropped.bad_hlen = {3, 900};
    LinkStats uplink{"eth0", 10, DHCP46_SIDE_IPV6, {}};
    uplink.stats.dropped.unknown_peer = {2, 700};
    LinkStats odd{"e\"\\\n\xff", 12, DHCP46_SIDE_CLIENT, {}};
    return {{"access", DHCP46_ROLE_LCRA, {client, uplink, odd}},
            {"core", DHCP46_ROLE_TRA, {{"eth0", 10, DHCP46_SIDE_IPV6, {}}}}};
}

std::vector<InstanceStatus> described() {
    InstanceStatus ready;
    std::strcpy(ready.instance.name, "access");
    ready.instance.role = DHCP46_ROLE_LCRA;
    const auto minute = std::chrono::minutes(1);
    ready.upstreams = {
        {0, "2001:db8::1", 67, DHCP46_ORIGIN_CLI, {7, 6, Moment{minute, minute}, {}}},
        {1, "2001:db8::2", 67, DHCP46_ORIGIN_CLI, {5, 0, {}, minute}},
        {2, "2001:db8::1", 67, DHCP46_ORIGIN_BPFTOOL, {3, 0, {}, {}}}}; // twice, by bpftool
    InstanceStatus missing;
    std::strcpy(missing.instance.name, "core");
    missing.instance.role = DHCP46_ROLE_TRA;
    missing.missing = {"no IPv6 source address"};
    return {ready, missing};
}

} // namespace

TEST(Prometheus, KeepsToTheFormat) {
    const Exposition exposition(prometheus_text("0.1.0", described(), counted()));
    EXPECT_THAT(exposition.wrong, testing::IsEmpty());
    EXPECT_EQ(exposition.types.size(), exposition.helps.size());
    EXPECT_GT(exposition.samples.size(), 400u);
}

TEST(Prometheus, TheTestKnowsTheFormat) {
    for (const char *bad :
         {"a{b=\"c\"} 1\n", "# HELP a b\n# TYPE a gauge\na{b=\"\xff\\x\"} 1\n",
          "# HELP a b\n# TYPE a gauge\na{b=\"c\"} 1\na{b=\"c\"} 2\n",
          "# HELP a b\n# TYPE a gauge\na{b=\"c\"} 1", "# HELP a b\n# TYPE a counter\n",
          "# TYPE a gauge\n",
          "# HELP a b\n# TYPE a gauge\n# HELP c d\n# TYPE c gauge\na{b=\"c\"} 1\n"})
        EXPECT_THAT(Exposition(bad).wrong, testing::Not(testing::IsEmpty())) << bad;
}

// Every head, and the samples of instances that have no link any more.
TEST(Prometheus, WithoutLinks) {
    EXPECT_EQ(
        prometheus_text("0.1.0", described(), {{"access", DHCP46_ROLE_LCRA, {}}}),
        R"(# HELP dhcp46_build_info Always 1: the program's version, and that of the maps it reads.
# TYPE dhcp46_build_info gauge
dhcp46_build_info{version="0.1.0",abi=")" +
            std::to_string(DHCP46_ABI_VERSION) + R"("} 1
# HELP dhcp46_ready 1 if the instance can relay, 0 if something is missing: dhcp46 status says what.
# TYPE dhcp46_ready gauge
dhcp46_ready{instance="access",role="lcra"} 1
dhcp46_ready{instance="core",role="tra"} 0
# HELP dhcp46_upstream_sent_packets_total Requests sent to an upstream, each copy by itself.
# TYPE dhcp46_upstream_sent_packets_total counter
dhcp46_upstream_sent_packets_total{instance="access",upstream="2001:db8::1"} 10
dhcp46_upstream_sent_packets_total{instance="access",upstream="2001:db8::2"} 5
# HELP dhcp46_upstream_received_packets_total Replies that came from an upstream, also those that were dropped.
# TYPE dhcp46_upstream_received_packets_total counter
dhcp46_upstream_received_packets_total{instance="access",upstream="2001:db8::1"} 6
dhcp46_upstream_received_packets_total{instance="access",upstream="2001:db8::2"} 0
# HELP dhcp46_upstream_last_reply_timestamp_seconds When an upstream last replied, since 1970; 0: not yet.
# TYPE dhcp46_upstream_last_reply_timestamp_seconds gauge
dhcp46_upstream_last_reply_timestamp_seconds{instance="access",upstream="2001:db8::1"} 60
dhcp46_upstream_last_reply_timestamp_seconds{instance="access",upstream="2001:db8::2"} 0
# HELP dhcp46_upstream_silent 1 if an upstream was asked 10 s ago or longer, and has not replied since.
# TYPE dhcp46_upstream_silent gauge
dhcp46_upstream_silent{instance="access",upstream="2001:db8::1"} 0
dhcp46_upstream_silent{instance="access",upstream="2001:db8::2"} 1
# HELP dhcp46_relayed_packets_total Packets sent on, by DHCP message type and by the tier that did it.
# TYPE dhcp46_relayed_packets_total counter
# HELP dhcp46_relayed_bytes_total Octets of frames sent on, as they came in, by DHCP message type.
# TYPE dhcp46_relayed_bytes_total counter
# HELP dhcp46_dropped_packets_total Packets discarded, silently on the wire, by reason.
# TYPE dhcp46_dropped_packets_total counter
# HELP dhcp46_dropped_bytes_total Octets of frames discarded, silently on the wire, by reason.
# TYPE dhcp46_dropped_bytes_total counter
# HELP dhcp46_passed_packets_total Packets left to the host's own stack, untouched, by reason.
# TYPE dhcp46_passed_packets_total counter
# HELP dhcp46_passed_bytes_total Octets of frames left to the host's own stack, untouched, by reason.
# TYPE dhcp46_passed_bytes_total counter
# HELP dhcp46_punted_packets_total Packets handed to the controller, by reason.
# TYPE dhcp46_punted_packets_total counter
# HELP dhcp46_punted_bytes_total Octets of frames handed to the controller, by reason.
# TYPE dhcp46_punted_bytes_total counter
# HELP dhcp46_noted_packets_total Packets relayed, and counted there too, with something to note, by reason.
# TYPE dhcp46_noted_packets_total counter
# HELP dhcp46_noted_bytes_total Octets of frames relayed, and counted there too, with something to note, by reason.
# TYPE dhcp46_noted_bytes_total counter
)");
}

// One link's passed packets, of the whole text: what is 0 is there, too.
TEST(Prometheus, Samples) {
    LinkStats link{"eth1", 11, DHCP46_SIDE_CLIENT, {}};
    link.stats.noted.giaddr_replaced = {18446744073709551615u, 900};
    EXPECT_THAT(prometheus_text("0.1.0", {}, {{"core", DHCP46_ROLE_TRA, {link}}}),
                HasSubstr(
                    R"(# TYPE dhcp46_noted_packets_total counter
dhcp46_noted_packets_total{instance="core",device="eth1",side="client",reason="giaddr_replaced"} 18446744073709551615
dhcp46_noted_packets_total{instance="core",device="eth1",side="client",reason="upstream_skipped"} 0
# HELP dhcp46_noted_bytes_total Octets of frames relayed, and counted there too, with something to note, by reason.
# TYPE dhcp46_noted_bytes_total counter
dhcp46_noted_bytes_total{instance="core",device="eth1",side="client",reason="giaddr_replaced"} 900
dhcp46_noted_bytes_total{instance="core",device="eth1",side="client",reason="upstream_skipped"} 0
)"));
}

// A device took the name of one that is gone, and both have been links of the instance.
TEST(Prometheus, OneSeriesForOneName) {
    LinkStats gone{"eth1", 11, DHCP46_SIDE_CLIENT, {}};
    gone.stats.relayed.discover = {7, 5, 1, 4242};
    LinkStats here{"eth1", 12, DHCP46_SIDE_CLIENT, {}};
    here.stats.relayed.discover = {1, 2, 3, 8};
    const Exposition exposition(
        prometheus_text("0.1.0", {}, {{"access", DHCP46_ROLE_LCRA, {gone, here}}}));
    EXPECT_THAT(exposition.wrong, testing::IsEmpty());
    const std::string series = "{instance=\"access\",device=\"eth1\",side=\"client\"";
    const auto &samples = exposition.samples;
    EXPECT_EQ(
        samples.at("dhcp46_relayed_packets_total" + series + ",type=\"discover\",tier=\"xdp\"}"),
        "8");
    EXPECT_EQ(samples.at("dhcp46_relayed_bytes_total" + series + ",type=\"discover\"}"), "4250");
}

TEST(Prometheus, Values) {
    const Exposition exposition(prometheus_text("0.1.0", described(), counted()));
    const auto value = [&](const std::string &series) {
        const auto found = exposition.samples.find(series);
        return found == exposition.samples.end() ? "none" : found->second;
    };
    EXPECT_EQ(value("dhcp46_build_info{version=\"0.1.0\",abi=\"" +
                    std::to_string(DHCP46_ABI_VERSION) + "\"}"),
              "1");
    EXPECT_EQ(value("dhcp46_ready{instance=\"access\",role=\"lcra\"}"), "1");
    EXPECT_EQ(value("dhcp46_ready{instance=\"core\",role=\"tra\"}"), "0");
    const std::string link = "instance=\"access\",device=\"eth1\",side=\"client\"";
    EXPECT_EQ(value("dhcp46_relayed_packets_total{" + link + ",type=\"discover\",tier=\"xdp\"}"),
              "7");
    EXPECT_EQ(value("dhcp46_relayed_packets_total{" + link + ",type=\"discover\",tier=\"tc\"}"),
              "5");
    EXPECT_EQ(value("dhcp46_relayed_packets_total{" + link + ",type=\"discover\",tier=\"slow\"}"),
              "1");
    EXPECT_EQ(value("dhcp46_relayed_bytes_total{" + link + ",type=\"discover\"}"), "4242");
    EXPECT_EQ(value("dhcp46_relayed_bytes_total{" + link + ",type=\"offer\"}"), "0");
    EXPECT_EQ(value("dhcp46_dropped_packets_total{" + link + ",reason=\"bad_hlen\"}"), "3");
    EXPECT_EQ(value("dhcp46_dropped_bytes_total{" + link + ",reason=\"bad_hlen\"}"), "900");
    EXPECT_EQ(value("dhcp46_dropped_packets_total{" + link + ",reason=\"unknown_peer\"}"), "0");
    EXPECT_EQ(value("dhcp46_punted_packets_total{" + link + ",reason=\"too_big\"}"), "0");
}

TEST(Prometheus, NamesOfDevicesAreEscaped) {
    EXPECT_THAT(prometheus_text("0.1.0", {}, counted()), HasSubstr(R"(device="e\"\\\n\\xff")"));
}

TEST(Prometheus, NothingAttached) {
    const Exposition exposition(prometheus_text("0.1.0", {}, {}));
    EXPECT_THAT(exposition.wrong, testing::IsEmpty());
    EXPECT_EQ(exposition.samples.size(), 1u);
}

// docs/metrics.md has a row for each metric, and no other: `| name | type | labels | HELP |`.
TEST(Prometheus, DocumentHasEveryMetric) {
    const Exposition exposition(prometheus_text("0.1.0", described(), counted()));
    std::set<std::string> rows;
    for (const auto &[name, type] : exposition.types) {
        std::string row = "| `" + name + "` | " + type + " | ";
        const auto &labels = exposition.labels.at(name);
        for (const char *label : {"version", "abi", "instance", "role", "device", "side",
                                  "upstream", "type", "tier", "reason"})
            row += labels.contains(label) ? std::string("`") + label + "`, " : "";
        row.replace(row.size() - 2, 2, " | " + exposition.helps.at(name) + " |");
        rows.insert(row);
    }
    std::ifstream file(DHCP46_SOURCE "/docs/metrics.md");
    ASSERT_TRUE(file);
    std::set<std::string> documented;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| `dhcp46_"))
            documented.insert(line);
    }
    EXPECT_EQ(documented, rows);
}
