// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "config/config.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/output.h"
#include "config/document.h"
#include "config/keys.h"
#include "config/nearest.h"
#include "instance/options.h"
#include "lab.h"

using namespace dhcp46;
namespace fs = std::filesystem;

static const fs::path root = DHCP46_SOURCE;

static std::string read(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

static std::vector<fs::path> files(const fs::path &directory) {
    std::vector<fs::path> found;
    for (const auto &entry : fs::directory_iterator(root / directory)) {
        if (entry.path().extension() == ".toml")
            found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

static constexpr dhcp46_role roles[] = {DHCP46_ROLE_LCRA, DHCP46_ROLE_HCRA, DHCP46_ROLE_TRA,
                                        DHCP46_ROLE_TSV};

static std::set<std::string> set_of(const std::vector<std::string> &keys) {
    return {keys.begin(), keys.end()};
}

static Config parse(const std::string &text) {
    const auto config = parse_config(text, "test.toml");
    EXPECT_TRUE(config) << config_errors_text(config.error());
    return config ? *config : Config();
}

// Each broken file has what `dhcp46 check` is to say of it beside it.
TEST(Config, BrokenFilesAreExplained) {
    const auto broken = files("tests/unit/config/broken");
    ASSERT_GE(broken.size(), 39u);
    for (const fs::path &path : broken) {
        const std::string name = path.filename().string();
        const auto config = parse_config(read(path), name);
        ASSERT_FALSE(config) << name;
        EXPECT_EQ(config_errors_text(config.error()),
                  read(fs::path(path).replace_extension(".stderr")))
            << name;
    }
}

TEST(Config, ExamplesAreValid) {
    std::set<dhcp46_role> shown;
    for (const fs::path &path : files("docs/examples")) {
        const auto config = load_config(path.string());
        ASSERT_TRUE(config) << config_errors_text(config.error());
        for (const Spec &spec : config->instances)
            shown.insert(spec.role);
    }
    EXPECT_EQ(shown.size(), std::size(roles));
}

// A whole file to copy from: each key of each role and of the controller has its line.
TEST(Config, EveryKeyHasAnExample) {
    const auto document = parse_document(read(root / "docs/examples/every-key.toml"));
    ASSERT_TRUE(document) << document.error().why;
    const auto keys_of = [](const Value &table) {
        std::set<std::string> keys;
        for (const Entry &entry : table.table)
            keys.insert(entry.key);
        return keys;
    };
    EXPECT_EQ(keys_of(document->find("controller")->value), set_of(controller_keys()));
    std::map<std::string, std::set<std::string>> shown; // by role
    for (const Value &instance : document->find("instance")->value.list)
        shown[instance.find("role")->value.text].merge(keys_of(instance));
    for (const dhcp46_role role : roles)
        EXPECT_EQ(shown[role_name(role)], set_of(instance_keys(role))) << role_name(role);
}

TEST(Config, CheckExits) {
    Invocation invocation;
    invocation.command = Command::check;
    invocation.quiet = true;
    invocation.file = (root / "docs/examples/tra.toml").string();
    EXPECT_EQ(*run_command(invocation), Exit::ok);
    testing::internal::CaptureStderr();
    invocation.file = (root / "tests/unit/config/broken/name-twice.toml").string();
    EXPECT_EQ(*run_command(invocation), Exit::config);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::AllOf(testing::StartsWith("error: " + invocation.file + ":8:8: name"),
                               testing::HasSubstr("\nhint: ")));
}

TEST(Config, ErrorsAsJson) {
    const std::string file = "name-twice.toml";
    const auto config = parse_config(read(root / "tests/unit/config/broken" / file), file);
    const auto json = check_json(file, config);
    EXPECT_EQ(json["valid"], false);
    EXPECT_EQ(json["errors"].size(), 1u);
    EXPECT_EQ(json["errors"][0]["line"], 8);
    EXPECT_EQ(json["errors"][0]["column"], 8);
    EXPECT_EQ(json["errors"][0]["what"], "name \"access\"");
}

TEST(Config, FilesThatCannotBeRead) {
    for (const char *path : {"/nonexistent/dhcp46.toml", "/", "/dev/zero"}) {
        const auto config = load_config(path);
        ASSERT_FALSE(config) << path;
        EXPECT_EQ(config.error().front().line, 0u);
        EXPECT_THAT(config_errors_text(config.error()),
                    testing::StartsWith(std::string("error: ") + path + ": "));
    }
}

TEST(Config, NothingIsSomething) {
    const Config config = parse("");
    EXPECT_TRUE(config.instances.empty());
    EXPECT_EQ(config.controller.log_level, LogLevel::info);
    EXPECT_EQ(config.controller.log_format, LogFormat::text);
    EXPECT_FALSE(config.controller.metrics);
    EXPECT_FALSE(config.controller.max_links);
}

// The same words mean the same in the file and on the command line.
TEST(Config, LikeTheCommandLine) {
    const Config config = parse(R"(
[[instance]]
role = "tsv"
name = "local"
dev = ["eth0", "eth1"]
server = "192.0.2.9"
giaddr = "203.0.113.1"
source = "2001:db8::a"
cra-prefix = ["2001:db8::/32"]
link-selection = "2001:db8:1::/48=192.0.2.1"
cra6addr = "circuit-id"
hops-limit = 4
giaddr-policy = "drop"
accept-any-source = true
xdp = "off"
)");
    const char *words[] = {"dhcp46",
                           "attach",
                           "tsv",
                           "local",
                           "--dev",
                           "eth0",
                           "--dev",
                           "eth1",
                           "--server",
                           "192.0.2.9",
                           "--giaddr",
                           "203.0.113.1",
                           "--source",
                           "2001:db8::a",
                           "--cra-prefix",
                           "2001:db8::/32",
                           "--cra6addr",
                           "circuit-id",
                           "--hops-limit",
                           "4",
                           "--giaddr-policy",
                           "drop",
                           "--xdp",
                           "off",
                           "--link-selection",
                           "2001:db8:1::/48=192.0.2.1",
                           "--accept-any-source"};
    const auto invocation = parse_command_line(std::size(words), words);
    ASSERT_TRUE(invocation) << invocation.error().why;
    ASSERT_EQ(config.instances.size(), 1u);
    const Spec &a = config.instances[0];
    const Spec &b = invocation->spec;
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.role, b.role);
    EXPECT_EQ(a.xdp_mode, b.xdp_mode);
    EXPECT_TRUE(same_bytes(a.policy, b.policy));
    EXPECT_EQ(a.policy.cra6addr_code, circuit_id_code);
    EXPECT_EQ(a.giaddr, b.giaddr);
    EXPECT_EQ(a.ipv6_devices, b.ipv6_devices);
    EXPECT_EQ(a.server_devices, b.server_devices);
    EXPECT_EQ(a.server_end, b.server_end);
    EXPECT_EQ(a.upstreams, b.upstreams);
    EXPECT_EQ(a.cra_prefixes, b.cra_prefixes);
    ASSERT_EQ(a.sources.size(), 1u);
    EXPECT_EQ(a.sources[0].address, b.sources.at(0).address);
    ASSERT_EQ(a.link_selections.size(), 1u);
    EXPECT_EQ(a.link_selections[0].address, b.link_selections.at(0).address);
}

TEST(Config, WarningsNameKeys) {
    const Config config = parse(R"(
[[instance]]
name = "core"
role = "tra"
v6-dev = "eth0"
v4-dev = "eth1"
server = "192.0.2.9"
cra6addr = 5
)");
    ASSERT_EQ(config.instances.size(), 1u);
    EXPECT_THAT(config.instances[0].warnings,
                testing::ElementsAre(testing::StartsWith("`cra6addr` 5 is the code of ")));
}

TEST(Config, APipeDoesNotHoldUs) {
    const std::string path = testing::TempDir() + "dhcp46-config-pipe";
    fs::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    const auto config = load_config(path);
    fs::remove(path);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().front().why, "it is no regular file");
}

TEST(Config, InTheOrderOfTheFile) {
    const Config config = parse(R"(
[[instance]]
name = "z"
role = "hcra"
dev = "eth0"
upstream = "2001:db8::1"
[[instance]]
name = "a"
role = "hcra"
dev = "eth1"
upstream = "2001:db8::1"
)");
    ASSERT_EQ(config.instances.size(), 2u);
    EXPECT_EQ(config.instances[0].name, "z");
    EXPECT_EQ(config.instances[1].name, "a");
}

static std::optional<MetricsEndpoint> metrics(const std::string &value, bool is_public = false) {
    return parse("[controller]\nmetrics = \"" + value +
                 "\"\nmetrics-public = " + (is_public ? "true" : "false") + "\n")
        .controller.metrics;
}

TEST(Config, Controller) {
    const ControllerOptions options =
        parse("[controller]\nlog-level = \"debug\"\nlog-format = \"json\"\nmax-links = 4096\n")
            .controller;
    EXPECT_EQ(options.log_level, LogLevel::debug);
    EXPECT_EQ(options.log_format, LogFormat::json);
    EXPECT_EQ(options.max_links, 4096u);
}

TEST(Config, MetricsEndpoints) {
    EXPECT_EQ(metrics("unix:/run/dhcp46/metrics")->path, "/run/dhcp46/metrics");
    EXPECT_EQ(metrics("127.0.0.1:9146")->address, v4_mapped(lab::ip4("127.0.0.1")));
    EXPECT_EQ(metrics("127.0.0.1:9146")->port, 9146);
    EXPECT_EQ(metrics("[::1]:1")->address, lab::ip6("::1"));
    EXPECT_EQ(metrics("0.0.0.0:65535", true)->port, 65535);
    EXPECT_EQ(metrics("[2001:db8::1]:80", true)->address, lab::ip6("2001:db8::1"));
    for (const char *bad : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:1x",
                            "::1:9146", "[::1]9146", "[127.0.0.1]:1", "localhost:9146", "unix:"})
        EXPECT_FALSE(parse_config(std::string("[controller]\nmetrics = \"") + bad + "\"\n", ""))
            << bad;
    const std::string long_path = "[controller]\nmetrics = \"unix:/" + std::string(107, 'x') + "\"";
    EXPECT_FALSE(parse_config(long_path, ""));
    for (const char *open : {"192.0.2.1:9146", "0.0.0.0:9146", "[::]:9146", "[fe80::1]:9146"})
        EXPECT_FALSE(parse_config(std::string("[controller]\nmetrics = \"") + open + "\"\n", ""))
            << open;
}

TEST(Config, Nearest) {
    const std::vector<std::string> keys = instance_keys(DHCP46_ROLE_LCRA);
    EXPECT_EQ(nearest("client_dev", keys), "client-dev");
    EXPECT_EQ(nearest("upstreams", keys), "upstream");
    EXPECT_EQ(nearest("uptsream", keys), "upstream");
    EXPECT_EQ(nearest("uplink", keys), "uplink-dev");
    EXPECT_EQ(nearest("colour", keys), "");
    EXPECT_EQ(nearest("", keys), "");
    EXPECT_EQ(nearest(std::string(1000, 'x'), keys), "");
}

// docs/configuration.md has a row `| `KEY` | …` for each key, below the heading of each table.
TEST(Config, DocumentHasEveryKey) {
    const std::string text = read(root / "docs/configuration.md");
    std::map<std::string, std::set<std::string>> documented;
    std::istringstream lines(text);
    std::string section;
    const std::regex heading("## (.*)"), row("\\| `([^`]+)` \\|.*");
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, heading))
            section = match[1];
        else if (std::regex_match(line, match, row))
            documented[section].insert(match[1]);
    }
    for (const dhcp46_role role : roles) {
        std::set<std::string> keys = documented["Every instance"];
        keys.merge(std::set<std::string>(documented[role_name(role)]));
        EXPECT_EQ(keys, set_of(instance_keys(role))) << role_name(role);
    }
    EXPECT_EQ(documented["controller"], set_of(controller_keys()));
}
