// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "cli/options.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "lab.h"

using namespace dhcp46;

static Result<Invocation> parse(std::vector<const char *> words) {
    words.insert(words.begin(), "dhcp46");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

static void expect_refused(std::vector<const char *> words, Exit exit) {
    const auto result = parse(words);
    std::string text;
    for (const char *word : words)
        text += std::string(word) + " ";
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().exit, exit) << text << ": " << result.error().why;
}

static std::vector<const char *> lcra_with(std::vector<const char *> more) {
    std::vector<const char *> words = {"attach", "lcra",       "access",     "--client-dev",
                                       "eth1",   "--upstream", "2001:db8::1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

static std::vector<const char *> hcra_with(std::vector<const char *> more) {
    std::vector<const char *> words = {"attach", "hcra",       "host",       "--dev",
                                       "eth0",   "--upstream", "2001:db8::1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

static std::vector<const char *> tra_with(std::vector<const char *> more) {
    std::vector<const char *> words = {"attach",   "tra",  "core",     "--v6-dev", "eth0",
                                       "--v4-dev", "eth3", "--server", "192.0.2.9"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST(Options, AttachLcra) {
    const auto result = parse(
        lcra_with({"--client-dev", "eth2", "--uplink-dev", "eth0", "--source", "eth1=2001:db8::a",
                   "--source", "eth2=2001:db8::b", "--xdp", "off", "--hops-limit", "4",
                   "--always-broadcast", "--client-source", "192.0.2.1"}));
    ASSERT_TRUE(result) << result.error().why;
    EXPECT_EQ(result->command, Command::attach);
    const Spec &spec = result->spec;
    EXPECT_EQ(spec.name, "access");
    EXPECT_EQ(spec.role, DHCP46_ROLE_LCRA);
    EXPECT_EQ(spec.client_devices, (std::vector<std::string>{"eth1", "eth2"}));
    EXPECT_EQ(spec.ipv6_devices, (std::vector<std::string>{"eth0"}));
    EXPECT_EQ(spec.upstreams, (std::vector<Ip6>{lab::ip6("2001:db8::1")}));
    ASSERT_EQ(spec.sources.size(), 2u);
    EXPECT_EQ(spec.sources[1].device, "eth2");
    EXPECT_EQ(spec.sources[1].address, lab::ip6("2001:db8::b"));
    EXPECT_EQ(spec.xdp_mode, DHCP46_XDP_OFF);
    EXPECT_EQ(spec.policy.hops_limit, 4);
    EXPECT_EQ(spec.policy.flags, DHCP46_ALWAYS_BROADCAST);
    EXPECT_EQ(spec.client_source, lab::ip4("192.0.2.1"));
}

TEST(Options, AttachTra) {
    const auto result =
        parse(tra_with({"--cra-prefix", "2001:db8::/32", "--giaddr", "192.0.2.1", "--cra6addr",
                        "77", "--giaddr-policy", "drop", "--accept-any-source"}));
    ASSERT_TRUE(result) << result.error().why;
    const Spec &spec = result->spec;
    EXPECT_EQ(spec.upstreams, (std::vector<Ip6>{v4_mapped(lab::ip4("192.0.2.9"))}));
    EXPECT_EQ(spec.giaddr, lab::ip4("192.0.2.1"));
    EXPECT_EQ(spec.cra_prefixes.size(), 1u);
    EXPECT_EQ(spec.policy.cra6addr_code, 77);
    EXPECT_EQ(spec.policy.giaddr_policy, DHCP46_GIADDR_DROP);
    EXPECT_EQ(spec.policy.flags, DHCP46_ACCEPT_ANY_SOURCE);
}

TEST(Options, MaxLinks) {
    const auto without = parse(lcra_with({}));
    ASSERT_TRUE(without);
    EXPECT_EQ(without->max_links, std::nullopt);
    for (const char *text : {"64", "65536"}) {
        const auto result = parse(tra_with({"--max-links", text}));
        ASSERT_TRUE(result) << text;
        EXPECT_EQ(result->max_links, std::strtoul(text, nullptr, 10));
    }
    for (const char *text : {"63", "65537", "many", "-64", ""})
        expect_refused(tra_with({"--max-links", text}), Exit::config);
}

TEST(Options, Wait) {
    const auto forever = parse({"wait", "access"});
    ASSERT_TRUE(forever);
    EXPECT_EQ(forever->command, Command::wait);
    EXPECT_EQ(forever->name, "access");
    EXPECT_EQ(forever->timeout, std::nullopt);
    for (const unsigned seconds : {0u, 60u, 86400u}) {
        const std::string text = std::to_string(seconds);
        const auto result = parse({"-q", "wait", "access", "--timeout", text.c_str()});
        ASSERT_TRUE(result) << text;
        EXPECT_EQ(result->timeout, std::chrono::seconds(seconds));
        EXPECT_TRUE(result->quiet);
    }
    expect_refused({"wait"}, Exit::usage);
    for (const char *text : {"86401", "soon", "1.5", ""})
        expect_refused({"wait", "access", "--timeout", text}, Exit::config);
}

TEST(Options, UpstreamLearn) {
    const auto none = parse({"upstream", "learn", "access"});
    ASSERT_TRUE(none);
    EXPECT_EQ(none->command, Command::upstream_learn);
    EXPECT_TRUE(none->addresses.empty());
    const auto two = parse({"upstream", "learn", "access", "2001:db8::1", "2001:db8::2"});
    ASSERT_TRUE(two);
    EXPECT_EQ(two->name, "access");
    EXPECT_EQ(two->addresses, (std::vector<std::string>{"2001:db8::1", "2001:db8::2"}));
    expect_refused({"upstream", "learn"}, Exit::usage);
}

TEST(Options, DefaultsAreThoseOfTheRequirements) {
    const auto result = parse(tra_with({}));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->spec.policy.hops_limit, 16);
    EXPECT_EQ(result->spec.policy.cra6addr_code, 254);
    EXPECT_EQ(result->spec.policy.giaddr_policy, DHCP46_GIADDR_REPLACE);
    EXPECT_EQ(result->spec.policy.flags, 0);
    EXPECT_EQ(result->spec.xdp_mode, DHCP46_XDP_AUTO);
    EXPECT_EQ(result->bpffs, "/sys/fs/bpf");
}

TEST(Options, ShapeIsUsage) {
    for (const auto &words : std::vector<std::vector<const char *>>{
             {},
             {"fly"},
             {"attach"},
             {"attach", "hcra", "x"},
             {"attach", "hcra", "x", "--dev", "eth0"},
             {"attach", "hcra", "x", "--upstream", "2001:db8::1"},
             {"attach", "tsv", "x", "--dev", "eth0", "--server", "192.0.2.9"},
             {"attach", "tsv", "x", "--dev", "eth0", "--giaddr", "203.0.113.1"},
             {"attach", "tsv", "x", "--server", "192.0.2.9", "--giaddr", "203.0.113.1"},
             {"attach", "lcra", "x"},
             {"attach", "lcra", "x", "--client-dev", "eth1"},
             {"attach", "tra", "x", "--v6-dev", "eth0", "--server", "192.0.2.1"},
             {"detach"},
             {"detach", "x", "--all"},
             {"status", "x", "y"},
             {"stats", "--prometheus", "--json"},
             {"upstream"},
             {"upstream", "add", "x"},
             {"upstream", "list"}})
        expect_refused(words, Exit::usage);
    expect_refused(lcra_with({"--giaddr", "192.0.2.1"}), Exit::usage);
    for (const char *option : {"--uplink-dev", "--client-dev", "--giaddr", "--cra-prefix"})
        expect_refused(hcra_with({option, "eth1"}), Exit::usage);
    expect_refused(lcra_with({"--link-selection", "::/0=192.0.2.1"}), Exit::usage);
}

TEST(Options, UnknownCommandIsNamed) {
    const auto result = parse({"fly"});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().why.find("fly"), std::string::npos) << result.error().why;
}

TEST(Options, ValuesAreConfiguration) {
    for (const std::vector<const char *> &more : std::vector<std::vector<const char *>>{
             {"--hops-limit", "0"},
             {"--hops-limit", "17"},
             {"--hops-limit", "4x"},
             {"--xdp", "generic"},
             {"--source", "fe80::1"},
             {"--source", "ff02::1"},
             {"--source", "=2001:db8::1"},
             {"--source", "eth9=2001:db8::1"},
             {"--source", "2001:db8::2", "--source", "eth1=2001:db8::3"},
             {"--client-source", "224.0.0.1"},
             {"--client-dev", "eth1"},
             {"--upstream", "2001:db8::1"},
             {"--upstream", "2001:db8::2", "--upstream", "2001:db8::2"},
             {"--upstream", "64::2", "--upstream", "64::3", "--upstream", "64::4", "--upstream",
              "64::5", "--upstream", "64::6", "--upstream", "64::7", "--upstream", "64::8",
              "--upstream", "64::9"},
             {"--relay-encapsulation", "r4-1"}})
        expect_refused(lcra_with(more), Exit::config);
    for (const std::vector<const char *> &more : std::vector<std::vector<const char *>>{
             {"--cra6addr", "0"},
             {"--cra6addr", "255"},
             {"--cra6addr", "remote-id"},
             {"--link-selection", "2001:db8::/32"},
             {"--link-selection", "=192.0.2.1"},
             {"--link-selection", "2001:db8::/32=::1"},
             {"--link-selection", "2001:db8::1/32=192.0.2.1"},
             {"--link-selection", "2001:db8::/32=224.0.0.1"},
             {"--link-selection", "2001:db8::/32=192.0.2.1", "--link-selection",
              "2001:db8::/32=192.0.2.2"},
             {"--link-selection", "2001:db8::/32=192.0.2.1", "--cra6addr", "5"},
             {"--cra-prefix", "2001:db8::/32", "--cra-prefix", "2001:db8::/32"},
             {"--giaddr-policy", "encap"},
             {"--giaddr-policy", "keep"},
             {"--giaddr", "0.0.0.0"},
             {"--giaddr", "2001:db8::1"},
             {"--cra-prefix", "2001:db8::1/32"},
             {"--source", "eth0=2001:db8::1"},
             {"--server", "192.0.2.9"},
             {"--relay-encapsulation", "r4-1"}})
        expect_refused(tra_with(more), Exit::config);
}

TEST(Options, AttachHcra) {
    const auto result = parse(hcra_with({"--source", "2001:db8::a", "--xdp", "native",
                                         "--always-broadcast", "--client-source", "192.0.2.1"}));
    ASSERT_TRUE(result) << result.error().why;
    const Spec &spec = result->spec;
    EXPECT_EQ(spec.role, DHCP46_ROLE_HCRA);
    EXPECT_EQ(spec.client_devices, (std::vector<std::string>{"eth0"}));
    EXPECT_EQ(spec.ipv6_devices, (std::vector<std::string>{"eth0"}));
    ASSERT_EQ(spec.sources.size(), 1u);
    EXPECT_EQ(spec.sources[0].address, lab::ip6("2001:db8::a"));
    EXPECT_EQ(spec.client_source, lab::ip4("192.0.2.1"));
    EXPECT_EQ(spec.policy.flags, DHCP46_ALWAYS_BROADCAST);
    for (const std::vector<const char *> &more : std::vector<std::vector<const char *>>{
             {"--dev", "eth1"}, {"--source", "eth0=2001:db8::a"}, {"--hops-limit", "17"}})
        expect_refused(hcra_with(more), Exit::config);
}

static std::vector<const char *> tsv_with(std::vector<const char *> more) {
    std::vector<const char *> words = {"attach",   "tsv",       "local",    "--dev",      "eth0",
                                       "--server", "192.0.2.9", "--giaddr", "203.0.113.1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST(Options, AttachTsv) {
    const auto result =
        parse(tsv_with({"--dev", "eth1", "--source", "2001:db8::a", "--cra-prefix", "2001:db8::/32",
                        "--cra6addr", "77", "--giaddr-policy", "drop"}));
    ASSERT_TRUE(result) << result.error().why;
    const Spec &spec = result->spec;
    EXPECT_EQ(spec.role, DHCP46_ROLE_TSV);
    EXPECT_EQ(spec.ipv6_devices, (std::vector<std::string>{"eth0", "eth1"}));
    EXPECT_EQ(spec.server_devices, (std::vector<std::string>{"local-rly"}));
    EXPECT_EQ(spec.server_end, "local-srv");
    EXPECT_EQ(spec.upstreams, (std::vector<Ip6>{v4_mapped(lab::ip4("192.0.2.9"))}));
    EXPECT_EQ(spec.giaddr, lab::ip4("203.0.113.1"));
    EXPECT_EQ(spec.policy.cra6addr_code, 77);
    EXPECT_EQ(parse(tsv_with({"--server-dev", "dhcp0"}))->spec.server_end, "dhcp0");
}

TEST(Options, TsvValues) {
    for (const std::vector<const char *> &more :
         std::vector<std::vector<const char *>>{{"--server", "192.0.2.10"},
                                                {"--server-dev", "sixteen-letters."},
                                                {"--server-dev", "a/b"},
                                                {"--server-dev", "a b"},
                                                {"--server-dev", "all"},
                                                {"--server-dev", "local-rly"},
                                                {"--server-dev", "eth0"},
                                                {"--dev", "local-rly"},
                                                {"--dev", "eth0"},
                                                {"--source", "eth0=2001:db8::1"},
                                                {"--cra6addr", "0"}})
        expect_refused(tsv_with(more), Exit::config);
    expect_refused(
        {"attach", "tsv", "x", "--dev", "eth0", "--server", "192.0.2.9", "--giaddr", "192.0.2.9"},
        Exit::config);
    for (const char *option : {"--v6-dev", "--v4-dev", "--upstream", "--client-source"})
        expect_refused(tsv_with({option, "eth9"}), Exit::usage);
}

TEST(Options, LinkSelection) {
    for (const auto &words : {tra_with({"--link-selection", "2001:db8:1::/48=192.0.2.1",
                                        "--link-selection", "2001:db8:2::/48=192.0.2.65"}),
                              tsv_with({"--link-selection", "2001:db8:1::/48=192.0.2.1",
                                        "--link-selection", "2001:db8:2::/48=192.0.2.65"})}) {
        const auto result = parse(words);
        ASSERT_TRUE(result) << result.error().why;
        const auto &selections = result->spec.link_selections;
        ASSERT_EQ(selections.size(), 2u);
        EXPECT_EQ(to_string(selections[1].prefix), "2001:db8:2::/48");
        EXPECT_EQ(selections[1].address, lab::ip4("192.0.2.65"));
    }
}

TEST(Options, CodesOfOthersAreWarnedOf) {
    for (const char *code : {"1", "2", "3", "5", "11", "19", "150", "151", "152"}) {
        const auto result = parse(tra_with({"--cra6addr", code}));
        ASSERT_TRUE(result) << code;
        ASSERT_EQ(result->spec.warnings.size(), 1u) << code;
        EXPECT_NE(result->spec.warnings[0].find(code), std::string::npos);
    }
    for (const char *code : {"20", "77", "149", "153", "254"})
        EXPECT_TRUE(parse(tra_with({"--cra6addr", code}))->spec.warnings.empty()) << code;
    const auto named = parse(tsv_with({"--cra6addr", "circuit-id"}));
    ASSERT_TRUE(named);
    EXPECT_EQ(named->spec.policy.cra6addr_code, 1);
    EXPECT_TRUE(named->spec.warnings.empty());
}

TEST(Options, UpToEightUpstreams) {
    const auto cra =
        parse(hcra_with({"--upstream", "2001:db8::2", "--upstream", "2001:db8::3", "--upstream",
                         "2001:db8::4", "--upstream", "2001:db8::5", "--upstream", "2001:db8::6",
                         "--upstream", "2001:db8::7", "--upstream", "2001:db8::8"}));
    ASSERT_TRUE(cra) << cra.error().why;
    EXPECT_EQ(cra->spec.upstreams.size(), 8u);
    const auto far = parse(tra_with({"--server", "192.0.2.10"}));
    ASSERT_TRUE(far) << far.error().why;
    EXPECT_EQ(far->spec.upstreams[1], v4_mapped(lab::ip4("192.0.2.10")));
}

TEST(Options, UpstreamsMustBeUnicast) {
    for (const char *upstream :
         {"fe80::1", "ff02::1", "::", "::1", "::ffff:192.0.2.1", "192.0.2.1", "tra.example"})
        expect_refused({"attach", "lcra", "x", "--client-dev", "eth1", "--upstream", upstream},
                       Exit::config);
    for (const char *server :
         {"0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "2001:db8::1"})
        expect_refused(
            {"attach", "tra", "x", "--v6-dev", "eth0", "--v4-dev", "eth3", "--server", server},
            Exit::config);
}

TEST(Options, Names) {
    for (const char *name : {"a", "eleven-chrs", "a_b-9"})
        EXPECT_TRUE(is_valid_name(name)) << name;
    for (const char *name : {"", "twelve-chars", "Upper", "dot.ted", "sp ace"})
        EXPECT_FALSE(is_valid_name(name)) << name;
}

TEST(Options, GlobalOnesStandAnywhere) {
    for (const std::vector<const char *> &words :
         std::vector<std::vector<const char *>>{{"--bpffs", "/b", "-v", "status", "x", "--json"},
                                                {"status", "x", "--json", "--bpffs", "/b", "-v"},
                                                {"status", "--bpffs", "/b", "x", "-v", "--json"}}) {
        const auto result = parse(words);
        ASSERT_TRUE(result) << result.error().why;
        EXPECT_EQ(result->bpffs, "/b");
        EXPECT_TRUE(result->verbose);
        EXPECT_TRUE(result->json);
        EXPECT_EQ(result->name, "x");
    }
    const auto nested = parse({"upstream", "add", "x", "2001:db8::1", "--bpffs", "/b", "-q"});
    ASSERT_TRUE(nested);
    EXPECT_EQ(nested->bpffs, "/b");
    EXPECT_TRUE(nested->quiet);
    EXPECT_EQ(nested->command, Command::upstream_add);
}

TEST(Options, BpffsFromTheEnvironment) {
    ASSERT_EQ(setenv("DHCP46_BPFFS", "/from/env", 1), 0);
    const auto by_environment = parse({"status"});
    const auto by_option = parse({"status", "--bpffs", "/b"});
    unsetenv("DHCP46_BPFFS");
    ASSERT_TRUE(by_environment && by_option);
    EXPECT_EQ(by_environment->bpffs, "/from/env");
    EXPECT_EQ(by_option->bpffs, "/b");
}

TEST(Options, HelpAndVersionPrint) {
    for (const std::vector<const char *> &words : std::vector<std::vector<const char *>>{
             {"--help"}, {"--version"}, {"status", "--version"}, {"attach", "lcra", "--help"}}) {
        const auto result = parse(words);
        ASSERT_TRUE(result) << result.error().why;
        EXPECT_EQ(result->command, Command::print);
        EXPECT_FALSE(result->text.empty());
    }
}

TEST(Options, Simulate) {
    const auto result =
        parse({"simulate", "access", "--dev", "eth1", "in.pcap", "--json", "--write", "out.pcap"});
    ASSERT_TRUE(result) << result.error().why;
    EXPECT_EQ(result->command, Command::simulate);
    EXPECT_EQ(result->name, "access");
    EXPECT_EQ(result->device, "eth1");
    EXPECT_EQ(result->file, "in.pcap");
    EXPECT_EQ(result->output, "out.pcap");
    EXPECT_TRUE(result->json);
    expect_refused({"simulate", "access", "in.pcap"}, Exit::usage);
    expect_refused({"simulate", "access", "--dev", "eth1"}, Exit::usage);
}
