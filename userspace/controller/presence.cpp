// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/presence.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
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

static std::string text_of(const ControllerReport &report) {
    nlohmann::json json = {{"pid", report.pid}};
    json["waiting"] = nlohmann::json::array();
    for (const Waiting &one : report.waiting)
        json["waiting"].push_back({{"name", one.name}, {"role", one.role}, {"why", one.why}});
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

static std::optional<ControllerReport> parse_report(const std::string &text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object())
        return std::nullopt;
    ControllerReport report;
    report.pid = json.value("pid", 0);
    for (const auto &one : json.value("waiting", nlohmann::json::array()))
        report.waiting.push_back(
            {one.value("name", ""), one.value("role", ""), one.value("why", "")});
    return report;
}

std::optional<ControllerReport> ask_controller() {
    const Fd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    socklen_t length = 0;
    const sockaddr_un address = address_of_controller(length);
    const timeval patience = {2, 0}; // it may be busy; it may also hang
    if (!fd || connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), length) != 0)
        return std::nullopt;
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    std::string text(longest_report, '\0');
    const ssize_t size = recv(fd.get(), text.data(), text.size(), 0);
    if (size <= 0)
        return ControllerReport{}; // there is one, and it says nothing
    text.resize(static_cast<std::size_t>(size));
    return parse_report(text);
}

} // namespace dhcp46
