// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "config/controller.h"

#include <sys/un.h>

#include <charconv>

#include <fmt/format.h>

#include "config/keys.h"
#include "instance/options.h"

namespace dhcp46 {

static constexpr std::pair<const char *, LogLevel> log_levels[] = {{"error", LogLevel::error},
                                                                   {"warn", LogLevel::warn},
                                                                   {"info", LogLevel::info},
                                                                   {"debug", LogLevel::debug}};
static constexpr std::pair<const char *, LogFormat> log_formats[] = {{"text", LogFormat::text},
                                                                     {"json", LogFormat::json}};

static const char *const metrics_example = "\"127.0.0.1:9146\"";

// "127.0.0.1:PORT", "[::1]:PORT" or "unix:/PATH".
static std::optional<MetricsEndpoint> parse_endpoint(const std::string &text) {
    MetricsEndpoint endpoint;
    if (text.starts_with("unix:")) {
        endpoint.path = text.substr(5);
        if (!endpoint.path.starts_with('/') ||
            endpoint.path.size() >= sizeof(sockaddr_un::sun_path))
            return std::nullopt;
        return endpoint;
    }
    const auto colon = text.rfind(':');
    if (colon == std::string::npos)
        return std::nullopt;
    const char *end = text.data() + text.size();
    const auto port = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (port.ec != std::errc{} || port.ptr != end || endpoint.port == 0)
        return std::nullopt;
    const std::string host = text.substr(0, colon);
    if (const auto address = parse_ip4(host)) {
        endpoint.address = v4_mapped(*address);
        return endpoint;
    }
    if (!host.starts_with('[') || !host.ends_with(']'))
        return std::nullopt;
    const auto address = parse_ip6(host.substr(1, host.size() - 2));
    if (!address)
        return std::nullopt;
    endpoint.address = *address;
    return endpoint;
}

static bool is_local(const MetricsEndpoint &endpoint) {
    if (!endpoint.path.empty())
        return true;
    const Ip6Kind kind = kind_of(endpoint.address);
    return kind == Ip6Kind::v4_mapped ? from_v4_mapped(endpoint.address).octets[0] == 127
                                      : kind == Ip6Kind::loopback;
}

namespace {

class ControllerReader {
  public:
    ControllerReader(const Value &table, Report &report) : table_(table), report_(report) {}

    ControllerOptions read() {
        for (const Entry &entry : table_.table) {
            if (entry.key == "log-level")
                read_word(entry, log_levels, "\"info\"", options_.log_level);
            else if (entry.key == "log-format")
                read_word(entry, log_formats, "\"text\"", options_.log_format);
            else if (entry.key == "max-links")
                read_max_links(entry);
            else if (entry.key == "metrics")
                read_metrics(entry);
            else if (entry.key != "metrics-public")
                report_.add_unknown(entry, "[controller]", controller_keys());
        }
        check_public();
        return options_;
    }

  private:
    const std::string *text_of(const Entry &entry, const char *example) {
        if (entry.value.kind != Value::Kind::text) {
            report_.add_wrong_type(entry, entry.value.at, entry.value.kind, "a string", example);
            return nullptr;
        }
        return is_plain_text(entry, entry.value, report_) ? &entry.value.text : nullptr;
    }

    template <typename T, std::size_t N>
    void read_word(const Entry &entry, const std::pair<const char *, T> (&words)[N],
                   const char *example, T &into) {
        const std::string *text = text_of(entry, example);
        if (!text)
            return;
        std::vector<std::string> names;
        for (const auto &[word, value] : words) {
            if (*text == word) {
                into = value;
                return;
            }
            names.emplace_back(word);
        }
        report_.add(entry.value.at, fmt::format("{} {}", entry.key, quoted(*text)),
                    fmt::format("there is no such {}", entry.key),
                    fmt::format("give {}", listed(names, "or")));
    }

    void read_max_links(const Entry &entry) {
        if (entry.value.kind != Value::Kind::number)
            return report_.add_wrong_type(entry, entry.value.at, entry.value.kind, "an integer",
                                          "1024");
        const auto value = parse_max_links(entry.value.text);
        if (value)
            options_.max_links = *value;
        else
            report_.add(entry.value.at, fmt::format("{} {}", entry.key, entry.value.text),
                        value.error().why, value.error().hint);
    }

    void read_metrics(const Entry &entry) {
        const std::string *text = text_of(entry, metrics_example);
        if (!text)
            return;
        options_.metrics = parse_endpoint(*text);
        if (!options_.metrics)
            report_.add(entry.value.at, fmt::format("metrics {}", quoted(*text)),
                        "it is no address with a port, and no path of a socket",
                        R"(write "127.0.0.1:PORT", "[::1]:PORT" or "unix:/PATH")");
    }

    void check_public() {
        const Entry *entry = table_.find("metrics-public");
        if (entry && entry->value.kind != Value::Kind::flag)
            return report_.add_wrong_type(*entry, entry->value.at, entry->value.kind, "a boolean",
                                          "true");
        if (!options_.metrics || is_local(*options_.metrics) || (entry && entry->value.flag))
            return;
        const Value &value = table_.find("metrics")->value;
        report_.add(value.at, fmt::format("metrics {}", quoted(value.text)),
                    "others than this host could read it there, and nobody is asked for a password",
                    "take a loopback address, or write metrics-public = true, too");
    }

    const Value &table_;
    Report &report_;
    ControllerOptions options_;
};

} // namespace

std::vector<std::string> controller_keys() {
    return {"log-level", "log-format", "max-links", "metrics", "metrics-public"};
}

ControllerOptions read_controller(const Value &table, Report &report) {
    return ControllerReader(table, report).read();
}

} // namespace dhcp46
