// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/buffer.h"

#include <algorithm>

#include "dhcp46/core/emit.h"

namespace dhcp46 {

namespace {

void store_edit(std::vector<std::uint8_t> &out, const dhcp46_edit &edit) {
    if (edit.kind == DHCP46_EDIT_NONE)
        return;
    auto to = out.begin() + edit.offset;
    if (edit.kind == DHCP46_EDIT_BYTES) {
        std::copy_n(edit.bytes, edit.length, to);
        return;
    }
    std::fill_n(to, edit.length, std::uint8_t{0});
    *to = edit.bytes[0];
}

void store_full_csum(std::vector<std::uint8_t> &out, const dhcp46_plan &plan) {
    std::uint64_t sum = plan.csum_pseudo;
    for (std::size_t i = 0; i < plan.udp_length; i++) {
        const std::uint8_t octet = out[plan.udp_offset + i];
        sum += i % 2 ? DHCP46_BE16(octet) : DHCP46_BE16(octet << 8);
    }
    dhcp46_store16(out.data() + plan.udp_offset + UDP_CSUM, dhcp46_csum_udp(sum));
}

} // namespace

std::vector<std::uint8_t> apply(dhcp46_plan &plan, std::span<const std::uint8_t> frame) {
    if (plan.csum == DHCP46_CSUM_UPDATE)
        dhcp46_plan_update_csum(&plan);

    std::vector<std::uint8_t> out(plan.frame_length);
    const auto rest = frame.subspan(plan.old_header);
    const auto room = out.size() - plan.header_length;
    std::copy_n(plan.header, plan.header_length, out.begin());
    std::copy_n(rest.begin(), std::min(rest.size(), room), out.begin() + plan.header_length);

    for (const dhcp46_edit &edit : plan.edits)
        store_edit(out, edit);
    if (plan.csum == DHCP46_CSUM_FULL)
        store_full_csum(out, plan);
    dhcp46_plan_applied(&plan);
    return out;
}

void apply_aim(dhcp46_plan &plan, std::span<std::uint8_t> copy) {
    std::uint8_t *field = copy.data() + plan.udp_offset + UDP_CSUM;
    const std::uint64_t diff = std::uint64_t{plan.csum_pseudo} + plan.csum_payload;

    std::copy_n(plan.header, dhcp46_plan_aim_length(&plan), copy.begin());
    dhcp46_store16(field, dhcp46_csum_update_udp(dhcp46_load16(field), diff));
    dhcp46_plan_applied(&plan);
}

} // namespace dhcp46
