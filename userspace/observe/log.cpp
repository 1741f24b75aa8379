// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "observe/log.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace dhcp46 {

namespace {

struct Entry {
    const char *id;
    spdlog::level::level_enum level;
    const char *text;
};

const Entry entries[] = {
#define DHCP46_MESSAGE(id, severity, text, action) {#id, spdlog::level::severity, text},
#include "observe/messages.def"
#undef DHCP46_MESSAGE
};

struct Log {
    LogFormat format = LogFormat::text;
    std::shared_ptr<spdlog::logger> logger; // none: nobody listens
};

Log &the_log() {
    static Log log;
    return log;
}

const Entry &entry_of(Message message) {
    return entries[static_cast<std::size_t>(message)];
}

bool is_plain(const std::string &value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return std::isgraph(c) && c != '"' && c != '\\' && c != '=';
    });
}

std::string quoted(const std::string &value) {
    return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string name_of(spdlog::level::level_enum level) {
    const auto text = spdlog::level::to_string_view(level);
    return {text.data(), text.size()};
}

} // namespace

spdlog::level::level_enum level_of(Message message) {
    return entry_of(message).level;
}

std::string log_line(LogFormat format, Message message, const Fields &fields) {
    const Entry &entry = entry_of(message);
    if (format == LogFormat::json) {
        nlohmann::ordered_json json = {
            {"level", name_of(entry.level)}, {"id", entry.id}, {"message", entry.text}};
        for (const auto &[key, value] : fields)
            json[key] = value;
        return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    std::string line =
        fmt::format("{} id={} message={}", name_of(entry.level), entry.id, quoted(entry.text));
    for (const auto &[key, value] : fields)
        line += fmt::format(" {}={}", key, is_plain(value) ? value : quoted(value));
    return line;
}

static spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
    case LogLevel::error:
        return spdlog::level::err;
    case LogLevel::warn:
        return spdlog::level::warn;
    case LogLevel::info:
        return spdlog::level::info;
    case LogLevel::debug:
        return spdlog::level::debug;
    }
    return spdlog::level::info;
}

void open_log(LogFormat format, LogLevel least) {
    auto logger = std::make_shared<spdlog::logger>(
        "messages", std::make_shared<spdlog::sinks::stderr_sink_st>());
    logger->set_pattern("%v");
    logger->set_level(spdlog_level(least));
    the_log() = {format, std::move(logger)};
}

void log_message(Message message, const Fields &fields) {
    const auto level = level_of(message);
    const Log &log = the_log();
    if (log.logger && log.logger->should_log(level))
        log.logger->log(level, "{}", log_line(log.format, message, fields));
}

} // namespace dhcp46
