// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "progrun/lab.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "util/address.h"
#include "util/result.h"

namespace dhcp46::test {

namespace {

constexpr const char *router = "fe80::1"; // the next hop of all IPv6

void check(bool good, const std::string &what) {
    if (!good)
        throw std::runtime_error(what + ": " + errno_text(errno));
}

void set_sysctl(const std::string &name, const std::string &value) {
    std::ofstream file("/proc/sys/net/" + name);
    file << value << std::flush;
    check(file.good(), name);
}

// One command of iproute2.
void ip(const std::string &command) {
    std::istringstream text("ip " + command);
    std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    std::vector<char *> argv;
    argv.reserve(words.size() + 1);
    for (std::string &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);

    pid_t child = 0;
    int status = 0;
    errno = posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ);
    check(errno == 0, "ip");
    check(waitpid(child, &status, 0) == child, "waitpid");
    if (status != 0)
        throw std::runtime_error("failed: ip " + command);
}

std::string text(const Mac &mac) {
    return to_string(dhcp46::Mac{mac});
}

// IPv4 servers are neighbours.
std::string way_to(const std::string &address) {
    if (address.find(':') == std::string::npos)
        return " dev v4";
    return std::string(" via ") + router + " dev uplink onlink";
}

// An MTU that is not locked is no rule for what is forwarded over IPv4.
void change_routes(const std::string &verb, const GoldenRoutes &routes) {
    for (const std::string &address : routes.unreachable)
        ip("route " + verb + " unreachable " + address);
    for (const auto &[address, mtu] : routes.mtus)
        ip("route " + verb + " " + address + way_to(address) + " mtu lock " + std::to_string(mtu));
}

// A checksum that is left to the device is finished before the far end gets the frame.
void finish_checksums(const std::string &device) {
    Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    check(static_cast<bool>(fd), "socket");
    ethtool_value off = {ETHTOOL_STXCSUM, 0};
    ifreq request = {};
    device.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char *>(&off);
    check(ioctl(fd.get(), SIOCETHTOOL, &request) == 0, "transmit checksum offload of " + device);
}

// What is sent arrives in order if it is not spread over several CPUs.
void stay_on_one_cpu() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    check(sched_setaffinity(0, sizeof(one), &one) == 0, "sched_setaffinity");
}

// Kernel test runs want a device whose driver has set up XDP; on a veth a program does that.
Fd load_pass_all() {
    bpf_insn instructions[2] = {};
    instructions[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
    instructions[0].imm = XDP_PASS;
    instructions[1].code = BPF_JMP | BPF_EXIT;
    Fd program(bpf_prog_load(BPF_PROG_TYPE_XDP, "pass_all", "GPL", instructions, 2, nullptr));
    check(static_cast<bool>(program), "load pass_all");
    return program;
}

void be_in_a_new_namespace() {
    check(unshare(CLONE_NEWNET) == 0, "unshare");
    for (const char *which : {"all", "default"}) {
        const std::string conf = std::string("ipv6/conf/") + which;
        set_sysctl(conf + "/accept_dad", "0");
        set_sysctl(conf + "/accept_ra", "0");
        set_sysctl(conf + "/router_solicitations", "0");
    }
    Lab::set_forwarding(true);
}

} // namespace

Lab &Lab::enter(const std::string &world) {
    static std::map<std::string, std::unique_ptr<Lab>> labs;
    std::unique_ptr<Lab> &lab = labs[world];
    if (!lab)
        lab.reset(new Lab(world));
    check(setns(lab->netns_.get(), CLONE_NEWNET) == 0, "setns");
    return *lab;
}

Lab::Lab(const std::string &world)
    : world_(world), devices_(golden().devices(world)), pass_all_(load_pass_all()) {
    stay_on_one_cpu();
    be_in_a_new_namespace();
    netns_ = Fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    check(static_cast<bool>(netns_), "ns/net");
    for (const GoldenDevice &device : devices_)
        make_device(device);
}

void Lab::make_device(const GoldenDevice &device) {
    const std::string &name = device.name;
    if (device.mac)
        make_veth(device);
    else
        wires_[name] = std::make_unique<TunWire>(name);
    ifindexes_[name] = if_nametoindex(name.c_str());
    ip("link set dev " + name + " mtu " + std::to_string(device.mtu) + " up");
    if (!device.ipv4.empty())
        ip("address add " + device.ipv4 + "/24 dev " + name);
    set_next_hops(name, true);
    if (device.is_routed_to())
        set_default_route(name, true);
    if (device.mac)
        wires_[name] = std::make_unique<VethWire>(name); // a packet socket wants it to be up
    attach(device.mac ? Program::egress : Program::tc_l3, name);
}

void Lab::make_veth(const GoldenDevice &device) {
    const std::string &name = device.name;
    ip("link add name " + name + " address " + text(*device.mac) + " type veth peer name " + name +
       "-far" + (device.other_end ? " address " + text(*device.other_end) : ""));
    ip("link set dev " + name + "-far up");
    finish_checksums(name);
    let_xdp_receive(if_nametoindex(name.c_str()));
}

// What test runs cannot have: clones on their way out, and packets without Ethernet.
void Lab::attach(Program program, const std::string &device) {
    bpf_tc_hook hook = {};
    hook.sz = sizeof(hook);
    hook.ifindex = static_cast<int>(ifindexes_.at(device));
    hook.attach_point = program == Program::egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
    int error = bpf_tc_hook_create(&hook);
    if (error)
        throw std::runtime_error("clsact on " + device + ": " + errno_text(error));
    bpf_tc_opts options = {};
    options.sz = sizeof(options);
    options.prog_fd = programs.fd(program);
    error = bpf_tc_attach(&hook, &options);
    if (error)
        throw std::runtime_error("attach to " + device + ": " + errno_text(error));
}

void Lab::forget_what_left() {
    for (const auto &[name, wire] : wires_)
        wire->take();
}

void Lab::let_xdp_receive(std::uint32_t ifindex) {
    const int error =
        bpf_xdp_attach(static_cast<int>(ifindex), pass_all_.get(), XDP_FLAGS_DRV_MODE, nullptr);
    if (error)
        throw std::runtime_error("attach pass_all: " + errno_text(error));
}

const GoldenDevice &Lab::device(const std::string &name) const {
    for (const GoldenDevice &each : devices_) {
        if (each.name == name)
            return each;
    }
    throw std::runtime_error("no device " + name);
}

void Lab::set_next_hops(const std::string &name, bool known) const {
    const GoldenDevice &on = device(name);
    std::map<std::string, Mac> all = on.neighbours;
    if (on.next_hop)
        all[router] = *on.next_hop;
    for (const auto &[address, mac] : all) {
        const std::string neighbour = address + " dev " + name;
        if (known)
            ip("neigh replace " + neighbour + " lladdr " + text(mac) + " nud permanent");
        else
            ip("neigh del " + neighbour);
    }
}

void Lab::set_default_route(const std::string &name, bool there) const {
    const GoldenDevice &on = device(name);
    const std::string verb = there ? "add" : "del";
    if (on.next_hop)
        ip("-6 route " + verb + " default via " + router + " dev " + name + " onlink");
    else if (!on.mac && on.ipv4.empty())
        ip("-6 route " + verb + " default dev " + name);
    else if (!there)
        throw std::runtime_error("the route on " + name + " is its address's");
}

// With a neighbour there.
void Lab::set_host_route(const std::string &address, const std::string &name, bool there) {
    ip(std::string("route ") + (there ? "add " : "del ") + address + " dev " + name);
    if (there)
        ip("neigh replace " + address + " dev " + name + " lladdr 02:00:00:00:09:09 nud permanent");
    else
        ip("neigh del " + address + " dev " + name);
}

void Lab::set_routes(const GoldenRoutes &routes) {
    if (routes == routes_)
        return;
    change_routes("del", routes_);
    change_routes("add", routes);
    routes_ = routes;
    programs.forget_next_hops();
}

void Lab::set_forwarding(bool on) {
    set_sysctl("ipv4/ip_forward", on ? "1" : "0");
    set_sysctl("ipv6/conf/all/forwarding", on ? "1" : "0");
}

void Lab::set_mtus(const std::vector<GoldenDevice> &devices) {
    for (std::size_t i = 0; i < devices.size(); i++) {
        // The kernel asks nobody what fits out of a device that is not routed to; and below 1280
        // it has no IPv6.
        if (devices[i].mtu == devices_[i].mtu || !devices[i].is_routed_to())
            continue;
        ip("link set dev " + devices[i].name + " mtu " + std::to_string(devices[i].mtu));
        devices_[i].mtu = devices[i].mtu;
        programs.forget_next_hops();
    }
}

Scene Lab::scene(const GoldenCase &each) const {
    return golden().scene(each, ifindexes_);
}

Scene Lab::prepare(const GoldenCase &each) {
    Scene made = scene(each);
    set_mtus(golden().devices(each.world, each.changes));
    set_routes(Golden::routes(each.changes));
    programs.configure(made.entries);
    programs.set_heartbeat(0);
    programs.clear_counters();
    return made;
}

} // namespace dhcp46::test
