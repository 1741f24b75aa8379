// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/presence.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>

#include "bpf/root.h"

namespace dhcp46 {

// Apart from the pins, which go with the last instance.
static std::string directory_in(const std::string &bpffs) {
    return bpffs + "/dhcp46-controller";
}

static std::string link_in(const std::string &bpffs) {
    return directory_in(bpffs) + "/socket";
}

static Error failed(const std::string &what) {
    return {Exit::runtime, what, errno_text(errno), "root must be able to write into the bpffs"};
}

static Result<Fd> lock(const std::string &directory) {
    if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return failed(directory);
    Fd fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat about = {};
    if (!fd || fstat(fd.get(), &about) != 0)
        return failed(directory);
    if (about.st_uid != 0 && about.st_uid != geteuid())
        return Error{Exit::runtime, directory, fmt::format("it belongs to uid {}", about.st_uid),
                     "only root should be able to write into the bpffs; delete it"};
    if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (errno != EWOULDBLOCK)
        return failed(directory);
    return Error{Exit::runtime, "run", "another controller runs for the same pins",
                 "`dhcp46 status` shows its process; stop it first"};
}

// To a name that is free; the kernel finds one when it is given none.
static Result<Fd> listen_somewhere() {
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (!fd ||
        bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(sa_family_t)) != 0 ||
        listen(fd.get(), 64) != 0)
        return failed("controller socket");
    return fd;
}

static std::string name_of(const Fd &socket) {
    sockaddr_un address = {};
    socklen_t length = sizeof(address);
    constexpr std::size_t begin = offsetof(sockaddr_un, sun_path) + 1; // behind the NUL
    if (getsockname(socket.get(), reinterpret_cast<sockaddr *>(&address), &length) != 0 ||
        length <= begin)
        return {};
    return {address.sun_path + 1, length - begin};
}

Result<Presence> Presence::open(const std::string &bpffs) {
    // Held until the end: no other controller takes its directory away meanwhile.
    auto root = BpfRoot::open(bpffs, Access::attach);
    if (!root)
        return root.error();
    auto locked = lock(directory_in(bpffs));
    if (!locked)
        return locked.error();
    auto socket = listen_somewhere();
    if (!socket)
        return socket.error();
    const std::string link = link_in(bpffs);
    unlink(link.c_str()); // of one that was killed
    if (symlink(name_of(*socket).c_str(), link.c_str()) != 0)
        return failed(link);
    return Presence(bpffs, *std::move(locked), *std::move(socket));
}

Presence::~Presence() {
    if (!lock_)
        return; // moved from
    const auto root = BpfRoot::open(bpffs_, Access::change);
    unlink(link_in(bpffs_).c_str());
    rmdir(directory_in(bpffs_).c_str());
}

static std::optional<int> trusted_peer(int socket) {
    ucred peer = {};
    socklen_t length = sizeof(peer);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return std::nullopt;
    if (peer.uid != 0 && peer.uid != geteuid())
        return std::nullopt;
    return peer.pid;
}

void Presence::answer(const std::function<ControllerReport()> &report) const {
    const Fd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client && trusted_peer(client.get()))
        send_report(client.get(), report());
}

static bool connect_to(int socket, const std::string &name) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (name.empty() || name.size() >= sizeof(address.sun_path))
        return false;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const std::size_t length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    return connect(socket, reinterpret_cast<const sockaddr *>(&address),
                   static_cast<socklen_t>(length)) == 0;
}

std::optional<ControllerReport> ask_controller(const std::string &bpffs) {
    std::array<char, sizeof(sockaddr_un::sun_path)> name;
    const ssize_t length = readlink(link_in(bpffs).c_str(), name.data(), name.size());
    const Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience = {2, 0}; // it may be busy; it may also hang
    if (length <= 0 || !fd)
        return std::nullopt;
    for (const int option : {SO_SNDTIMEO, SO_RCVTIMEO}) // connect() heeds the first
        setsockopt(fd.get(), SOL_SOCKET, option, &patience, sizeof(patience));
    if (!connect_to(fd.get(), {name.data(), static_cast<std::size_t>(length)}))
        return std::nullopt; // one that was killed leaves the link
    const auto pid = trusted_peer(fd.get());
    if (!pid)
        return std::nullopt;
    ControllerReport report = receive_report(fd.get());
    report.pid = *pid;
    return report;
}

} // namespace dhcp46
