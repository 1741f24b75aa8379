// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "config/report.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "config/nearest.h"

namespace dhcp46 {

static bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// The C1 control characters, U+0080 to U+009F, are two octets in UTF-8.
static bool is_c1(const std::string &text, std::size_t i) {
    return text[i] == '\xc2' && i + 1 < text.size() &&
           static_cast<unsigned char>(text[i + 1]) < 0xa0;
}

static std::string without_controls(const std::string &text) {
    std::string safe;
    for (std::size_t i = 0; i < text.size(); i++) {
        if (is_control(text[i])) {
            safe += fmt::format("\\u{:04x}", text[i]);
        } else if (is_c1(text, i)) {
            safe += fmt::format("\\u{:04x}", static_cast<unsigned char>(text[++i]));
        } else {
            safe += text[i];
        }
    }
    return safe;
}

std::string quoted(const std::string &text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '"' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    return fmt::format("\"{}\"", escaped);
}

std::string listed(const std::vector<std::string> &names, const char *last) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); i++) {
        if (i > 0)
            text += i + 1 == names.size() ? fmt::format(" {} ", last) : ", ";
        text += fmt::format("`{}`", names[i]);
    }
    return text;
}

bool is_plain_text(const Entry &entry, const Value &value, Report &report) {
    if (value.text.empty()) {
        report.add(value.at, entry.key, "it is empty", "give a value, or leave the key out");
        return false;
    }
    if (without_controls(value.text) != value.text) {
        report.add(value.at, fmt::format("{} {}", entry.key, quoted(value.text)),
                   "it contains a control character", "leave that out");
        return false;
    }
    return true;
}

void Report::add(Position at, const std::string &what, const std::string &why, std::string hint) {
    errors_.push_back({file_, at.line, at.column, without_controls(what), without_controls(why),
                       std::move(hint)});
}

void Report::add_unknown(const Entry &entry, const std::string &section,
                         const std::vector<std::string> &known) {
    const std::string meant = nearest(entry.key, known);
    add(entry.at, entry.key, fmt::format("{} has no such key", section),
        meant.empty() ? fmt::format("it has {}", listed(known, "and"))
                      : fmt::format("did you mean `{}`?", meant));
}

void Report::add_wrong_type(const Entry &entry, Position at, Value::Kind kind, const char *wanted,
                            const std::string &example) {
    add(at, entry.key, fmt::format("it is {}, not {}", kind_name(kind), wanted),
        fmt::format("write it as in {} = {}", entry.key, example));
}

ConfigErrors Report::in_order() && {
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const ConfigError &a, const ConfigError &b) {
                         return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                     });
    return std::move(errors_);
}

} // namespace dhcp46
