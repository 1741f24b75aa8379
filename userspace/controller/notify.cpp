// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "util/fd.h"

namespace dhcp46 {

void notify_manager(const std::string &state) {
    const char *path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::size_t length = path ? std::strlen(path) : 0;
    if (length < 2 || length >= sizeof(address.sun_path))
        return;
    std::memcpy(address.sun_path, path, length);
    if (address.sun_path[0] == '@') // an abstract one
        address.sun_path[0] = '\0';
    const Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const timeval patience = {1, 0}; // a manager that does not read must not stop us
    if (!fd)
        return;
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr *>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
}

static std::optional<std::uint64_t> number_in(const char *variable) {
    const char *text = std::getenv(variable);
    std::uint64_t number = 0;
    if (!text || std::from_chars(text, text + std::strlen(text), number).ec != std::errc())
        return std::nullopt;
    return number;
}

std::optional<std::chrono::milliseconds> watchdog_interval() {
    const auto microseconds = number_in("WATCHDOG_USEC");
    const auto pid = number_in("WATCHDOG_PID");
    if (!microseconds || *microseconds < 2000 ||
        (pid && *pid != static_cast<std::uint64_t>(getpid())))
        return std::nullopt;
    return std::chrono::milliseconds(*microseconds / 2000);
}

} // namespace dhcp46
