// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/store.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/elements.h"
#include "bpf/pin_watch.h"
#include "bpf/privileges.h"
#include "instance/counters.h"
#include "net/network.h"

namespace dhcp46 {

static const char *const map_names[] = {DHCP46_MAP_NAMES};
static const char *const program_names[] = {"prog_xdp", "prog_tc", "prog_tc_l3", "prog_egress"};
static const char *const build_name = "build";
// Opened, or an empty Fd where there is no such pin.
static Result<Fd> open_pin(const std::string &directory, const char *name) {
    Fd fd(bpf_obj_get(fmt::format("{}/{}", directory, name).c_str()));
    if (!fd && errno != ENOENT)
        return file_error(fmt::format("{}/{}", directory, name), errno);
    return fd;
}

template <std::size_t N>
static Status open_pins(const std::string &directory, const char *const (&names)[N],
                        std::map<std::string, Fd> &into) {
    for (const char *name : names) {
        auto fd = open_pin(directory, name);
        if (!fd)
            return fd.error();
        if (*fd)
            into.emplace(name, *std::move(fd));
    }
    return {};
}

static Status check_meta(int map, const std::string &directory) {
    const std::uint32_t key = 0;
    dhcp46_meta meta = {};
    if (bpf_map_lookup_elem(map, &key, &meta) != 0)
        return syscall_error("map meta", errno);
    if (meta.abi_version != DHCP46_ABI_VERSION)
        return Error{Exit::runtime, directory,
                     fmt::format("its maps have ABI version {}, this dhcp46 has {}",
                                 meta.abi_version, static_cast<int>(DHCP46_ABI_VERSION)),
                     "detach all instances with the dhcp46 that attached them, then attach again"};
    const auto cookie = netns_cookie();
    if (!cookie)
        return cookie.error();
    if (meta.netns_cookie != *cookie)
        return Error{Exit::runtime, directory, "its maps belong to another network namespace",
                     "give each network namespace its own bpffs, with --bpffs PATH"};
    return {};
}

Result<std::optional<Store>> Store::open(const std::string &directory) {
    Store store;
    store.directory_ = directory;
    std::error_code error;
    if (!std::filesystem::exists(directory, error)) {
        if (error)
            return file_error(directory, error.value());
        return std::optional<Store>();
    }
    if (auto status = open_pins(directory, map_names, store.maps_); !status)
        return status.error();
    // First of all: what a set of pins should have is for its version to say.
    if (store.maps_.contains("meta")) {
        if (auto status = check_meta(store.map("meta"), directory); !status)
            return status.error();
    }
    if (auto status = open_pins(directory, program_names, store.programs_); !status)
        return status.error();
    // Pins made before there was one lack it.
    auto build = open_pin(directory, build_name);
    if (!build)
        return build.error();
    store.build_ = *std::move(build);
    if (store.maps_.size() != std::size(map_names) ||
        store.programs_.size() != std::size(program_names))
        return std::optional<Store>();
    return std::optional(std::move(store));
}

Status Store::check_nothing_runs(const std::string &directory) {
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(directory, error)) {
        if (entry.path().filename().string().starts_with("link_"))
            return Error{Exit::runtime, directory,
                         "some of its pins are gone, but programs are attached and may still relay",
                         "dhcp46 detach --all, and attach again"};
    }
    return {};
}

static Status write_meta(int map) {
    const auto cookie = netns_cookie();
    if (!cookie)
        return cookie.error();
    const std::uint32_t key = 0;
    dhcp46_meta meta = {};
    meta.abi_version = DHCP46_ABI_VERSION;
    meta.netns_cookie = *cookie;
    if (bpf_map_update_elem(map, &key, &meta, BPF_ANY) != 0)
        return syscall_error("map meta", errno);
    return {};
}

// prog_tc is dhcp46_tc in the object.
static std::string program_of(const std::string &pin) {
    return "dhcp46_" + pin.substr(std::strlen("prog_"));
}

// Over what has this name: at no moment it is missing.
static Status pin(int fd, const std::string &directory, const std::string &name) {
    if (fd < 0)
        return Error{Exit::runtime, "BPF object", fmt::format("it has no {}", name),
                     "this build of dhcp46 is broken"};
    const std::string path = fmt::format("{}/{}", directory, name);
    const std::string fresh = fmt::format("{}/new_{}", directory, name);
    std::error_code error;
    std::filesystem::remove(fresh, error); // of a call that was killed
    if (bpf_obj_pin(fd, fresh.c_str()) != 0)
        return syscall_error(fmt::format("pin {}", fresh), errno);
    if (rename(fresh.c_str(), path.c_str()) != 0)
        return syscall_error(fmt::format("pin {}", path), errno);
    return {};
}

static Status pin_programs(const Loaded &loaded, const std::string &directory) {
    if (auto status = pin(loaded.build(), directory, build_name); !status)
        return status;
    for (const char *name : program_names) {
        if (auto status = pin(loaded.program(program_of(name)), directory, name); !status)
            return status;
    }
    return {};
}

static Status pin_all(const Loaded &loaded, const std::string &directory) {
    for (const char *name : map_names) {
        if (auto status = pin(loaded.map(name), directory, name); !status)
            return status;
    }
    // Last, because open() takes a set with all programs as complete.
    return pin_programs(loaded, directory);
}

static Result<Store> open_again(const std::string &directory) {
    auto store = Store::open(directory);
    if (!store)
        return store.error();
    if (!*store)
        return Error{Exit::runtime, directory, "the pins just made are gone",
                     "something else deletes files there"};
    return **std::move(store);
}

Result<Store> Store::create(const std::string &directory, std::uint32_t max_links) {
    remove(directory);
    const auto loaded = Loaded::with_new_maps(max_links);
    if (!loaded)
        return loaded.error();
    if (auto status = write_meta(loaded->map("meta")); !status)
        return status.error();
    if (mkdir(directory.c_str(), 0700) != 0)
        return syscall_error(directory, errno);
    if (auto status = pin_all(*loaded, directory); !status) {
        remove(directory);
        return status.error();
    }
    auto store = open_again(directory);
    if (!store)
        remove(directory);
    return store;
}

bool Store::is_of_this_build() const {
    return build_ && std::all_of(programs_.begin(), programs_.end(), [&](const auto &program) {
               return dhcp46::is_of_this_build(program.second.get(), build_.get());
           });
}

Status Store::take_programs(const Loaded &loaded) {
    if (auto status = pin_programs(loaded, directory_); !status)
        return status;
    auto store = open_again(directory_);
    if (!store)
        return store.error();
    *this = *std::move(store);
    return {};
}

void Store::remove(const std::string &directory) {
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto &entry : std::filesystem::directory_iterator(directory, error))
        paths.push_back(entry.path());
    for (const auto &path : paths)
        std::filesystem::remove(path, error);
    std::filesystem::remove(directory, error);
}

template <typename Map> static Status read_map(int fd, const char *name, Map &into) {
    typename Map::key_type key = {};
    typename Map::mapped_type value = {};
    const void *previous = nullptr;
    for (;;) {
        if (bpf_map_get_next_key(fd, previous, &key) != 0) {
            if (errno == ENOENT)
                return {};
            return syscall_error(fmt::format("map {}", name), errno);
        }
        // bpftool may delete what was just listed.
        if (bpf_map_lookup_elem(fd, &key, &value) == 0)
            into[key] = value;
        else if (errno != ENOENT)
            return syscall_error(fmt::format("map {}", name), errno);
        previous = &key;
    }
}

static Result<std::uint32_t> max_entries(int map) {
    bpf_map_info info = {};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(map, &info, &length) != 0)
        return syscall_error("map stats", errno);
    return info.max_entries;
}

Programs Store::programs() const {
    const auto fd = [&](const char *name) { return programs_.at(name).get(); };
    return {fd("prog_xdp"), fd("prog_tc"), fd("prog_tc_l3"), fd("prog_egress")};
}

Result<Tables> Store::read() const {
    Tables tables;
    const auto max_links = max_entries(map("stats"));
    if (!max_links)
        return max_links.error();
    tables.max_links = *max_links;
    const auto take = [&](const char *name, auto &into) { return read_map(map(name), name, into); };
    if (auto status = take("instances", tables.instances); !status)
        return status.error();
    if (auto status = take("links", tables.links); !status)
        return status.error();
    if (auto status = take("addresses", tables.addresses); !status)
        return status.error();
    if (auto status = take("upstreams", tables.upstreams); !status)
        return status.error();
    if (auto status = take("cra_prefixes", tables.cra_prefixes); !status)
        return status.error();
    if (auto status = take("tx_devices", tables.tx_devices); !status)
        return status.error();
    return tables;
}

Status Store::apply(const std::vector<Change> &changes) const {
    if (changes.empty())
        return {};
    auto status = apply_all(changes);
    announce_change(directory_);
    return status;
}

Status Store::apply_all(const std::vector<Change> &changes) const {
    for (const Change &change : changes) {
        const bool is_other = is_other_upstream(change);
        if (auto status = apply_change(map(change.map), change); !status)
            return status;
        spdlog::debug("{} an element of {}", change.erase ? "deleted" : "wrote", change.map);
        if (!is_other)
            continue;
        if (auto status = forget_health(change); !status)
            return status;
    }
    return {};
}

Result<dhcp46_meta> Store::meta() const {
    const std::uint32_t zero = 0;
    dhcp46_meta meta = {};
    if (bpf_map_lookup_elem(map("meta"), &zero, &meta) != 0)
        return syscall_error("map meta", errno);
    return meta;
}

Result<dhcp46_stats> Store::stats(std::uint32_t link_id) const {
    return read_stats(map("stats"), link_id);
}

// bpftool writes keys that no program looks up, too.
static std::optional<std::uint32_t> index_of(const dhcp46_upstream_key &key) {
    if (key.instance >= DHCP46_MAX_INSTANCES || key.slot >= DHCP46_UPSTREAM_SLOTS)
        return std::nullopt;
    return DHCP46_UPSTREAM_INDEX(key.instance, key.slot);
}

Result<UpstreamHealth> Store::health(const dhcp46_upstream_key &key, const Now &now) const {
    const auto index = index_of(key);
    std::vector<dhcp46_upstream_stats> cpus(cpu_count());
    dhcp46_upstream_times times = {};
    if (!index)
        return UpstreamHealth();
    if (bpf_map_lookup_elem(map("upstream_stats"), &*index, cpus.data()) != 0)
        return syscall_error("map upstream_stats", errno);
    if (bpf_map_lookup_elem(map("upstream_times"), &*index, &times) != 0)
        return syscall_error("map upstream_times", errno);
    return health_of(cpus, times, now);
}

// Whether an upstream goes, comes, or takes the place of another one.
bool Store::is_other_upstream(const Change &change) const {
    if (change.map != std::string_view("upstreams"))
        return false;
    dhcp46_upstream before = {};
    dhcp46_upstream after = {};
    if (change.erase || bpf_map_lookup_elem(map("upstreams"), change.key.data(), &before) != 0)
        return true;
    std::memcpy(&after, change.value.data(), sizeof(after));
    return !same_bytes(before.address, after.address) || before.port != after.port;
}

// What another one did is not to be taken for what the one in its place does.
Status Store::forget_health(const Change &change) const {
    dhcp46_upstream_key key = {};
    std::memcpy(&key, change.key.data(), sizeof(key));
    const auto index = index_of(key);
    const std::vector<dhcp46_upstream_stats> zeros(cpu_count());
    const dhcp46_upstream_times never = {};
    if (!index)
        return {};
    if (bpf_map_update_elem(map("upstream_stats"), &*index, zeros.data(), BPF_ANY) != 0)
        return syscall_error("map upstream_stats", errno);
    if (bpf_map_update_elem(map("upstream_times"), &*index, &never, BPF_ANY) != 0)
        return syscall_error("map upstream_times", errno);
    return {};
}

Status Store::zero_stats(std::uint32_t link_id) const {
    return dhcp46::zero_stats(map("stats"), link_id);
}

} // namespace dhcp46
