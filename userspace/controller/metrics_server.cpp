// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/metrics_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <microhttpd.h>

#include "util/fd.h"

namespace dhcp46 {

namespace {

// One that asks for nothing must not keep the others out for long.
constexpr unsigned most_connections = 64;
constexpr unsigned patience_seconds = 3;
constexpr std::size_t bytes_per_connection = 16384;

struct SocketAddress {
    sockaddr_storage storage = {};
    socklen_t length = 0;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
};

SocketAddress unix_address(const std::string &path) {
    SocketAddress address;
    auto *un = reinterpret_cast<sockaddr_un *>(&address.storage);
    un->sun_family = AF_UNIX;
    path.copy(un->sun_path, sizeof(un->sun_path) - 1);
    address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return address;
}

SocketAddress tcp_address(const MetricsEndpoint &endpoint) {
    SocketAddress address;
    if (kind_of(endpoint.address) == Ip6Kind::v4_mapped) {
        auto *in = reinterpret_cast<sockaddr_in *>(&address.storage);
        in->sin_family = AF_INET;
        in->sin_port = htons(endpoint.port);
        const Ip4 v4 = from_v4_mapped(endpoint.address);
        std::memcpy(&in->sin_addr, v4.octets.data(), v4.octets.size());
        address.length = sizeof(*in);
        return address;
    }
    auto *in6 = reinterpret_cast<sockaddr_in6 *>(&address.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(endpoint.port);
    std::memcpy(&in6->sin6_addr, endpoint.address.octets.data(), endpoint.address.octets.size());
    address.length = sizeof(*in6);
    return address;
}

std::optional<struct stat> socket_file(const std::string &path) {
    struct stat found = {};
    if (lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode))
        return std::nullopt;
    return found;
}

// A controller that was killed leaves its socket; one that lives, or a file, is not ours to delete.
void remove_stale(const std::string &path, const SocketAddress &address) {
    const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool refused =
        probe && connect(probe.get(), address.get(), address.length) != 0 && errno == ECONNREFUSED;
    if (refused && socket_file(path))
        unlink(path.c_str());
}

std::string why_not_bound(const MetricsEndpoint &endpoint, int number) {
    const bool is_port = endpoint.path.empty();
    if (is_port && number == EACCES)
        return "CAP_NET_BIND_SERVICE is missing, for a port below 1024";
    return errno_text(number);
}

Result<Fd> listen_at(const MetricsEndpoint &endpoint) {
    const bool is_unix = !endpoint.path.empty();
    const SocketAddress address = is_unix ? unix_address(endpoint.path) : tcp_address(endpoint);
    if (is_unix)
        remove_stale(endpoint.path, address);
    Fd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (fd && !is_unix)
        setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (!fd || bind(fd.get(), address.get(), address.length) != 0)
        return Error{Exit::runtime, to_string(endpoint), why_not_bound(endpoint, errno)};
    if (is_unix)
        chmod(endpoint.path.c_str(), 0660);
    if (listen(fd.get(), most_connections) != 0)
        return Error{Exit::runtime, to_string(endpoint), errno_text(errno)};
    return fd;
}

struct Page {
    unsigned status;
    std::string body;
    const char *type = "text/plain; charset=utf-8";
};

} // namespace

struct MetricsServer::Server {
    Render render;
    std::string path; // of the unix socket, if it is one
    std::optional<struct stat> file;
    MHD_Daemon *daemon = nullptr;

    Server() = default;
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;
    ~Server() {
        if (daemon)
            MHD_stop_daemon(daemon); // closes the socket, too
        if (!path.empty() && has_its_file())
            unlink(path.c_str());
    }

    bool has_its_file() const {
        const auto now = socket_file(path);
        return now && file && now->st_dev == file->st_dev && now->st_ino == file->st_ino;
    }

    Page page_for(std::string_view url, std::string_view method) const {
        if (method != "GET" && method != "HEAD")
            return {MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n"};
        if (url != "/metrics")
            return {MHD_HTTP_NOT_FOUND, "only /metrics is here\n"};
        auto body = render();
        if (!body)
            return {MHD_HTTP_SERVICE_UNAVAILABLE,
                    fmt::format("{}: {}\n", body.error().what, body.error().why)};
        return {MHD_HTTP_OK, *std::move(body), "text/plain; version=0.0.4; charset=utf-8"};
    }

    static MHD_Result answer(void *self, MHD_Connection *connection, const char *url,
                             const char *method, const char * /*version*/, const char * /*upload*/,
                             std::size_t *size, void ** /*request*/) {
        *size = 0; // whatever a request brings with it is not looked at
        const Page page = static_cast<const Server *>(self)->page_for(url, method);
        MHD_Response *response = MHD_create_response_from_buffer(
            page.body.size(), const_cast<char *>(page.body.data()), MHD_RESPMEM_MUST_COPY);
        if (!response)
            return MHD_NO;
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page.type);
        const MHD_Result queued = MHD_queue_response(connection, page.status, response);
        MHD_destroy_response(response);
        return queued;
    }
};

MetricsServer::MetricsServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}
MetricsServer::MetricsServer(MetricsServer &&other) noexcept = default;
MetricsServer &MetricsServer::operator=(MetricsServer &&other) noexcept = default;
MetricsServer::~MetricsServer() = default;

Result<MetricsServer> MetricsServer::open(const MetricsEndpoint &endpoint, Render render) {
    auto listening = listen_at(endpoint);
    if (!listening)
        return listening.error();
    auto server = std::make_unique<Server>();
    server->render = std::move(render);
    server->path = endpoint.path;
    server->file = socket_file(endpoint.path);
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, nullptr, nullptr, &Server::answer, server.get(),
                         MHD_OPTION_LISTEN_SOCKET, listening->get(), MHD_OPTION_CONNECTION_LIMIT,
                         most_connections, MHD_OPTION_CONNECTION_TIMEOUT, patience_seconds,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, bytes_per_connection, MHD_OPTION_END);
    if (!server->daemon)
        return Error{Exit::runtime, to_string(endpoint), errno_text(errno)};
    (void)listening->release(); // it is the daemon's now
    return MetricsServer(std::move(server));
}

bool MetricsServer::can_be_found() const {
    return server_->path.empty() || server_->has_its_file();
}

int MetricsServer::fd() const {
    return MHD_get_daemon_info(server_->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void MetricsServer::serve() {
    MHD_run(server_->daemon);
}

std::optional<std::chrono::milliseconds> MetricsServer::due() const {
    MHD_UNSIGNED_LONG_LONG milliseconds = 0;
    if (MHD_get_timeout(server_->daemon, &milliseconds) != MHD_YES)
        return std::nullopt;
    return std::chrono::milliseconds(milliseconds);
}

std::string to_string(const MetricsEndpoint &endpoint) {
    if (!endpoint.path.empty())
        return "unix:" + endpoint.path;
    if (kind_of(endpoint.address) == Ip6Kind::v4_mapped)
        return fmt::format("{}:{}", to_string(from_v4_mapped(endpoint.address)), endpoint.port);
    return fmt::format("[{}]:{}", to_string(endpoint.address), endpoint.port);
}

} // namespace dhcp46
