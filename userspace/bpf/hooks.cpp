// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <initializer_list>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/privileges.h"
#include "net/qdisc.h"

namespace dhcp46 {

// Linux 6.6; the headers of 6.1 lack them.
#ifndef BPF_F_BEFORE
constexpr auto tcx_ingress = static_cast<bpf_attach_type>(46);
constexpr auto tcx_egress = static_cast<bpf_attach_type>(47);
#define BPF_F_BEFORE (1U << 3)
#else
constexpr auto tcx_ingress = BPF_TCX_INGRESS;
constexpr auto tcx_egress = BPF_TCX_EGRESS;
#endif

// Ours among the filters of a clsact qdisc, in both directions.
constexpr __u32 filter_handle = 0x46;
constexpr __u32 filter_priority = 46;

struct TcDirection {
    const char *kind; // in the names of pins
    const char *name;
    bpf_attach_type tcx;
    bpf_tc_attach_point clsact;
};
static constexpr TcDirection ingress = {"tc", "TC program", tcx_ingress, BPF_TC_INGRESS};
static constexpr TcDirection egress = {"egress", "TC egress program", tcx_egress, BPF_TC_EGRESS};

static __u32 program_id(int program) {
    bpf_prog_info info = {};
    __u32 length = sizeof(info);
    return bpf_obj_get_info_by_fd(program, &info, &length) == 0 ? info.id : 0;
}

// 0: the link is an empty shell, and its device gone.
static __u32 link_program(int link) {
    bpf_link_info info = {};
    __u32 length = sizeof(info);
    // The ifindex is the first member for XDP and for tcx, which these headers do not know.
    return bpf_obj_get_info_by_fd(link, &info, &length) == 0 && info.xdp.ifindex != 0 ? info.prog_id
                                                                                      : 0;
}

static bpf_tc_hook filter_hook(const TcDirection &direction, unsigned ifindex) {
    bpf_tc_hook hook = {};
    hook.sz = sizeof(hook);
    hook.ifindex = static_cast<int>(ifindex);
    hook.attach_point = direction.clsact;
    return hook;
}

static bpf_tc_opts filter_options() {
    bpf_tc_opts options = {};
    options.sz = sizeof(options);
    options.handle = filter_handle;
    options.priority = filter_priority;
    return options;
}

// The program of the filter in our place; 0: there is none.
static __u32 filter_program(const TcDirection &direction, unsigned ifindex) {
    const bpf_tc_hook hook = filter_hook(direction, ifindex);
    bpf_tc_opts options = filter_options();
    return bpf_tc_query(&hook, &options) == 0 ? options.prog_id : 0;
}

std::string Hooks::pin_path(const char *kind, unsigned ifindex) const {
    return fmt::format("{}/link_{}_{}", directory_, kind, ifindex);
}

// The pinned link if it is still on the device; a link outlives its device as an empty shell, and
// another device may get the ifindex.
Fd Hooks::live_link(const char *kind, unsigned ifindex) const {
    Fd link(bpf_obj_get(pin_path(kind, ifindex).c_str()));
    if (!link)
        return {};
    bpf_link_info info = {};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(link.get(), &info, &length) != 0)
        return {};
    if (info.xdp.ifindex != ifindex) // as in link_program()
        return {};
    return link;
}

bool Hooks::runs_xdp(unsigned ifindex) const {
    return static_cast<bool>(live_link("xdp", ifindex));
}

// Empty if we may not know.
static std::string program_name(__u32 id) {
    const Fd program(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info = {};
    __u32 length = sizeof(info);
    if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &length) != 0)
        return {};
    return info.name;
}

// By direction, as a qdisc `ingress` shows its ingress filters as those of egress, too.
static bool is_our_name(const TcDirection &direction, const std::string &program) {
    if (direction.clsact == BPF_TC_EGRESS)
        return program == "dhcp46_egress";
    return program == "dhcp46_tc" || program == "dhcp46_tc_l3";
}

static bool is_one_of(__u32 id, std::initializer_list<int> programs) {
    return std::any_of(programs.begin(), programs.end(),
                       [&](int program) { return program_id(program) == id; });
}

// By name too: a filter has no pin, and may be left by a call that was killed.
bool Hooks::is_ours(const TcDirection &direction, std::uint32_t program) const {
    const bool known =
        direction.clsact == BPF_TC_EGRESS
            ? is_one_of(program, {programs_.egress, before_.egress})
            : is_one_of(program, {programs_.tc, programs_.tc_l3, before_.tc, before_.tc_l3});
    return program != 0 && (known || is_our_name(direction, program_name(program)));
}

bool Hooks::has_filter(const TcDirection &direction, unsigned ifindex) const {
    return is_ours(direction, filter_program(direction, ifindex));
}

std::uint32_t Hooks::running(const TcDirection &direction, unsigned ifindex) const {
    if (const Fd link = live_link(direction.kind, ifindex))
        return link_program(link.get());
    const __u32 present = filter_program(direction, ifindex);
    return is_ours(direction, present) ? present : 0;
}

HookState Hooks::state(unsigned ifindex) const {
    HookState state;
    state.xdp = runs_xdp(ifindex);
    state.tcx = static_cast<bool>(live_link(ingress.kind, ifindex));
    state.tc = running(ingress, ifindex) != 0;
    state.egress = running(egress, ifindex) != 0;
    return state;
}

bool Hooks::is_current(unsigned ifindex) const {
    const Fd link = live_link("xdp", ifindex);
    const auto is_current = [](__u32 id, std::initializer_list<int> programs) {
        return id == 0 || is_one_of(id, programs);
    };
    return is_current(link ? link_program(link.get()) : 0, {programs_.xdp}) &&
           is_current(running(ingress, ifindex), {programs_.tc, programs_.tc_l3}) &&
           is_current(running(egress, ifindex), {programs_.egress});
}

static std::string program_text(__u32 id) {
    const std::string name = program_name(id);
    return name.empty() ? fmt::format("program id {}", id)
                        : fmt::format("{}, program id {}", name, id);
}

std::optional<std::string> Hooks::foreign_xdp(unsigned ifindex) const {
    bpf_xdp_query_opts options = {};
    options.sz = sizeof(options);
    if (bpf_xdp_query(static_cast<int>(ifindex), 0, &options) != 0)
        return std::nullopt;
    const Fd link = live_link("xdp", ifindex);
    const __u32 ours = link ? link_program(link.get()) : 0;
    for (const __u32 id : {options.drv_prog_id, options.skb_prog_id, options.hw_prog_id}) {
        if (id != 0 && id != ours)
            return program_text(id);
    }
    return std::nullopt;
}

Status Hooks::pin_link(Fd link, const char *kind, unsigned ifindex) const {
    const std::string path = pin_path(kind, ifindex);
    if (bpf_obj_pin(link.get(), path.c_str()) != 0)
        return syscall_error(fmt::format("pin {}", path), errno);
    return {};
}

// Whether there was anything to do. The link stays, and no packet passes between the two programs.
static Result<bool> put_into(int link, int program, const char *what) {
    if (link_program(link) == program_id(program))
        return false;
    if (bpf_link_update(link, program, nullptr) != 0)
        return syscall_error(what, errno);
    return true;
}

static Status status_of(const Result<bool> &result) {
    return result ? Status() : Status(result.error());
}

Status Hooks::attach_xdp(unsigned ifindex) const {
    if (const Fd link = live_link("xdp", ifindex))
        return status_of(put_into(link.get(), programs_.xdp, "native XDP"));
    remove_link("xdp", ifindex);
    bpf_link_create_opts options = {};
    options.sz = sizeof(options);
    options.flags = XDP_FLAGS_DRV_MODE;
    Fd link(bpf_link_create(programs_.xdp, static_cast<int>(ifindex), BPF_XDP, &options));
    if (!link) {
        const int number = errno;
        return Error{Exit::kernel, "native XDP",
                     fmt::format("the driver refuses it: {}{}", errno_text(number),
                                 number == ERANGE ? " (the MTU may be too large)" : ""),
                     "use --xdp off or auto"};
    }
    return pin_link(std::move(link), "xdp", ifindex);
}

Status Hooks::attach_ingress(unsigned ifindex, IngressProgram program) const {
    return attach_tc(ingress, ingress_program(program), ifindex);
}

int Hooks::ingress_program(IngressProgram program) const {
    return program == IngressProgram::ethernet ? programs_.tc : programs_.tc_l3;
}

Status Hooks::attach_egress(unsigned ifindex) const {
    return attach_tc(egress, programs_.egress, ifindex);
}

// An `ingress` qdisc takes filters for egress, too, and runs them on ingress.
static Status check_has_egress(unsigned ifindex) {
    const auto kind = ingress_qdisc(ifindex);
    if (!kind)
        return kind.error();
    if (*kind != "ingress")
        return {};
    return Error{Exit::runtime, egress.name,
                 "the device has a qdisc `ingress`, which has no egress side",
                 "delete it and add one of kind clsact, which does the same and more"};
}

Status Hooks::attach_filter(const TcDirection &direction, int program, unsigned ifindex) const {
    bpf_tc_hook hook = filter_hook(direction, ifindex);
    bpf_tc_opts options = filter_options();
    if (direction.clsact == BPF_TC_EGRESS) {
        if (auto status = check_has_egress(ifindex); !status)
            return status;
    }
    const __u32 present = filter_program(direction, ifindex);
    if (present != 0 && !is_ours(direction, present))
        return Error{Exit::runtime, direction.name,
                     fmt::format("a filter of somebody else has priority {} and handle {:#x}",
                                 filter_priority, filter_handle),
                     "move that filter to another priority"};
    const int created = bpf_tc_hook_create(&hook);
    if (created != 0 && created != -EEXIST)
        return syscall_error("qdisc clsact", created);
    options.prog_fd = program;
    options.flags = present != 0 ? BPF_TC_F_REPLACE : 0;
    if (const int error = bpf_tc_attach(&hook, &options); error != 0) {
        if (created == 0) {
            hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
            bpf_tc_hook_destroy(&hook);
        }
        return syscall_error(direction.name, error);
    }
    return {};
}

Status Hooks::attach_tc(const TcDirection &direction, int program, unsigned ifindex) const {
    if (const Fd link = live_link(direction.kind, ifindex))
        return status_of(put_into(link.get(), program, direction.name));
    if (filter_program(direction, ifindex) == program_id(program))
        return {};
    remove_link(direction.kind, ifindex);
    // Before the programs of others, as XDP is.
    bpf_link_create_opts options = {};
    options.sz = sizeof(options);
    options.flags = BPF_F_BEFORE;
    Fd link(bpf_link_create(program, static_cast<int>(ifindex), direction.tcx, &options));
    if (link)
        return pin_link(std::move(link), direction.kind, ifindex);
    if (errno != EINVAL)
        return syscall_error(direction.name, errno);
    spdlog::debug("no tcx in this kernel, using clsact");
    return attach_filter(direction, program, ifindex);
}

// A link that is detached by hand is gone at once; one whose last reference goes, some time later.
void Hooks::remove_link(const char *kind, unsigned ifindex) const {
    const std::string path = pin_path(kind, ifindex);
    if (const Fd link(bpf_obj_get(path.c_str())); link)
        bpf_link_detach(link.get());
    std::error_code error;
    std::filesystem::remove(path, error);
}

void Hooks::detach_xdp(unsigned ifindex) const {
    remove_link("xdp", ifindex);
}

void Hooks::detach_ingress(unsigned ifindex) const {
    detach_tc(ingress, ifindex);
}

void Hooks::detach_egress(unsigned ifindex) const {
    detach_tc(egress, ifindex);
}

// The clsact qdisc stays: nothing says that it is only ours.
void Hooks::detach_tc(const TcDirection &direction, unsigned ifindex) const {
    if (has_filter(direction, ifindex)) {
        const bpf_tc_hook hook = filter_hook(direction, ifindex);
        const bpf_tc_opts options = filter_options();
        bpf_tc_detach(&hook, &options);
    }
    remove_link(direction.kind, ifindex);
}

std::vector<Hooks::Pinned> Hooks::pinned_links() const {
    std::vector<Pinned> links;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(directory_, error)) {
        const std::string name = entry.path().filename();
        for (const std::string kind : {"xdp", ingress.kind, egress.kind}) {
            const std::string prefix = "link_" + kind + "_";
            unsigned ifindex = 0;
            if (name.starts_with(prefix) &&
                std::from_chars(name.data() + prefix.size(), name.data() + name.size(), ifindex)
                        .ec == std::errc{})
                links.push_back({kind, ifindex});
        }
    }
    return links;
}

void Hooks::sweep(const std::map<unsigned, HookNeeds> &needed) const {
    for (const auto &[kind, ifindex] : pinned_links()) {
        const auto needs = needed.find(ifindex);
        if (needs == needed.end() || (kind == egress.kind && !needs->second.egress))
            remove_link(kind.c_str(), ifindex);
    }
}

// By the pins: a device may have gone to another network namespace with our program on it.
Result<bool> Hooks::exchange_links(const std::map<unsigned, HookNeeds> &needed) const {
    bool any = false;
    for (const auto &[kind, ifindex] : pinned_links()) {
        const Fd link(bpf_obj_get(pin_path(kind.c_str(), ifindex).c_str()));
        const auto needs = needed.find(ifindex);
        if (!link || link_program(link.get()) == 0 || needs == needed.end())
            continue;
        const int program = kind == egress.kind    ? programs_.egress
                            : kind == ingress.kind ? ingress_program(needs->second.ingress)
                                                   : programs_.xdp;
        const auto exchanged = put_into(link.get(), program, kind.c_str());
        if (!exchanged)
            return exchanged.error();
        any |= *exchanged;
    }
    return any;
}

Result<bool> Hooks::exchange_filter(const TcDirection &direction, int program,
                                    unsigned ifindex) const {
    const __u32 present = filter_program(direction, ifindex);
    if (!is_ours(direction, present) || present == program_id(program))
        return false;
    if (auto status = attach_filter(direction, program, ifindex); !status)
        return status.error();
    return true;
}

Result<bool> Hooks::exchange(const std::map<unsigned, HookNeeds> &needed) const {
    const auto links = exchange_links(needed);
    if (!links)
        return links.error();
    bool any = *links;
    for (const auto &[ifindex, needs] : needed) {
        for (const auto &[direction, program] :
             {std::pair(&ingress, ingress_program(needs.ingress)),
              std::pair(&egress, programs_.egress)}) {
            const auto exchanged = exchange_filter(*direction, program, ifindex);
            if (!exchanged)
                return exchanged.error();
            any |= *exchanged;
        }
    }
    return any;
}

} // namespace dhcp46
