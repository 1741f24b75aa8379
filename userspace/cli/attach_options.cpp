// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "cli/attach_options.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace dhcp46 {

static void add_row(CLI::App &app, const OptionRow &row, InstanceOptions &options) {
    const std::string name = fmt::format("--{}", row.name);
    if (const auto *flag = std::get_if<OptionRow::Flag>(&row.value)) {
        app.add_flag(name, options.*(*flag), row.text);
        return;
    }
    const auto *list = std::get_if<OptionRow::List>(&row.value);
    CLI::Option *option =
        list ? app.add_option(name, options.*(*list), row.text)
             : app.add_option(name, options.*std::get<OptionRow::Text>(row.value), row.text);
    option->type_name(row.type)->required(row.need == Need::required);
}

void add_attach_options(CLI::App &app, AttachOptions &options) {
    app.add_option("NAME", options.instance.name, "instance name: a-z, 0-9, _ and -, at most 11")
        ->required();
    for (const OptionRow &row : option_rows()) {
        if (row.is_for(options.instance.role))
            add_row(app, row, options.instance);
    }
    app.add_option("--max-links", options.max_links,
                   "room for links of all instances, 64 to 65536, when the first is attached "
                   "(1024)")
        ->type_name("N");
}

} // namespace dhcp46
