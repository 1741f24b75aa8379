// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/privileges.h"

#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

namespace dhcp46 {

static bool has(std::uint64_t set, unsigned capability) {
    return (set >> capability) & 1;
}

std::string missing_capabilities(std::uint64_t effective) {
    const bool admin = has(effective, CAP_SYS_ADMIN);
    std::string missing;
    const auto require = [&](bool there, const char *name) {
        if (!there)
            missing += (missing.empty() ? "" : ", ") + std::string(name);
    };
    require(admin || has(effective, CAP_BPF), "CAP_BPF");
    require(has(effective, CAP_NET_ADMIN), "CAP_NET_ADMIN");
    require(admin || has(effective, CAP_PERFMON), "CAP_PERFMON");
    return missing;
}

static std::uint64_t effective_capabilities() {
    std::ifstream file("/proc/self/status");
    std::string line;
    while (std::getline(file, line)) {
        if (line.rfind("CapEff:", 0) == 0)
            return std::strtoull(line.c_str() + 7, nullptr, 16);
    }
    return ~std::uint64_t{0}; // without /proc the system calls will tell
}

std::string missing_for_run(std::uint64_t effective) {
    std::string missing = missing_capabilities(effective);
    const auto require = [&](unsigned capability, const char *name) {
        if (!has(effective, capability))
            missing += (missing.empty() ? "" : ", ") + std::string(name);
    };
    require(CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE");
    require(CAP_NET_RAW, "CAP_NET_RAW");
    return missing;
}

static const char *const privilege_hint =
    "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON (of the initial user namespace)";

Status check_privileges() {
    const std::string missing = missing_capabilities(effective_capabilities());
    if (missing.empty())
        return {};
    return Error{Exit::privilege, "privilege", fmt::format("{} is missing", missing),
                 privilege_hint};
}

Status check_privileges_of_run() {
    const std::string missing = missing_for_run(effective_capabilities());
    if (missing.empty())
        return {};
    return Error{Exit::privilege, "privilege", fmt::format("{} is missing", missing),
                 "run as root, or with CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, CAP_NET_RAW and "
                 "CAP_NET_BIND_SERVICE (of the initial user namespace)"};
}

Error syscall_error(const std::string &what, int number) {
    number = number < 0 ? -number : number;
    switch (number) {
    case EPERM:
    case EACCES: {
        const std::string missing = missing_capabilities(effective_capabilities());
        const std::string why =
            missing.empty() ? errno_text(number) : fmt::format("{} is missing", missing);
        return {Exit::privilege, what, why, privilege_hint};
    }
    case ENOSYS:
    case EOPNOTSUPP:
        return {Exit::kernel, what, fmt::format("this kernel cannot: {}", errno_text(number)),
                "Linux 6.1 or newer with CONFIG_BPF_SYSCALL is needed"};
    default:
        return {Exit::runtime, what, errno_text(number),
                "run again with -v to see the steps before it"};
    }
}

Error file_error(const std::string &path, int number) {
    if (number != EACCES)
        return syscall_error(path, number);
    std::error_code error;
    // What is a directory to bpf(2) is a file of the wrong kind, which it also answers with EACCES.
    if (access(path.c_str(), R_OK | W_OK | X_OK) == 0 && std::filesystem::is_directory(path, error))
        return {Exit::runtime, path, "a directory is where a pin of dhcp46 should be",
                fmt::format("rmdir {}", path)};
    return {Exit::privilege, path, "its file permissions do not allow it",
            "run as root, or as the user who attached"};
}

} // namespace dhcp46
