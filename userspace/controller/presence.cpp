// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/presence.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

#include <nlohmann/json.hpp>

namespace dhcp46 {

constexpr std::string_view socket_name("\0dhcp46/controller", 18);
constexpr std::size_t longest_report = 65536;

static sockaddr_un address_of_controller(socklen_t &length) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_name.data(), socket_name.size());
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_name.size());
    return address;
}

Result<Presence> Presence::open() {
    Fd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    socklen_t length = 0;
    const sockaddr_un address = address_of_controller(length);
    if (!fd)
        return Error{Exit::runtime, "socket", errno_text(errno)};
    if (bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), length) != 0) {
        if (errno != EADDRINUSE)
            return Error{Exit::runtime, "controller socket", errno_text(errno)};
        return Error{Exit::runtime, "run", "another controller runs in this network namespace",
                     "`dhcp46 status` shows its process; stop it first"};
    }
    if (listen(fd.get(), 8) != 0)
        return Error{Exit::runtime, "controller socket", errno_text(errno)};
    return Presence(std::move(fd));
}

// Any process may take the name: only root and ourselves are believed.
static std::optional<int> trusted_peer(int fd) {
    ucred peer = {};
    socklen_t length = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return std::nullopt;
    if (peer.uid != 0 && peer.uid != geteuid())
        return std::nullopt;
    return peer.pid;
}

static std::string text_of(const ControllerReport &report) {
    nlohmann::json waiting = nlohmann::json::array();
    nlohmann::json drift = nlohmann::json::array();
    for (const Waiting &one : report.waiting)
        waiting.push_back({one.name, one.role, one.why});
    for (const Drift &one : report.drift)
        drift.push_back({one.name, one.what});
    const nlohmann::json json = {{"file", report.file},
                                 {"file_error", report.file_error},
                                 {"waiting", std::move(waiting)},
                                 {"drift", std::move(drift)}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Presence::answer(const ControllerReport &report) const {
    const Fd client(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client)
        return;
    const std::string text = text_of(report);
    // A client that is gone already has no use for it.
    send(client.get(), text.data(), std::min(text.size(), longest_report), MSG_NOSIGNAL);
}

// Lists of `size` strings.
static std::vector<std::vector<std::string>> rows_of(const nlohmann::json &json, const char *name,
                                                     std::size_t size) {
    std::vector<std::vector<std::string>> rows;
    for (const auto &row : json.value(name, nlohmann::json::array())) {
        const bool strings =
            row.is_array() && row.size() == size &&
            std::all_of(row.begin(), row.end(), [](const auto &cell) { return cell.is_string(); });
        if (strings)
            rows.push_back(row.get<std::vector<std::string>>());
    }
    return rows;
}

static std::string string_of(const nlohmann::json &json, const char *name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What of it can be understood: the other end may be of another version.
static ControllerReport parse_report(int pid, const std::string &text) {
    ControllerReport report;
    report.pid = pid;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object())
        return report;
    report.file = string_of(json, "file");
    report.file_error = string_of(json, "file_error");
    for (const auto &row : rows_of(json, "waiting", 3))
        report.waiting.push_back({row[0], row[1], row[2]});
    for (const auto &row : rows_of(json, "drift", 2))
        report.drift.push_back({row[0], row[1]});
    return report;
}

std::optional<ControllerReport> ask_controller() {
    const Fd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    socklen_t length = 0;
    const sockaddr_un address = address_of_controller(length);
    const timeval patience = {2, 0}; // it may be busy; it may also hang
    if (!fd)
        return std::nullopt;
    for (const int option : {SO_SNDTIMEO, SO_RCVTIMEO}) // connect() heeds the first
        setsockopt(fd.get(), SOL_SOCKET, option, &patience, sizeof(patience));
    if (connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), length) != 0)
        return std::nullopt;
    const auto pid = trusted_peer(fd.get());
    if (!pid)
        return std::nullopt;
    std::string text(longest_report, '\0');
    const ssize_t size = recv(fd.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return parse_report(*pid, text);
}

} // namespace dhcp46
