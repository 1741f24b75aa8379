// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "common/model.h"

#include <algorithm>

#include "dhcp46/shell.h"
#include "slowpath/buffer.h"

static const dhcp46_link *dhcp46_lookup_link(const dhcp46_tables *tables,
                                             const dhcp46_link_key *key) {
    return tables->links.find_or_null(*key);
}

static const dhcp46_address *dhcp46_lookup_address(const dhcp46_tables *tables,
                                                   const dhcp46_address_key *key) {
    return tables->addresses.find_or_null(*key);
}

static const dhcp46_upstream *dhcp46_lookup_upstream(const dhcp46_tables *tables,
                                                     const dhcp46_upstream_key *key) {
    return tables->upstreams.find_or_null(*key);
}

static const dhcp46_prefix *dhcp46_lookup_prefix(const dhcp46_tables *tables,
                                                 const dhcp46_prefix_key *key) {
    return tables->longest_prefix(*key);
}

namespace {

bool has_prefix(const __u8 *address, const __u8 *prefix, std::uint32_t bits) {
    for (std::uint32_t bit = 0; bit < bits; bit++) {
        const int mask = 0x80 >> (bit % 8);
        if ((address[bit / 8] ^ prefix[bit / 8]) & mask)
            return false;
    }
    return true;
}

} // namespace

const dhcp46_prefix *dhcp46_tables::longest_prefix(const dhcp46_prefix_key &key) const {
    const dhcp46_prefix *best = nullptr;
    std::uint32_t length = 0;

    for (const auto &[candidate, value] : prefixes) {
        if (candidate.instance != key.instance || candidate.prefixlen < length ||
            !has_prefix(key.prefix, candidate.prefix, candidate.prefixlen - 32))
            continue;
        best = &value;
        length = candidate.prefixlen;
    }
    return best;
}

namespace dhcp46::test {

namespace {

// A copy that begins two octets before a word, as drivers place frames: the IP header is aligned.
class AlignedFrame {
  public:
    explicit AlignedFrame(std::span<const std::uint8_t> frame) : octets_(frame.size() + 2) {
        std::copy(frame.begin(), frame.end(), octets_.begin() + 2);
    }
    dhcp46_view view() const { return {octets_.data() + 2, octets_.data() + octets_.size()}; }

  private:
    std::vector<std::uint8_t> octets_;
};

void decide_odd(dhcp46_work &work) {
    if (work.packet.tags)
        dhcp46_plan_verdict(&work.plan, DHCP46_VERDICT_PASS, DHCP46_PASS_vlan_tagged);
    else if (work.packet.kind == DHCP46_KIND_IPV4_FRAGMENT)
        dhcp46_plan_verdict(&work.plan, DHCP46_VERDICT_PASS, DHCP46_PASS_ipv4_fragment);
    else if (work.packet.kind == DHCP46_KIND_IPV6_FRAGMENT)
        dhcp46_plan_drop(&work.plan, DHCP46_DROP_ipv6_fragment);
    else
        dhcp46_plan_drop(&work.plan, DHCP46_DROP_ipv6_ext_header);
}

void take_way(const Network &network, dhcp46_work &work) {
    const auto way = network.ways.find(work.plan.out_ifindex);

    if (way == network.ways.end()) {
        dhcp46_plan_drop(&work.plan, DHCP46_DROP_no_route);
        return;
    }
    if (!dhcp46_plan_fits(&work.plan, way->second.mtu) || !dhcp46_plan_routed(&work.plan))
        return;
    dhcp46_copy6(work.plan.header + ETH_DST, way->second.next_hop.data());
    dhcp46_copy6(work.plan.header + ETH_SRC, way->second.own.data());
}

bool is_plain(const dhcp46_packet &packet) {
    return packet.tags == 0 && (packet.kind == DHCP46_KIND_IPV4 || packet.kind == DHCP46_KIND_IPV6);
}

} // namespace

Outcome run(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
            Tier tier) {
    const AlignedFrame aligned(frame);
    const dhcp46_view view = aligned.view();
    dhcp46_work work = {};
    Outcome outcome;

    dhcp46_classify(view, ETH_LENGTH, tier == Tier::xdp ? DHCP46_DEPTH_PLAIN : DHCP46_DEPTH_FULL,
                    &work.packet);
    if (work.packet.kind == DHCP46_KIND_OTHER)
        return outcome;
    const dhcp46_owner owner = dhcp46_find_owner(&network.tables, view, &work.packet, ifindex);
    if (!dhcp46_has_owner(owner))
        return outcome;

    dhcp46_begin(&network.tables, view, owner, tier == Tier::tc, &work);
    outcome.path = work.reading.path;
    outcome.link_id = work.link_id;
    if (dhcp46_is_other_host(owner)) {
        dhcp46_plan_verdict(&work.plan, DHCP46_VERDICT_PASS, DHCP46_PASS_other_host);
    } else if (is_plain(work.packet)) {
        dhcp46_read(view, &work.packet, &work.reading, &work.message);
        dhcp46_decide(&network.tables, view, owner, &work);
    } else {
        decide_odd(work);
    }
    if (work.plan.verdict == DHCP46_VERDICT_RELAY)
        take_way(network, work);

    outcome.verdict = work.plan.verdict;
    outcome.reason = work.plan.reason;
    const bool decided_by_tc = work.plan.reason == DHCP46_DROP_no_room ||
                               work.plan.reason == DHCP46_DROP_no_route || work.plan.copies ||
                               !is_plain(work.packet);
    outcome.handed_on =
        tier == Tier::xdp && (outcome.verdict == DHCP46_VERDICT_PASS ||
                              outcome.verdict == DHCP46_VERDICT_PUNT || decided_by_tc);
    if (outcome.verdict == DHCP46_VERDICT_RELAY) {
        outcome.type = work.plan.type;
        outcome.out_ifindex = work.plan.out_ifindex;
        outcome.routed = dhcp46_plan_routed(&work.plan) != 0;
        outcome.out = apply(work.plan, frame);
    }
    return outcome;
}

} // namespace dhcp46::test
