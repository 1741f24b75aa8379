// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/logging.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

namespace dhcp46 {

__attribute__((format(printf, 2, 0))) static int log_line(libbpf_print_level level,
                                                          const char *format, va_list arguments) {
    if (level == LIBBPF_DEBUG || !spdlog::should_log(spdlog::level::debug))
        return 0;
    va_list again;
    va_copy(again, arguments);
    const int length = std::vsnprintf(nullptr, 0, format, again);
    va_end(again);
    if (length <= 0)
        return 0;
    std::vector<char> text(static_cast<std::size_t>(length) + 1);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    std::string line(text.data());
    while (!line.empty() && line.back() == '\n')
        line.pop_back();
    spdlog::debug("{}", line);
    return length;
}

void log_libbpf() {
    libbpf_set_print(log_line);
}

} // namespace dhcp46
