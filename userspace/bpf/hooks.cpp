// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/hooks.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/privileges.h"

namespace dhcp46 {

// Linux 6.6; the headers of 6.1 lack it.
#ifndef BPF_TCX_INGRESS
constexpr auto tcx_ingress = static_cast<bpf_attach_type>(46);
#else
constexpr auto tcx_ingress = BPF_TCX_INGRESS;
#endif
#ifndef BPF_F_BEFORE
#define BPF_F_BEFORE (1U << 3)
#endif

// Ours among the filters of a clsact qdisc.
constexpr __u32 filter_handle = 0x46;
constexpr __u32 filter_priority = 46;
constexpr const char *our_tc_program = "dhcp46_tc";

static __u32 program_id(int program) {
    bpf_prog_info info = {};
    __u32 length = sizeof(info);
    return bpf_obj_get_info_by_fd(program, &info, &length) == 0 ? info.id : 0;
}

static bpf_tc_hook ingress_of(unsigned ifindex) {
    bpf_tc_hook hook = {};
    hook.sz = sizeof(hook);
    hook.ifindex = static_cast<int>(ifindex);
    hook.attach_point = BPF_TC_INGRESS;
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
static __u32 filter_program(unsigned ifindex) {
    const bpf_tc_hook hook = ingress_of(ifindex);
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
    // The ifindex is the first member for XDP and for tcx, which these headers do not know.
    if (info.xdp.ifindex != ifindex)
        return {};
    return link;
}

HookState Hooks::state(unsigned ifindex) const {
    HookState state;
    state.xdp = static_cast<bool>(live_link("xdp", ifindex));
    state.tcx = static_cast<bool>(live_link("tc", ifindex));
    state.tc = state.tcx || has_filter(ifindex);
    return state;
}

bool Hooks::has_filter(unsigned ifindex) const {
    return tc_program_ >= 0 && filter_program(ifindex) == program_id(tc_program_);
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
    const __u32 ours = live_link("xdp", ifindex) ? program_id(xdp_program_) : 0;
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

Status Hooks::attach_xdp(unsigned ifindex) const {
    if (live_link("xdp", ifindex))
        return {};
    remove_link("xdp", ifindex);
    bpf_link_create_opts options = {};
    options.sz = sizeof(options);
    options.flags = XDP_FLAGS_DRV_MODE;
    Fd link(bpf_link_create(xdp_program_, static_cast<int>(ifindex), BPF_XDP, &options));
    if (!link) {
        const int number = errno;
        return Error{Exit::kernel, "native XDP",
                     fmt::format("the driver refuses it: {}{}", errno_text(number),
                                 number == ERANGE ? " (the MTU may be too large)" : ""),
                     "use --xdp off or auto"};
    }
    return pin_link(std::move(link), "xdp", ifindex);
}

Status Hooks::attach_tc(unsigned ifindex) const {
    if (state(ifindex).tc)
        return {};
    remove_link("tc", ifindex);
    // Before the programs of others, as XDP is.
    bpf_link_create_opts options = {};
    options.sz = sizeof(options);
    options.flags = BPF_F_BEFORE;
    Fd link(bpf_link_create(tc_program_, static_cast<int>(ifindex), tcx_ingress, &options));
    if (link)
        return pin_link(std::move(link), "tc", ifindex);
    if (errno != EINVAL)
        return syscall_error("TC program", errno);
    spdlog::debug("no tcx in this kernel, using clsact");
    return attach_filter(ifindex);
}

Status Hooks::attach_filter(unsigned ifindex) const {
    bpf_tc_hook hook = ingress_of(ifindex);
    bpf_tc_opts options = filter_options();
    const __u32 present = filter_program(ifindex);
    if (present != 0 && program_name(present) != our_tc_program)
        return Error{Exit::runtime, "TC program",
                     fmt::format("a filter of somebody else has priority {} and handle {:#x}",
                                 filter_priority, filter_handle),
                     "move that filter to another priority"};
    const int created = bpf_tc_hook_create(&hook);
    if (created != 0 && created != -EEXIST)
        return syscall_error("qdisc clsact", created);
    options.prog_fd = tc_program_;
    options.flags = present != 0 ? BPF_TC_F_REPLACE : 0;
    if (const int error = bpf_tc_attach(&hook, &options); error != 0) {
        if (created == 0) {
            hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
            bpf_tc_hook_destroy(&hook);
        }
        return syscall_error("TC program", error);
    }
    return {};
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

// The clsact qdisc stays: nothing says that it is only ours.
void Hooks::detach_tc(unsigned ifindex) const {
    // By name too: a filter has no pin, and may be left by a call that was killed.
    const __u32 present = filter_program(ifindex);
    if (present != 0 && (has_filter(ifindex) || program_name(present) == our_tc_program)) {
        const bpf_tc_hook hook = ingress_of(ifindex);
        const bpf_tc_opts options = filter_options();
        bpf_tc_detach(&hook, &options);
    }
    remove_link("tc", ifindex);
}

void Hooks::sweep(const std::set<unsigned> &keep) const {
    std::vector<std::pair<std::string, unsigned>> gone;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(directory_, error)) {
        const std::string name = entry.path().filename();
        for (const std::string kind : {"xdp", "tc"}) {
            const std::string prefix = "link_" + kind + "_";
            unsigned ifindex = 0;
            if (name.rfind(prefix, 0) == 0 &&
                std::from_chars(name.data() + prefix.size(), name.data() + name.size(), ifindex)
                        .ec == std::errc{} &&
                !keep.contains(ifindex))
                gone.emplace_back(kind, ifindex);
        }
    }
    for (const auto &[kind, ifindex] : gone)
        remove_link(kind.c_str(), ifindex);
}

} // namespace dhcp46
