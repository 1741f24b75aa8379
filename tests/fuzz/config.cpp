// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Any configuration file: it is refused with reasons that can be shown, or means instances that are
// valid each and together.
#include "config/config.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "fuzz/input.h"

namespace dhcp46::test {

namespace {

bool is_printable(const std::string &text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void check_error(const ConfigError &error) {
    require(error.file == "f" && error.line > 0 && error.column > 0, "an error has a place");
    require(!error.why.empty() && !error.hint.empty(), "an error has a reason and a hint");
    const Error shown = error_of(error);
    require(is_printable(shown.what) && is_printable(shown.why) && is_printable(shown.hint),
            "an error is no command to a terminal");
}

void check_config(const Config &config) {
    std::set<std::string> names;
    std::set<std::string> client_links;
    for (const Spec &spec : config.instances) {
        require(static_cast<bool>(validate(spec)), "an instance is valid");
        require(names.insert(spec.name).second, "each name is there once");
        for (const std::string &device : spec.client_devices)
            require(client_links.insert(device).second, "each client link has one instance");
    }
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46;
    const std::string text(reinterpret_cast<const char *>(data), size);
    const auto config = parse_config(text, "f");
    if (config) {
        test::check_config(*config);
        return 0;
    }
    test::require(!config.error().empty(), "refused for a reason");
    std::for_each(config.error().begin(), config.error().end(), test::check_error);
    return 0;
}
