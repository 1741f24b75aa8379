// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "config/config.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "config/controller.h"
#include "config/document.h"
#include "config/instance.h"
#include "config/report.h"
#include "util/fd.h"

namespace dhcp46 {

Error error_of(const ConfigError &error) {
    std::string what = error.file;
    if (error.line != 0)
        what += fmt::format(":{}:{}", error.line, error.column);
    if (!error.what.empty())
        what += fmt::format(": {}", error.what);
    return {Exit::config, std::move(what), error.why, error.hint};
}

static bool is_list_of_tables(const Value &value) {
    return value.kind == Value::Kind::list &&
           std::all_of(value.list.begin(), value.list.end(),
                       [](const Value &each) { return each.kind == Value::Kind::table; });
}

static Config read_document(const Value &document, Report &report) {
    Config config;
    for (const Entry &entry : document.table) {
        if (entry.key == "instance") {
            if (is_list_of_tables(entry.value))
                config.instances = read_instances(entry.value.list, report);
            else
                report.add(entry.at, entry.key, "it is not written as one of several tables",
                           "begin each instance with [[instance]]");
        } else if (entry.key == "controller") {
            if (entry.value.kind == Value::Kind::table)
                config.controller = read_controller(entry.value, report);
            else
                report.add(entry.at, entry.key, "it is not written as a table",
                           "begin it with [controller]");
        } else {
            report.add_unknown(entry, "the file", {"instance", "controller"});
        }
    }
    return config;
}

Result<Config, ConfigErrors> parse_config(const std::string &text, const std::string &name) {
    Report report(name);
    const auto document = parse_document(text);
    if (!document) {
        report.add(document.error().at, "", document.error().why,
                   "the file is TOML, see https://toml.io: texts stand in quotes, as in "
                   "name = \"access\"");
        return std::move(report).in_order();
    }
    Config config = read_document(*document, report);
    if (!report.empty())
        return std::move(report).in_order();
    return config;
}

static constexpr std::size_t largest = 1 << 20;

Result<Config, ConfigErrors> load_config(const std::string &path) {
    const auto failed = [&](std::string why, const char *hint) {
        return ConfigErrors{{path, 0, 0, "", std::move(why), hint}};
    };
    // Without blocking: a pipe that nobody writes to would hold us up for ever.
    Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat found = {};
    if (!fd || fstat(fd.get(), &found) != 0)
        return failed(errno_text(errno), "give the path of a file that can be read");
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) // reading a directory says what it is
        return failed("it is no regular file", "give the path of a file that can be read");
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(fdopen(fd.get(), "r"), std::fclose);
    if (!file)
        return failed(errno_text(errno), "give the path of a file that can be read");
    (void)fd.release();
    std::string text(largest + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0)
        return failed(errno_text(errno), "give the path of a file that can be read");
    if (text.size() > largest)
        return failed("it is larger than 1 MiB", "no configuration is so large; is it the file?");
    return parse_config(text, path);
}

} // namespace dhcp46
