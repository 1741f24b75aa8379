// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/xdp_choice.h"

#include <fmt/format.h>

namespace dhcp46 {

bool takes_redirects(const Device &device, bool asked_for) {
    if (device.kind == "vlan" || !device.ethernet)
        return false;
    if (device.xdp)
        return device.xdp->ndo_xmit;
    const bool may = device.kind == "veth" || device.kind == "tun";
    return device.kind.empty() || (may && asked_for);
}

static std::string kind_text(const Device &device) {
    return device.kind.empty() ? "driver" : device.kind + " driver";
}

static std::optional<XdpChoice> why_not_receive(dhcp46_xdp_mode mode, const Device &in,
                                                bool redirects) {
    if (!in.ethernet)
        return XdpChoice{false,
                         fmt::format("{} has no Ethernet header, which XDP needs here", in.name),
                         "use --xdp off or auto"};
    if (in.kind == "vlan")
        return XdpChoice{false,
                         fmt::format("{} is a VLAN device, which XDP does not serve", in.name),
                         "use --xdp off or auto"};
    if (in.xdp && !(in.xdp->basic && (in.xdp->redirect || !redirects)))
        return XdpChoice{false,
                         fmt::format("the {} of {} lacks native XDP", kind_text(in), in.name),
                         "use --xdp off or auto"};
    // `native` is tried as it is where the kernel does not tell.
    if (!in.xdp && mode == DHCP46_XDP_AUTO && !in.kind.empty())
        return XdpChoice{false,
                         fmt::format("{} is virtual ({}), and this kernel does not tell what its "
                                     "driver can do",
                                     in.name, in.kind),
                         "--xdp native tries it"};
    return std::nullopt;
}

static std::optional<XdpChoice> why_not_send(dhcp46_xdp_mode mode, const Device &out) {
    if (takes_redirects(out, mode == DHCP46_XDP_NATIVE))
        return std::nullopt;
    XdpChoice choice;
    choice.why = fmt::format("{}, where its packets go, takes no XDP redirect", out.name);
    choice.hint = "use --xdp off or auto";
    if (out.kind == "veth") {
        choice.why += " (its veth peer has neither an XDP program nor GRO)";
        choice.hint = fmt::format("attach an XDP program to the peer of {}, or "
                                  "`ethtool -K PEER gro on`; or use --xdp off or auto",
                                  out.name);
    }
    return choice;
}

XdpChoice choose_xdp(dhcp46_xdp_mode mode, const Device &in,
                     const std::vector<const Device *> &outs,
                     const std::optional<std::string> &foreign) {
    if (mode == DHCP46_XDP_OFF)
        return {false, "--xdp off", ""};
    if (foreign)
        return {false,
                fmt::format("{} has an XDP program of somebody else ({})", in.name, *foreign),
                "remove that program, or use --xdp off or auto"};
    if (auto reason = why_not_receive(mode, in, !outs.empty()))
        return *reason;
    for (const Device *out : outs) {
        if (auto reason = why_not_send(mode, *out))
            return *reason;
    }
    std::string names;
    for (const Device *out : outs)
        names += (names.empty() ? "" : ", ") + out->name;
    if (mode == DHCP46_XDP_NATIVE)
        return {true, "--xdp native", ""};
    if (names.empty())
        return {true, "the driver has native XDP", ""};
    return {true, fmt::format("the driver has native XDP, and {} takes its redirects", names), ""};
}

} // namespace dhcp46
