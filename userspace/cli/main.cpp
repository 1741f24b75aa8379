// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <cstdio>
#include <exception>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "bpf/logging.h"
#include "cli/commands.h"
#include "cli/output.h"

using namespace dhcp46;

static void start_log(const Invocation &invocation) {
    auto logger = spdlog::stderr_logger_st("dhcp46");
    logger->set_pattern("%l: %v");
    logger->set_level(invocation.verbose ? spdlog::level::debug
                      : invocation.quiet ? spdlog::level::err
                                         : spdlog::level::warn);
    spdlog::set_default_logger(logger);
    log_libbpf();
}

static int report(const Error &error) {
    std::fputs(error_text(error).c_str(), stderr);
    return static_cast<int>(error.exit);
}

static int run(int argc, char **argv) {
    const auto invocation = parse_command_line(argc, argv);
    if (!invocation)
        return report(invocation.error());
    start_log(*invocation);
    const auto result = run_command(*invocation);
    if (!result)
        return report(result.error());
    if (auto status = check_written(stdout); !status)
        return report(status.error());
    return static_cast<int>(*result);
}

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception &failure) {
        return report({Exit::runtime, "internal", failure.what(),
                       "this is a defect of dhcp46: please report it"});
    }
}
