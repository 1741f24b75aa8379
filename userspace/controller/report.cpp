// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/report.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace dhcp46 {

static std::string text_of(const ControllerReport &report) {
    nlohmann::json waiting = nlohmann::json::array();
    nlohmann::json drift = nlohmann::json::array();
    for (const Waiting &one : report.waiting)
        waiting.push_back({one.name, one.role, one.why, one.hint});
    for (const Drift &one : report.drift)
        drift.push_back({one.name, one.what});
    const nlohmann::json json = {{"file", report.file},
                                 {"file_error", report.file_error},
                                 {"waiting", std::move(waiting)},
                                 {"drift", std::move(drift)}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The kernel counts more octets than there are, and doubles what it is asked for. The limit of
// net.core.wmem_max is not root's.
static void make_room(int socket, std::size_t size) {
    const int room = static_cast<int>(std::min<std::size_t>(size + 65536, 1 << 29));
    if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) != 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

void send_report(int socket, const ControllerReport &report) {
    const std::string text = text_of(report);
    make_room(socket, text.size());
    // A reader that is gone already has no use for it.
    send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static std::string read_to_the_end(int socket) {
    std::string text;
    std::array<char, 65536> part;
    for (;;) {
        const ssize_t size = recv(socket, part.data(), part.size(), 0);
        if (size <= 0)
            return text;
        text.append(part.data(), static_cast<std::size_t>(size));
    }
}

// Lists of at least `size` strings.
static std::vector<std::vector<std::string>> rows_of(const nlohmann::json &json, const char *name,
                                                     std::size_t size) {
    std::vector<std::vector<std::string>> rows;
    const auto list = json.find(name);
    if (list == json.end() || !list->is_array())
        return rows;
    for (const auto &row : *list) {
        const bool strings =
            row.is_array() && row.size() >= size &&
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

ControllerReport receive_report(int socket) {
    ControllerReport report;
    const auto json = nlohmann::json::parse(read_to_the_end(socket), nullptr, false);
    if (!json.is_object())
        return report;
    report.file = string_of(json, "file");
    report.file_error = string_of(json, "file_error");
    for (const auto &row : rows_of(json, "waiting", 4))
        report.waiting.push_back({row[0], row[1], row[2], row[3]});
    for (const auto &row : rows_of(json, "drift", 2))
        report.drift.push_back({row[0], row[1]});
    return report;
}

} // namespace dhcp46
