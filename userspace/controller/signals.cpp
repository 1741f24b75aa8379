// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace dhcp46 {

Result<Signals> Signals::open() {
    // Whoever read our log, or asked us something, may be gone: that ends a line, not the process.
    signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, number);
    if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0)
        return Error{Exit::runtime, "sigprocmask", errno_text(errno)};
    Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd)
        return Error{Exit::runtime, "signalfd", errno_text(errno)};
    return Signals(std::move(fd));
}

int Signals::take() const {
    signalfd_siginfo info = {};
    if (read(fd_.get(), &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info)))
        return 0;
    return static_cast<int>(info.ssi_signo);
}

} // namespace dhcp46
