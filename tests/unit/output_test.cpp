// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "cli/output.h"

#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "instance/counters.h"
#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

static std::vector<InstanceStatus> both() {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    return describe(attached(attached({}, lcra(), host), tra(), host),
                    {host, tc_everywhere(host), {}, route_by_eth0});
}

static std::set<std::string> keys(const Json &json) {
    std::set<std::string> names;
    for (const auto &entry : json.items())
        names.insert(entry.key());
    return names;
}

TEST(StatusJson, Frame) {
    const Json json = status_json(both());
    ASSERT_EQ(json["instances"].size(), 2u);
    const Json &cra = json["instances"][0];
    EXPECT_EQ(keys(cra), (std::set<std::string>{"name", "role", "ready", "missing", "warnings",
                                                "another_build", "xdp", "origin", "policy",
                                                "upstreams", "devices"}));
    EXPECT_EQ(cra["name"], "access");
    EXPECT_EQ(cra["role"], "lcra");
    EXPECT_EQ(cra["ready"], true);
    EXPECT_EQ(cra["xdp"], "auto");
    EXPECT_EQ(cra["upstreams"], Json::parse(R"([{"slot": 0, "address": "2001:db8:ff::1",
                                                 "port": 67, "origin": "cli", "sent": 0,
                                                 "received": 0, "last_reply_seconds_ago": null,
                                                 "silent": false, "silent_seconds": null}])"));
    const Json &client = cra["devices"][0];
    EXPECT_EQ(client["device"], "eth1");
    EXPECT_EQ(client["ifindex"], 11);
    EXPECT_EQ(client["side"], "client");
    EXPECT_EQ(client["xdp"], "off");
    EXPECT_EQ(client["tc"], "tcx");
    EXPECT_EQ(client["mac"], "02:00:00:00:00:0b");
    EXPECT_EQ(client["mtu"], 1500);
    EXPECT_EQ(client["ipv4"], "192.0.2.1");
    EXPECT_EQ(client["source"], "2001:db8:b::1");
    EXPECT_EQ(client["forwarding"], Json::parse(R"({"ipv4": false, "ipv6": false})"));
    EXPECT_EQ(cra["devices"][1]["ipv4"], nullptr);

    const Json &tra = json["instances"][1];
    EXPECT_EQ(tra["service_address"], "2001:db8:a::1");
    EXPECT_EQ(tra["giaddr"], "198.51.100.1");
    EXPECT_EQ(tra["cra_prefixes"][0]["prefix"], "::/0");
    EXPECT_EQ(tra["policy"]["cra6addr_code"], 254);
}

TEST(StatusJson, HealthOfUpstreams) {
    Network host = network();
    const Tables tables = attached({}, lcra(), host);
    Observed observed = {host, tc_everywhere(host), {}, route_by_eth0};
    UpstreamHealth &health = observed.health[tables.upstreams.begin()->first];
    health.sent = 12;
    health.received = 11;
    health.last_reply = {53'456'789'000ns, 1'800'000'000s};
    health.silent_for = 41'200'900'000ns;
    const auto list = describe(tables, observed);
    const Json upstream = status_json(list)["instances"][0]["upstreams"][0];
    EXPECT_EQ(upstream["sent"], 12);
    EXPECT_EQ(upstream["received"], 11);
    EXPECT_EQ(upstream["last_reply_seconds_ago"], 53.456);
    EXPECT_EQ(upstream["silent"], true);
    EXPECT_EQ(upstream["silent_seconds"], 41.2);
    const std::string text = status_text(list);
    for (const char *line :
         {"upstream 2001:db8:ff::1 port 67 (cli), 12 sent, 11 received, the last reply 53 s ago\n",
          "warning: upstream 2001:db8:ff::1 was asked 41 s ago, and has not replied since\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
}

TEST(StatusJson, NothingAttached) {
    EXPECT_EQ(status_json({}), Json::parse(R"({"instances": [], "controller": null})"));
    EXPECT_EQ(status_text({}), "nothing is attached\n");
    EXPECT_EQ(stats_json({}), Json::parse(R"({"instances": []})"));
}

TEST(StatsJson, AsTheContractSays) {
    InstanceStats instance{"access", DHCP46_ROLE_LCRA, {}};
    LinkStats link;
    link.device = "eth1";
    link.ifindex = 3;
    link.side = DHCP46_SIDE_CLIENT;
    link.stats.relayed.discover = {2, 1, 0, 1026};
    link.stats.dropped.opt82_from_client = {1, 342};
    link.stats.passed.op_not_request = {4, 1200};
    link.stats.noted.giaddr_replaced = {5, 1500};
    instance.links.push_back(link);
    EXPECT_EQ(stats_json({instance}), Json::parse(R"({"instances": [
        {"name": "access", "role": "lcra", "devices": [
          {"device": "eth1", "ifindex": 3, "side": "client",
           "relayed": {"discover": {"packets": 3, "bytes": 1026, "xdp": 2, "tc": 1, "slow": 0}},
           "dropped": {"opt82_from_client": {"packets": 1, "bytes": 342}},
           "passed": {"op_not_request": {"packets": 4, "bytes": 1200}},
           "punted": {},
           "noted": {"giaddr_replaced": {"packets": 5, "bytes": 1500}}}]}]})"));
}

TEST(StatsJson, EveryCounterHasItsName) {
    dhcp46_stats stats = {};
    EXPECT_EQ(relayed_of(stats).size(), static_cast<std::size_t>(DHCP46_TYPES));
    EXPECT_EQ(counts_of(stats).size(), static_cast<std::size_t>(DHCP46_REASONS));
    // In the order of enum dhcp46_reason: a reason is an index into the counts.
    const auto counts = counts_of(stats);
    EXPECT_STREQ(counts[DHCP46_DROP_hops].name, "hops");
    EXPECT_STREQ(counts[DHCP46_PUNT_too_big].name, "too_big");
}

TEST(StatusJson, ServerLinkAndLinkSelection) {
    Spec spec = tsv();
    spec.link_selections = {{parse_prefix6("2001:db8:1::/48").value(), ip4("192.0.2.1")}};
    const Network host = tsv_host();
    const auto list =
        describe(attached({}, spec, host), {host, tc_everywhere(host), {}, route_by_eth0});
    const Json json = status_json(list)["instances"][0];
    EXPECT_EQ(json["role"], "tsv");
    EXPECT_EQ(json["giaddr"], "203.0.113.1");
    EXPECT_EQ(json["server_link"], Json::parse(R"({"device": "local-rly",
        "server_device": "local-srv", "up": true, "xdp": "off"})"));
    EXPECT_EQ(json["cra_prefixes"][1], Json::parse(R"({"prefix": "2001:db8:1::/48",
        "allowed": true, "link_selection": "192.0.2.1"})"));
    EXPECT_EQ(json["devices"][1]["side"], "server");
    const std::string text = status_text(list);
    for (const char *word : {"local-srv", "link selection 192.0.2.1", "203.0.113.1"})
        EXPECT_NE(text.find(word), std::string::npos) << word << " in\n" << text;
}

TEST(Text, ForwardingWhereItMatters) {
    Network host = network();
    const auto text_of = [&](const HookMap &hooks) {
        const auto tables = with_instance({}, resolved(tra(), host), hooks, host)->tables;
        return status_text(describe(tables, {host, hooks, {}, route_by_eth0}));
    };
    EXPECT_EQ(text_of(tc_everywhere(host)).find("forwarding"), std::string::npos);
    const std::string off = text_of(xdp_everywhere(host));
    EXPECT_NE(off.find("IPv4 forwarding off: XDP leaves"), std::string::npos) << off;
    EXPECT_NE(off.find("IPv6 forwarding off: XDP leaves"), std::string::npos) << off;
    host.devices[0].forwarding4 = host.devices[3].forwarding6 = true;
    const std::string on = text_of(xdp_everywhere(host));
    EXPECT_NE(on.find("IPv4 forwarding on\n"), std::string::npos) << on;
    EXPECT_NE(on.find("IPv6 forwarding on\n"), std::string::npos) << on;
}

TEST(Output, WhatIsNotWrittenIsAnError) {
    struct Close {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> full(std::fopen("/dev/full", "w"));
    ASSERT_TRUE(full);
    std::fputs("{}", full.get());
    const auto status = check_written(full.get());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().exit, Exit::runtime);
    EXPECT_EQ(status.error().why, "No space left on device");
    const std::unique_ptr<std::FILE, Close> sink(std::fopen("/dev/null", "w"));
    std::fputs("{}", sink.get());
    EXPECT_TRUE(check_written(sink.get()));
}

TEST(Text, OfWait) {
    InstanceStatus status = both().front();
    EXPECT_EQ(waiting_text(status), "access: ready\n");
    status.missing = {"no upstream", "no address"};
    EXPECT_EQ(waiting_text(status), "access: waiting: no upstream\naccess: waiting: no address\n");
}

TEST(Text, HasWhatPeopleLookFor) {
    const std::string status = status_text(both());
    for (const char *word : {"access", "lcra", "ready", "eth1", "198.51.100.9", "--cra-prefix"})
        EXPECT_NE(status.find(word), std::string::npos) << word << " in\n" << status;
    EXPECT_EQ(error_text({Exit::runtime, "eth9", "there is none", "look"}),
              "error: eth9: there is none\nhint: look\n");
    EXPECT_EQ(error_text({Exit::runtime, "eth9", "there is none"}), "error: eth9: there is none\n");
}
