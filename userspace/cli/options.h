// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The command line as data: what to do, not how it was written.
#ifndef DHCP46_CLI_OPTIONS_H
#define DHCP46_CLI_OPTIONS_H

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "instance/spec.h"
#include "observe/log.h"
#include "util/result.h"

namespace dhcp46 {

enum class Command {
    print, // --help, --version: `text` is the answer
    attach,
    detach,
    detach_all,
    status,
    stats,
    upstream_add,
    upstream_del,
    upstream_learn,
    upstream_list,
    wait,
    run,
    check,
    simulate,
};

struct Invocation {
    Command command = Command::print;
    std::string bpffs;
    bool verbose = false;
    bool quiet = false;
    bool json = false;
    bool prometheus = false;
    bool check = false;
    bool all = false;
    std::string name;                   // empty: all instances
    std::string address;                // of upstream add and del
    std::vector<std::string> addresses; // of upstream learn
    std::string file;                   // of check, run and simulate
    std::string device;                 // of simulate
    std::string output;                 // of simulate; empty: nothing is written
    Spec spec;                          // of attach
    std::optional<std::uint32_t> max_links;
    std::optional<LogFormat> log_format;         // of run
    std::optional<std::chrono::seconds> timeout; // of wait; none: for ever
    std::string text;
};

// The shape of the command line is a usage error (exit 2), a value a configuration error (exit 3).
Result<Invocation> parse_command_line(int argc, const char *const *argv);

} // namespace dhcp46

#endif // DHCP46_CLI_OPTIONS_H
