// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/simulate.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "bpf/change.h"
#include "bpf/deploy.h"
#include "bpf/elements.h"
#include "bpf/hooks.h"
#include "bpf/loading.h"
#include "bpf/privileges.h"
#include "dhcp46/dry_run.h"
#include "net/network.h"

namespace dhcp46 {

namespace {

// What relaying may add to a frame: an IPv6 header for an IPv4 one, option 82, a layer-2 header.
constexpr std::size_t room_to_grow = 128;
constexpr std::size_t mac_size = 6;

// The programs' records of what they would have sent.
class Shown {
  public:
    static Result<Shown> open(int map) {
        auto taken = std::make_unique<std::vector<dhcp46_shown>>();
        Ring ring(ring_buffer__new(map, take, taken.get(), nullptr));
        if (!ring)
            return syscall_error("map shown", errno);
        return Shown(std::move(ring), std::move(taken));
    }

    // Since the last call.
    std::vector<dhcp46_shown> take_all() {
        ring_buffer__consume(ring_.get());
        return std::exchange(*taken_, {});
    }

  private:
    struct Free {
        void operator()(ring_buffer *ring) const { ring_buffer__free(ring); }
    };
    using Ring = std::unique_ptr<ring_buffer, Free>;

    Shown(Ring ring, std::unique_ptr<std::vector<dhcp46_shown>> taken)
        : ring_(std::move(ring)), taken_(std::move(taken)) {}

    static int take(void *taken, void *data, std::size_t size) {
        if (size >= sizeof(dhcp46_shown))
            static_cast<std::vector<dhcp46_shown> *>(taken)->push_back(
                *static_cast<const dhcp46_shown *>(data));
        return 0;
    }

    Ring ring_;
    std::unique_ptr<std::vector<dhcp46_shown>> taken_; // the ring keeps its address
};

// Which of the programs a frame meets first.
enum class Stage { xdp, ingress, egress };

struct Counted {
    std::uint32_t instance = 0;
    Fate fate;
};

class Simulator {
  public:
    Simulator(Loaded loaded, Shown shown, Tables tables, Network network, Device device, bool xdp)
        : loaded_(std::move(loaded)), shown_(std::move(shown)), tables_(std::move(tables)),
          network_(std::move(network)), device_(std::move(device)), xdp_(xdp) {}

    Status copy_maps() const {
        for (const Change &change : difference({}, tables_)) {
            if (auto status = apply_change(loaded_.map(change.map), change); !status)
                return status;
        }
        return {};
    }

    Result<Simulated> run(const Frame &frame) {
        if (is_of_own_client(frame))
            return run_from(Stage::egress, frame);
        return run_from(xdp_ ? Stage::xdp : Stage::ingress, frame);
    }

  private:
    // An HCRA's requests are taken on their way out.
    bool is_of_own_client(const Frame &frame) const {
        return frame.size() >= 2 * mac_size &&
               std::any_of(tables_.links.begin(), tables_.links.end(), [&](const auto &entry) {
                   const auto &[key, link] = entry;
                   return key.ifindex == device_.ifindex && (link.flags & DHCP46_LINK_HOST) &&
                          std::memcmp(frame.data() + mac_size, link.mac, mac_size) == 0;
               });
    }

    Result<Simulated> run_from(Stage stage, const Frame &frame) {
        Simulated simulated;
        simulated.length = frame.size();
        const auto out = run_program(stage, frame);
        if (!out)
            return out.error();
        const auto counted = take_counted();
        if (!counted)
            return counted.error();
        const auto shown = shown_.take_all();
        if (stage == Stage::xdp && !*counted)
            return run_from(Stage::ingress, frame); // goes on as it came
        if (!*counted)
            return simulated;
        simulated.fate = (*counted)->fate;
        simulated.tier = stage == Stage::xdp ? "xdp" : "tc";
        simulated.instance = name_of((*counted)->instance);
        for (const dhcp46_shown &one : shown)
            simulated.frames.push_back(frame_of(one, *out));
        return simulated;
    }

    // The frame as it is afterwards.
    Result<Frame> run_program(Stage stage, const Frame &frame) const {
        const Programs programs = loaded_.programs();
        Frame out(frame.size() + room_to_grow);
        xdp_md xdp = {};
        xdp.data_end = static_cast<__u32>(frame.size());
        xdp.ingress_ifindex = device_.ifindex;
        __sk_buff skb = {};
        skb.ifindex = device_.ifindex;
        bpf_test_run_opts options = {};
        options.sz = sizeof(options);
        options.data_in = frame.data();
        options.data_size_in = static_cast<__u32>(frame.size());
        options.data_out = out.data();
        options.data_size_out = static_cast<__u32>(out.size());
        options.ctx_in = stage == Stage::xdp ? static_cast<void *>(&xdp) : &skb;
        options.ctx_size_in = stage == Stage::xdp ? sizeof(xdp) : sizeof(skb);
        options.repeat = 1;
        const int program = stage == Stage::xdp       ? programs.xdp
                            : stage == Stage::ingress ? programs.tc
                                                      : programs.egress;
        if (bpf_prog_test_run_opts(program, &options) != 0)
            return Error{Exit::runtime, "test run",
                         fmt::format("{} (a frame of {} octets)", errno_text(errno), frame.size()),
                         "the kernel takes frames of 14 to about 3500 octets"};
        out.resize(options.data_size_out);
        return out;
    }

    // For the packet that just ran. The next one begins at zero.
    Result<std::optional<Counted>> take_counted() const {
        std::optional<Counted> counted;
        for (const auto &[key, link] : tables_.links) {
            if (key.ifindex != device_.ifindex)
                continue;
            const auto stats = read_stats(loaded_.map("stats"), link.link_id);
            if (!stats)
                return stats.error();
            Fate fate = fate_of(*stats);
            if (!fate.is_ours())
                continue;
            counted = Counted{link.instance, std::move(fate)};
            if (auto status = zero_stats(loaded_.map("stats"), link.link_id); !status)
                return status.error();
        }
        return counted;
    }

    std::string name_of(std::uint32_t id) const {
        const auto instance = tables_.instances.find(id);
        return instance == tables_.instances.end() ? "" : instance->second.name;
    }

    SimulatedFrame frame_of(const dhcp46_shown &shown, const Frame &out) const {
        const Device *device = network_.find(shown.ifindex);
        SimulatedFrame frame;
        frame.device = device ? device->name : fmt::format("ifindex {}", shown.ifindex);
        frame.to_host = shown.to_host != 0;
        const std::size_t length = std::min<std::size_t>(shown.length, DHCP46_SHOWN_FRAME_SIZE);
        frame.bytes = length ? Frame(shown.frame, shown.frame + length) : out;
        return frame;
    }

    Loaded loaded_;
    Shown shown_;
    Tables tables_;
    Network network_;
    Device device_;
    bool xdp_;
};

// The instance's own device of that name.
Result<Device> device_of(const Opened &opened, const Network &network, const std::string &name,
                         const std::string &device) {
    const auto id = find_instance(opened.tables, name);
    if (!id)
        return no_such_instance(name);
    std::set<std::string> own;
    for (const auto &[key, link] : opened.tables.links) {
        const Device *one = network.find(key.ifindex);
        if (link.instance == *id && one)
            own.insert(one->name);
    }
    if (!own.contains(device))
        return Error{Exit::runtime, device, fmt::format("{} takes no packets there", name),
                     fmt::format("its devices: {}", fmt::join(own, ", "))};
    const Device &found = *network.find(device);
    if (found.bare_ip)
        return Error{Exit::runtime, device, "its packets have no Ethernet header",
                     "the kernel's test runs know no others"};
    return found;
}

// The heartbeat, by which the programs know whether the controller is there.
Status copy_meta(const Opened &opened, const Loaded &loaded) {
    const auto meta = opened.store->meta();
    if (!meta)
        return meta.error();
    const std::uint32_t zero = 0;
    if (bpf_map_update_elem(loaded.map("meta"), &zero, &*meta, BPF_ANY) != 0)
        return syscall_error("map meta", errno);
    return {};
}

} // namespace

Result<Simulation> simulate(const std::string &bpffs, const std::string &name,
                            const std::string &device, const std::vector<Frame> &frames) {
    if (auto status = check_privileges(); !status)
        return status.error();
    const auto opened = open_for_reading(bpffs, name);
    if (!opened)
        return opened.error();
    if (!opened->store)
        return no_such_instance(name);
    const Hooks hooks(opened->root.directory(), opened->store->programs());
    auto network = read_network();
    if (!network)
        return network.error();
    auto where = device_of(*opened, *network, name, device);
    if (!where)
        return where.error();
    auto loaded = Loaded::for_dry_run(opened->tables.max_links);
    if (!loaded)
        return loaded.error();
    if (auto status = copy_meta(*opened, *loaded); !status)
        return status.error();
    auto shown = Shown::open(loaded->map("shown"));
    if (!shown)
        return shown.error();

    Simulation simulation;
    simulation.name = name;
    simulation.device = device;
    simulation.another_build =
        !opened->store->is_of_this_build() || !hooks.is_current(where->ifindex);
    const bool xdp = hooks.runs_xdp(where->ifindex);
    Simulator simulator(*std::move(loaded), *std::move(shown), opened->tables, *std::move(network),
                        *std::move(where), xdp);
    if (auto status = simulator.copy_maps(); !status)
        return status.error();
    for (const Frame &frame : frames) {
        auto simulated = simulator.run(frame);
        if (!simulated)
            return simulated.error();
        simulation.packets.push_back(*std::move(simulated));
    }
    return simulation;
}

} // namespace dhcp46
