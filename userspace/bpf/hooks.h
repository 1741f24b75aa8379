// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Our programs on devices: XDP and tcx by pinned link, clsact filters where there is no tcx.
#ifndef DHCP46_BPF_HOOKS_H
#define DHCP46_BPF_HOOKS_H

#include <optional>
#include <set>
#include <string>

#include "instance/hook_state.h"
#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

class Hooks {
  public:
    // The programs are needed to attach, and to know our own clsact filter; -1: neither.
    Hooks(std::string directory, int xdp_program, int tc_program)
        : directory_(std::move(directory)), xdp_program_(xdp_program), tc_program_(tc_program) {}

    HookState state(unsigned ifindex) const;
    // The XDP program of somebody else that is on the device: id and, if we may know, name.
    std::optional<std::string> foreign_xdp(unsigned ifindex) const;

    Status attach_xdp(unsigned ifindex) const;
    Status attach_tc(unsigned ifindex) const;
    void detach_xdp(unsigned ifindex) const;
    void detach_tc(unsigned ifindex) const;
    // Detaches, by their pins, from every device that is not in `keep`.
    void sweep(const std::set<unsigned> &keep) const;

  private:
    std::string pin_path(const char *kind, unsigned ifindex) const;
    Fd live_link(const char *kind, unsigned ifindex) const;
    void remove_link(const char *kind, unsigned ifindex) const;
    Status pin_link(Fd link, const char *kind, unsigned ifindex) const;
    bool has_filter(unsigned ifindex) const;
    Status attach_filter(unsigned ifindex) const;

    std::string directory_;
    int xdp_program_;
    int tc_program_;
};

} // namespace dhcp46

#endif // DHCP46_BPF_HOOKS_H
