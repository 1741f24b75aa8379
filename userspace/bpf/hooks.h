// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Our programs on devices: XDP and tcx by pinned link, clsact filters where there is no tcx.
#ifndef DHCP46_BPF_HOOKS_H
#define DHCP46_BPF_HOOKS_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bpf/programs.h"
#include "instance/hook_needs.h"
#include "instance/hook_state.h"
#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

struct TcDirection;

class Hooks {
  public:
    // The programs are needed to attach, and to know our own clsact filters, which also may have
    // those of `before`.
    Hooks(std::string directory, Programs programs, Programs before = {})
        : directory_(std::move(directory)), programs_(programs), before_(before) {}

    HookState state(unsigned ifindex) const;
    bool runs_xdp(unsigned ifindex) const;
    // The XDP program of somebody else that is on the device: id and, if we may know, name.
    std::optional<std::string> foreign_xdp(unsigned ifindex) const;

    // Whether each of our programs on the device is one of those given.
    bool is_current(unsigned ifindex) const;

    // Each puts its program there, in place of another one of ours.
    Status attach_xdp(unsigned ifindex) const;
    Status attach_ingress(unsigned ifindex, IngressProgram program) const;
    Status attach_egress(unsigned ifindex) const;
    void detach_xdp(unsigned ifindex) const;
    void detach_ingress(unsigned ifindex) const;
    void detach_egress(unsigned ifindex) const;
    // Puts the programs in place of ours wherever these are, without a moment between; says whether
    // there was anything to do. `needed`: which TC ingress program a device has.
    Result<bool> exchange(const std::map<unsigned, HookNeeds> &needed) const;
    // Detaches, by their pins, what no device needs.
    void sweep(const std::map<unsigned, HookNeeds> &needed) const;

  private:
    struct Pinned {
        std::string kind;
        unsigned ifindex;
    };

    std::vector<Pinned> pinned_links() const;
    int ingress_program(IngressProgram program) const;
    std::string pin_path(const char *kind, unsigned ifindex) const;
    Fd live_link(const char *kind, unsigned ifindex) const;
    void remove_link(const char *kind, unsigned ifindex) const;
    Status pin_link(Fd link, const char *kind, unsigned ifindex) const;
    // Id of our program there; 0: none.
    std::uint32_t running(const TcDirection &direction, unsigned ifindex) const;
    bool is_ours(const TcDirection &direction, std::uint32_t program) const;
    bool has_filter(const TcDirection &direction, unsigned ifindex) const;
    Status attach_tc(const TcDirection &direction, int program, unsigned ifindex) const;
    Status attach_filter(const TcDirection &direction, int program, unsigned ifindex) const;
    Result<bool> exchange_links(const std::map<unsigned, HookNeeds> &needed) const;
    Result<bool> exchange_filter(const TcDirection &direction, int program, unsigned ifindex) const;
    void detach_tc(const TcDirection &direction, unsigned ifindex) const;

    std::string directory_;
    Programs programs_;
    Programs before_;
};

} // namespace dhcp46

#endif // DHCP46_BPF_HOOKS_H
