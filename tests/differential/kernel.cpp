// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <stdexcept>

#include "bpf/object.h"
#include "differential/world.h"

namespace dhcp46::test {

namespace {

void require(bool good, const std::string &what) {
    if (!good)
        throw std::runtime_error(what + ": " + std::strerror(errno));
}

template <typename Map> void fill_map(int fd, const Map &entries) {
    for (const auto &[key, value] : entries)
        require(bpf_map_update_elem(fd, &key, &value, BPF_ANY) == 0, "cannot fill a map");
}

bpf_object *open_object() {
    std::size_t size = 0;
    const void *octets = dhcp46_object_bytes(&size);
    bpf_object *object = bpf_object__open_mem(octets, size, nullptr);
    require(object != nullptr, "cannot open the BPF object");
    return object;
}

int program_fd(const bpf_object *object, const char *name) {
    const bpf_program *program = bpf_object__find_program_by_name(object, name);
    require(program != nullptr, std::string("no program ") + name);
    return bpf_program__fd(program);
}

std::uint64_t now_ns() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u +
           static_cast<std::uint64_t>(now.tv_nsec);
}

int keep_punt(void *context, void *data, std::size_t size) {
    dhcp46_punt punt;
    if (size != sizeof(punt))
        return -1;
    std::memcpy(&punt, data, sizeof(punt));
    static_cast<std::vector<dhcp46_punt> *>(context)->push_back(punt);
    return 0;
}

std::size_t index_of(Program program) {
    return static_cast<std::size_t>(program);
}

// What a test run wants to know of where the frame came in.
struct Context {
    xdp_md xdp = {};
    __sk_buff tc = {};
};

void set_context(bpf_test_run_opts &options, Context &context, Program program, const Frame &frame,
                 std::uint32_t ifindex) {
    if (program == Program::xdp) {
        context.xdp.data_end = static_cast<__u32>(frame.size());
        context.xdp.ingress_ifindex = ifindex;
        options.ctx_in = &context.xdp;
        options.ctx_size_in = sizeof(context.xdp);
    } else {
        context.tc.ifindex = ifindex;
        options.ctx_in = &context.tc;
        options.ctx_size_in = sizeof(context.tc);
    }
}

} // namespace

const char *name_of(Program program) {
    static const char *const names[] = {"xdp", "tc", "tc_l3", "egress"};
    return names[index_of(program)];
}

Tier tier_of(Program program) {
    return program == Program::xdp ? Tier::xdp : Tier::tc;
}

Hook hook_of(Program program) {
    return program == Program::egress ? Hook::egress : Hook::ingress;
}

Kernel::Kernel(const Network &network)
    : object_(open_object(), bpf_object__close), ring_(nullptr, ring_buffer__free) {
    require(bpf_object__load(object_.get()) == 0, "cannot load the BPF object");
    for (const Program program : all_programs)
        programs_[index_of(program)] =
            program_fd(object_.get(), (std::string("dhcp46_") + name_of(program)).c_str());
    fill(network);
    ring_.reset(ring_buffer__new(map("punt"), keep_punt, &punts_, nullptr));
    require(ring_ != nullptr, "no punt ring");
    /* A veth takes XDP test runs only while it has an XDP program. */
    for (const Device &device : devices())
        require(bpf_xdp_attach(static_cast<int>(device.ifindex), programs_[index_of(Program::xdp)],
                               XDP_FLAGS_DRV_MODE, nullptr) == 0,
                std::string("cannot attach to ") + device.name);
}

Kernel::~Kernel() = default; // the devices go with the namespace

int Kernel::map(const char *name) const {
    const int fd = bpf_object__find_map_fd_by_name(object_.get(), name);
    require(fd >= 0, std::string("no map ") + name);
    return fd;
}

void Kernel::fill(const Network &network) {
    fill_map(map("links"), network.tables.links);
    fill_map(map("addresses"), network.tables.addresses);
    fill_map(map("upstreams"), network.tables.upstreams);
    fill_map(map("cra_prefixes"), network.tables.prefixes);
    for (const auto &[ifindex, way] : network.ways) {
        if (way.l2_length)
            require(bpf_map_update_elem(map("tx_devices"), &ifindex, &ifindex, BPF_ANY) == 0,
                    "cannot fill tx_devices");
    }
}

Result Kernel::run(Program program, const Frame &frame, std::uint32_t ifindex) {
    static std::uint8_t out[4096];
    Context context;
    bpf_test_run_opts options = {};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<__u32>(frame.size());
    options.data_out = out;
    options.data_size_out = sizeof(out);
    options.repeat = 1;
    set_context(options, context, program, frame, ifindex);

    require(bpf_prog_test_run_opts(programs_[index_of(program)], &options) == 0,
            "test run refused, " + std::to_string(frame.size()) + " octets");
    return {options.retval, Frame(out, out + options.data_size_out)};
}

Stats Kernel::read_stats() const {
    const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
    constexpr std::size_t words = sizeof(dhcp46_stats) / sizeof(__u64);
    std::vector<__u64> each(cpus * words);
    Stats all(link_ids);

    for (std::uint32_t id = 0; id < link_ids; id++) {
        require(bpf_map_lookup_elem(map("stats"), &id, each.data()) == 0, "cannot read stats");
        __u64 sum[words] = {};
        for (std::size_t i = 0; i < each.size(); i++)
            sum[i % words] += each[i];
        std::memcpy(&all[id], sum, sizeof(sum));
    }
    return all;
}

void Kernel::set_controller(bool alive) {
    const __u32 zero = 0;
    dhcp46_meta meta = {};
    meta.abi_version = DHCP46_ABI_VERSION;
    meta.heartbeat_ns = alive ? now_ns() : 0;
    require(bpf_map_update_elem(map("meta"), &zero, &meta, BPF_ANY) == 0, "cannot write meta");
}

std::vector<dhcp46_punt> Kernel::take_punts() {
    punts_.clear();
    require(ring_buffer__consume(ring_.get()) >= 0, "cannot read the punt ring");
    for (const dhcp46_punt &punt : punts_) {
        const __u32 none = 0;
        require(bpf_map_update_elem(map("punt_waiting"), &punt.link_id, &none, BPF_ANY) == 0,
                "cannot write punt_waiting");
    }
    return std::move(punts_);
}

} // namespace dhcp46::test
