// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/loading.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "bpf/object.h"
#include "bpf/privileges.h"

namespace dhcp46 {

// Those whose size is the number of links.
static const char *const link_maps[] = {"links", "stats", "punt_waiting", "tx_devices"};

static bool has_room_for_links(const std::string &map) {
    return std::find(std::begin(link_maps), std::end(link_maps), map) != std::end(link_maps);
}

// FNV-1a over the whole object: nobody has to remember to count anything up.
static std::uint64_t own_build() {
    std::size_t size = 0;
    const auto *bytes = static_cast<const unsigned char *>(dhcp46_object_bytes(&size));
    std::uint64_t hash = 0xcbf29ce484222325;
    for (std::size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    return hash;
}

static Result<Fd> make_build_map() {
    const std::uint32_t key = 0;
    const std::uint64_t value = own_build();
    Fd map(
        bpf_map_create(BPF_MAP_TYPE_ARRAY, "dhcp46_build", sizeof(key), sizeof(value), 1, nullptr));
    if (!map || bpf_map_update_elem(map.get(), &key, &value, BPF_ANY) != 0)
        return syscall_error("map build", errno);
    return map;
}

static Error load_error(int error) {
    if (error == -EPERM || error == -EACCES) {
        if (auto status = check_privileges(); !status)
            return status.error();
    }
    if (error == -ENOMEM)
        return {Exit::runtime, "BPF maps", "there is not enough memory for them",
                "give a smaller --max-links: each link has 1.1 KiB of counters per CPU"};
    return {Exit::kernel, "BPF programs",
            fmt::format("the kernel refuses to load them: {}", errno_text(error)),
            "run again with -v to see what it says; Linux 6.1 or newer is needed"};
}

void Loaded::Close::operator()(bpf_object *object) const {
    bpf_object__close(object);
}

Result<Loaded> Loaded::open() {
    std::size_t size = 0;
    const void *bytes = dhcp46_object_bytes(&size);
    bpf_object_open_opts options = {};
    options.sz = sizeof(options);
    options.object_name = "dhcp46";
    Loaded loaded;
    loaded.object_.reset(bpf_object__open_mem(bytes, size, &options));
    if (!loaded.object_)
        return syscall_error("BPF object", errno);
    bpf_map__set_autocreate(loaded.find_map("shown"), false);
    return loaded;
}

bpf_map *Loaded::find_map(const std::string &name) const {
    return bpf_object__find_map_by_name(object_.get(), name.c_str());
}

Status Loaded::size_for(std::uint32_t max_links) {
    for (const char *name : link_maps) {
        if (const int error = bpf_map__set_max_entries(find_map(name), max_links); error != 0)
            return syscall_error(fmt::format("map {}", name), error);
    }
    return {};
}

Status Loaded::set_dry_run() {
    const std::uint32_t yes = 1;
    bpf_map *constants = find_map(".rodata");
    std::size_t size = 0;
    const auto *initial = static_cast<const std::byte *>(bpf_map__initial_value(constants, &size));
    std::vector<std::byte> value(initial, initial + size);
    std::memcpy(value.data() + dhcp46_dry_run_offset(), &yes, sizeof(yes));
    if (const int error = bpf_map__set_initial_value(constants, value.data(), size); error != 0)
        return syscall_error("BPF object", error);
    bpf_map__set_autocreate(find_map("shown"), true);
    return {};
}

Status Loaded::load() {
    if (const int error = bpf_object__load(object_.get()); error != 0)
        return load_error(error);
    auto build = make_build_map();
    if (!build)
        return build.error();
    build_ = *std::move(build);
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, object_.get()) {
        if (bpf_program__autoload(program) &&
            bpf_prog_bind_map(bpf_program__fd(program), build_.get(), nullptr) != 0)
            return syscall_error("map build", errno);
    }
    return {};
}

Result<Loaded> Loaded::with_new_maps(std::uint32_t max_links) {
    auto loaded = open();
    if (!loaded)
        return loaded.error();
    if (auto status = loaded->size_for(max_links); !status)
        return status.error();
    if (auto status = loaded->load(); !status)
        return status.error();
    return loaded;
}

Result<Loaded> Loaded::for_dry_run(std::uint32_t max_links) {
    auto loaded = open();
    if (!loaded)
        return loaded.error();
    if (auto status = loaded->set_dry_run(); !status)
        return status.error();
    if (auto status = loaded->size_for(max_links); !status)
        return status.error();
    if (auto status = loaded->load(); !status)
        return status.error();
    return loaded;
}

// A devmap gets this one from the kernel.
static std::uint32_t asked_flags(std::uint32_t flags) {
    return flags & ~static_cast<std::uint32_t>(BPF_F_RDONLY_PROG);
}

static Status check_fits(const std::string &name, const bpf_map *wanted, int pinned) {
    bpf_map_info info = {};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(pinned, &info, &length) != 0)
        return syscall_error(fmt::format("map {}", name), errno);
    const struct {
        const char *what;
        std::uint32_t is;
        std::uint32_t wanted;
    } properties[] = {
        {"type", info.type, bpf_map__type(wanted)},
        {"key size", info.key_size, bpf_map__key_size(wanted)},
        {"value size", info.value_size, bpf_map__value_size(wanted)},
        {"flags", asked_flags(info.map_flags), asked_flags(bpf_map__map_flags(wanted))},
        {"size", info.max_entries,
         has_room_for_links(name) ? info.max_entries : bpf_map__max_entries(wanted)},
    };
    for (const auto &property : properties) {
        if (property.is != property.wanted)
            return Error{Exit::runtime, fmt::format("map {}", name),
                         fmt::format("its {} is {}, and {} for the programs of this dhcp46, which "
                                     "cannot replace those that are attached",
                                     property.what, property.is, property.wanted),
                         "`dhcp46 detach --all`, and attach every instance again"};
    }
    return {};
}

Status Loaded::reuse(const std::map<std::string, Fd> &maps) {
    for (const auto &[name, fd] : maps) {
        bpf_map *map = find_map(name);
        if (auto status = check_fits(name, map, fd.get()); !status)
            return status;
        if (const int error = bpf_map__reuse_fd(map, fd.get()); error != 0)
            return syscall_error(fmt::format("map {}", name), error);
    }
    return {};
}

void Loaded::leave_out_all_but(const std::string &wanted, const std::map<std::string, Fd> &maps) {
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, object_.get()) {
        bpf_program__set_autoload(program, bpf_program__name(program) == wanted);
    }
    bpf_map *map = nullptr;
    bpf_object__for_each_map(map, object_.get()) {
        bpf_map__set_autocreate(map, maps.contains(bpf_map__name(map)));
    }
}

Result<Loaded> Loaded::with_maps(const std::map<std::string, Fd> &maps) {
    auto loaded = open();
    if (!loaded)
        return loaded.error();
    if (auto status = loaded->reuse(maps); !status)
        return status.error();
    if (auto status = loaded->load(); !status)
        return status.error();
    return loaded;
}

Result<Loaded> Loaded::one_with_maps(const std::string &program,
                                     const std::map<std::string, Fd> &maps) {
    auto loaded = open();
    if (!loaded)
        return loaded.error();
    loaded->leave_out_all_but(program, maps);
    if (auto status = loaded->reuse(maps); !status)
        return status.error();
    if (auto status = loaded->load(); !status)
        return status.error();
    return loaded;
}

int Loaded::map(const std::string &name) const {
    return bpf_object__find_map_fd_by_name(object_.get(), name.c_str());
}

int Loaded::program(const std::string &name) const {
    const bpf_program *program = bpf_object__find_program_by_name(object_.get(), name.c_str());
    return program ? bpf_program__fd(program) : -1;
}

Programs Loaded::programs() const {
    return {program("dhcp46_xdp"), program("dhcp46_tc"), program("dhcp46_tc_l3"),
            program("dhcp46_egress")};
}

static std::vector<__u32> maps_of(int program) {
    bpf_prog_info info = {};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(program, &info, &length) != 0)
        return {};
    std::vector<__u32> ids(info.nr_map_ids);
    info = {};
    info.nr_map_ids = static_cast<__u32>(ids.size());
    info.map_ids = reinterpret_cast<std::uintptr_t>(ids.data());
    length = sizeof(info);
    if (bpf_obj_get_info_by_fd(program, &info, &length) != 0)
        return {};
    return ids;
}

bool is_of_this_build(int program, int build) {
    const std::uint32_t key = 0;
    std::uint64_t value = 0;
    bpf_map_info info = {};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(build, &info, &length) != 0 || info.value_size != sizeof(value) ||
        bpf_map_lookup_elem(build, &key, &value) != 0 || value != own_build())
        return false;
    const auto ids = maps_of(program);
    return std::find(ids.begin(), ids.end(), info.id) != ids.end();
}

} // namespace dhcp46
