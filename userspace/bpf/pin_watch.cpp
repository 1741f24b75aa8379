// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/pin_watch.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/privileges.h"

namespace dhcp46 {

void announce_change(const std::string &directory) {
    if (utimensat(AT_FDCWD, directory.c_str(), nullptr, 0) != 0)
        spdlog::debug("touch {}: {}", directory, errno_text(errno));
}

Result<PinWatch> PinWatch::open(const std::string &directory) {
    Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd)
        return syscall_error("inotify", errno);
    constexpr std::uint32_t changes = IN_ATTRIB | IN_CREATE | IN_DELETE | IN_DELETE_SELF;
    if (inotify_add_watch(fd.get(), directory.c_str(), changes) < 0)
        return syscall_error(fmt::format("watch {}", directory), errno);
    return PinWatch(std::move(fd));
}

void PinWatch::drain() const {
    std::array<char, 4096> events;
    while (::read(fd_.get(), events.data(), events.size()) > 0) {}
}

} // namespace dhcp46
