// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "probing.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <unistd.h>

#include "bench_probes.skel.h"

namespace dhcp46::bench {

void ProbesDeleter::operator()(bench_probes *loaded) const {
    bench_probes__destroy(loaded);
}

static Probes open_probes() {
    Probes opened(bench_probes__open());

    if (!opened)
        fail("open the probes", errno);
    return opened;
}

static void load(const Probes &opened) {
    if (bench_probes__load(opened.get()) != 0)
        fail("load the probes", errno);
}

Probes load_probes() {
    Probes probes = open_probes();

    load(probes);
    return probes;
}

static std::vector<__u32> map_ids(int program) {
    std::vector<__u32> ids(64);
    bpf_prog_info info{};
    __u32 size = sizeof(info);

    info.map_ids = reinterpret_cast<std::uintptr_t>(ids.data());
    info.nr_map_ids = static_cast<__u32>(ids.size());
    if (bpf_obj_get_info_by_fd(program, &info, &size) != 0)
        fail("program info", errno);
    ids.resize(std::min<std::size_t>(ids.size(), info.nr_map_ids));
    return ids;
}

static void share(const Probes &opened, int map) {
    bpf_map_info info{};
    __u32 size = sizeof(info);

    if (bpf_obj_get_info_by_fd(map, &info, &size) != 0)
        fail("map info", errno);
    bpf_map *own = bpf_object__find_map_by_name(opened->obj, info.name);
    if (own && bpf_map__reuse_fd(own, map) != 0)
        fail(fmt::format("map {}", info.name), errno);
}

Probes load_probes(int program) {
    Probes probes = open_probes();

    for (const __u32 id : map_ids(program)) {
        const int map = bpf_map_get_fd_by_id(id);
        if (map < 0)
            fail("map", errno);
        share(probes, map);
        close(map);
    }
    load(probes);
    return probes;
}

void fail(std::string_view what, int error) {
    throw std::system_error(error, std::generic_category(), std::string(what));
}

unsigned index_of(const std::string &device) {
    const unsigned index = if_nametoindex(device.c_str());

    if (index == 0)
        fail(fmt::format("device {}", device), errno);
    return index;
}

std::vector<std::uint8_t> from_hex(std::string_view text) {
    std::vector<std::uint8_t> octets(text.size() / 2);

    for (std::size_t i = 0; i < octets.size(); i++) {
        const char *digits = text.data() + 2 * i;
        if (std::from_chars(digits, digits + 2, octets[i], 16).ptr != digits + 2)
            throw std::invalid_argument(fmt::format("no octets in hexadecimal: {}", text));
    }
    return octets;
}

} // namespace dhcp46::bench
