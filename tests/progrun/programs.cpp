// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "progrun/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstdlib>
#include <numeric>
#include <stdexcept>

#include "bpf/object.h"
#include "instance/counters.h"
#include "util/result.h"

namespace dhcp46::test {

namespace {

constexpr std::uint32_t watched_links = 16; // more than any scene has
constexpr std::size_t room_to_grow = 128;

[[noreturn]] void fail(const std::string &what, int error) {
    throw std::runtime_error(what + ": " + errno_text(error));
}

void apply(int map, const Change &change) {
    const int error = change.erase
                          ? bpf_map_delete_elem(map, change.key.data())
                          : bpf_map_update_elem(map, change.key.data(), change.value.data(), 0);
    if (error)
        fail(std::string("map ") + change.map, error);
}

std::string line(std::uint32_t link_id, const std::string &name, const std::string &unit,
                 std::uint64_t packets, std::uint64_t bytes) {
    return "link " + std::to_string(link_id) + " " + name + " " + unit + " " +
           std::to_string(packets) + " bytes " + std::to_string(bytes);
}

void add(dhcp46_relayed &sum, const dhcp46_relayed &each) {
    sum.xdp += each.xdp;
    sum.tc += each.tc;
    sum.slow += each.slow;
    sum.bytes += each.bytes;
}

void append_relayed(CounterLines &lines, std::uint32_t link_id, const NamedRelayed &relayed) {
    const std::string name = std::string("relayed.") + relayed.name;
    const dhcp46_relayed &count = relayed.count;
    if (count.xdp)
        lines.push_back(line(link_id, name, "xdp", count.xdp, count.bytes));
    if (count.tc)
        lines.push_back(line(link_id, name, "tc", count.tc, count.bytes));
    if (count.slow || (count.bytes && !count.xdp && !count.tc))
        lines.push_back(line(link_id, name, "slow", count.slow, count.bytes));
}

// Over all CPUs.
CounterLines lines_of(std::uint32_t link_id, const std::vector<dhcp46_stats> &cpus) {
    std::vector<NamedRelayed> relayed = relayed_of({});
    std::vector<NamedCount> counts = counts_of({});
    for (const dhcp46_stats &stats : cpus) {
        const auto more_relayed = relayed_of(stats);
        for (std::size_t i = 0; i < relayed.size(); i++)
            add(relayed[i].count, more_relayed[i].count);
        const auto more = counts_of(stats);
        for (std::size_t i = 0; i < counts.size(); i++) {
            counts[i].count.packets += more[i].count.packets;
            counts[i].count.bytes += more[i].count.bytes;
        }
    }

    CounterLines lines;
    for (const NamedRelayed &each : relayed)
        append_relayed(lines, link_id, each);
    for (const NamedCount &each : counts) {
        if (each.count.packets || each.count.bytes)
            lines.push_back(line(link_id, std::string(each.section) + "." + each.name, "packets",
                                 each.count.packets, each.count.bytes));
    }
    return lines;
}

int keep_punt(void *context, void *data, std::size_t size) {
    if (size != sizeof(dhcp46_punt))
        return -EINVAL;
    static_cast<std::vector<dhcp46_punt> *>(context)->push_back(
        *static_cast<const dhcp46_punt *>(data));
    return 0;
}

xdp_md xdp_context(const Frame &frame, std::uint32_t ifindex) {
    xdp_md context = {};
    context.data_end = static_cast<std::uint32_t>(frame.size());
    context.ingress_ifindex = ifindex;
    return context;
}

__sk_buff skb_context(std::uint32_t ifindex, SkbShape shape) {
    __sk_buff context = {};
    context.ifindex = ifindex;
    context.data_end = shape.linear;
    context.gso_size = shape.gso_size;
    context.mark = shape.mark;
    context.ingress_ifindex = shape.ingress_ifindex;
    return context;
}

} // namespace

const char *name_of(Program kind) {
    static const char *const names[] = {"dhcp46_xdp", "dhcp46_tc", "dhcp46_tc_l3", "dhcp46_egress",
                                        "dhcp46_account"};
    return names[static_cast<std::size_t>(kind)];
}

std::string relayed_line(std::uint32_t link_id, const std::string &type, const std::string &tier,
                         std::size_t bytes) {
    return line(link_id, "relayed." + type, tier, 1, bytes);
}

std::string count_line(std::uint32_t link_id, std::uint32_t reason, std::size_t bytes,
                       std::size_t packets) {
    const NamedCount name = counts_of({}).at(reason);
    return line(link_id, std::string(name.section) + "." + name.name, "packets", packets,
                packets * bytes);
}

void Programs::Closer::operator()(bpf_object *object) const {
    bpf_object__close(object);
}

// Those of the product, or of the file that the environment names: the fault layer has others.
static bpf_object *open_object() {
    if (const char *path = std::getenv("DHCP46_TEST_OBJECT"))
        return bpf_object__open_file(path, nullptr);
    std::size_t size = 0;
    const void *bytes = dhcp46_object_bytes(&size);
    return bpf_object__open_mem(bytes, size, nullptr);
}

Programs::Programs() : object_(open_object()) {
    if (!object_)
        fail("open", errno);
    if (const int error = bpf_object__load(object_.get()))
        fail("load", error);
}

int Programs::map(const char *name) const {
    return bpf_object__find_map_fd_by_name(object_.get(), name);
}

int Programs::fd(Program kind) const {
    return bpf_program__fd(bpf_object__find_program_by_name(object_.get(), name_of(kind)));
}

void Programs::configure(const Tables &entries) {
    for (const Change &change : difference(configured_, entries))
        apply(map(change.map), change);
    configured_ = entries;
}

void Programs::set_heartbeat(std::uint64_t ns) {
    const std::uint32_t zero = 0;
    dhcp46_meta meta = {};
    meta.abi_version = DHCP46_ABI_VERSION;
    meta.heartbeat_ns = ns;
    if (const int error = bpf_map_update_elem(map("meta"), &zero, &meta, 0))
        fail("map meta", error);
}

void Programs::forget_next_hops() const {
    const int next_hops = map("next_hops");
    bpf_map_info info = {};
    std::uint32_t info_size = sizeof(info);
    if (bpf_obj_get_info_by_fd(next_hops, &info, &info_size))
        fail("map next_hops", errno);
    const auto cpus = static_cast<std::size_t>(libbpf_num_possible_cpus());
    std::uint32_t count = info.max_entries;
    std::vector<std::uint32_t> keys(count);
    std::iota(keys.begin(), keys.end(), 0U);
    const std::vector<std::byte> none(count * cpus * ((info.value_size + 7) / 8 * 8));
    if (bpf_map_update_batch(next_hops, keys.data(), none.data(), &count, nullptr))
        fail("map next_hops", errno);
}

std::optional<Ran> Programs::run(Program kind, const Frame &frame, std::uint32_t ifindex,
                                 SkbShape shape) const {
    Ran ran = {0, Frame(frame.size() + room_to_grow), 0};
    xdp_md xdp = xdp_context(frame, ifindex);
    __sk_buff skb = skb_context(ifindex, shape);
    bpf_test_run_opts options = {};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.data_out = ran.out.data();
    options.data_size_out = static_cast<std::uint32_t>(ran.out.size());
    options.ctx_in = kind == Program::xdp ? static_cast<void *>(&xdp) : &skb;
    options.ctx_size_in = kind == Program::xdp ? sizeof(xdp) : sizeof(skb);
    if (kind != Program::xdp) {
        options.ctx_out = &skb;
        options.ctx_size_out = sizeof(skb);
    }
    options.repeat = 1;

    const int error = bpf_prog_test_run_opts(fd(kind), &options);
    if (error == -EINVAL)
        return std::nullopt;
    if (error)
        fail("test run", error);
    ran.action = static_cast<std::int32_t>(options.retval);
    ran.out.resize(options.data_size_out);
    ran.mark = skb.mark;
    return ran;
}

std::vector<dhcp46_stats> Programs::read_stats(std::uint32_t link_id) const {
    std::vector<dhcp46_stats> cpus(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    if (const int error = bpf_map_lookup_elem(map("stats"), &link_id, cpus.data()))
        fail("map stats", error);
    return cpus;
}

void Programs::clear_counters() {
    const std::vector<dhcp46_stats> zero(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    for (std::uint32_t link_id = 0; link_id < watched_links; link_id++) {
        if (const int error = bpf_map_update_elem(map("stats"), &link_id, zero.data(), 0))
            fail("map stats", error);
    }
    for (const auto &[key, upstream] : configured_.upstreams)
        set_times(key.slot, {});
}

std::map<std::uint32_t, UpstreamCounts> Programs::upstreams() const {
    std::map<std::uint32_t, UpstreamCounts> slots;
    for (const auto &[key, upstream] : configured_.upstreams) {
        const std::uint32_t index = DHCP46_UPSTREAM_INDEX(key.instance, key.slot);
        UpstreamCounts &counts = slots[key.slot];
        std::vector<dhcp46_upstream_stats> cpus(
            static_cast<std::size_t>(libbpf_num_possible_cpus()));
        if (const int error = bpf_map_lookup_elem(map("upstream_stats"), &index, cpus.data()))
            fail("map upstream_stats", error);
        if (const int error = bpf_map_lookup_elem(map("upstream_times"), &index, &counts.times))
            fail("map upstream_times", error);
        for (const dhcp46_upstream_stats &cpu : cpus) {
            counts.sent += cpu.sent;
            counts.received += cpu.received;
        }
    }
    return slots;
}

void Programs::set_times(std::uint32_t slot, const dhcp46_upstream_times &times) {
    const std::uint32_t instance = configured_.upstreams.begin()->first.instance;
    const std::uint32_t index = DHCP46_UPSTREAM_INDEX(instance, slot);
    const std::vector<dhcp46_upstream_stats> zero(
        static_cast<std::size_t>(libbpf_num_possible_cpus()));
    if (const int error = bpf_map_update_elem(map("upstream_stats"), &index, zero.data(), 0))
        fail("map upstream_stats", error);
    if (const int error = bpf_map_update_elem(map("upstream_times"), &index, &times, 0))
        fail("map upstream_times", error);
}

CounterLines Programs::counters() const {
    CounterLines all;
    for (std::uint32_t link_id = 0; link_id < watched_links; link_id++) {
        const CounterLines lines = lines_of(link_id, read_stats(link_id));
        all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
}

std::vector<dhcp46_punt> Programs::take_punts() {
    std::vector<dhcp46_punt> punts;
    ring_buffer *ring = ring_buffer__new(map("punt"), keep_punt, &punts, nullptr);
    if (!ring)
        fail("map punt", errno);
    const int taken = ring_buffer__consume(ring);
    ring_buffer__free(ring);
    if (taken < 0)
        fail("map punt", taken);
    std::vector<dhcp46_fate> fates;
    for (const dhcp46_punt &punt : punts)
        fates.push_back({punt.link_id, DHCP46_NO_REASON, DHCP46_TYPES, 0, 1, 0});
    count(fates);
    return punts;
}

void Programs::count(const std::vector<dhcp46_fate> &fates) const {
    for (std::size_t at = 0; at < fates.size(); at += DHCP46_FATES) {
        const std::size_t some = std::min<std::size_t>(DHCP46_FATES, fates.size() - at);
        bpf_test_run_opts options = {};
        options.sz = sizeof(options);
        options.data_in = fates.data() + at;
        options.data_size_in = static_cast<std::uint32_t>(some * sizeof(dhcp46_fate));
        if (const int error = bpf_prog_test_run_opts(fd(Program::account), &options))
            fail("dhcp46_account", error);
    }
}

std::uint32_t Programs::verified_instructions(Program kind) const {
    bpf_prog_info info = {};
    std::uint32_t size = sizeof(info);
    if (const int error = bpf_obj_get_info_by_fd(fd(kind), &info, &size))
        fail("program info", error);
    return info.verified_insns;
}

} // namespace dhcp46::test
