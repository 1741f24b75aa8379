// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "common/model.h"

#include <algorithm>
#include <optional>

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

static int dhcp46_is_own(const dhcp46_tables *tables, const dhcp46_work *,
                         const dhcp46_address_key *key) {
    return dhcp46_lookup_address(tables, key) != nullptr;
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

Ip6 destination_of(const dhcp46_plan &plan) {
    const __u8 *ip = plan.header + ETH_LENGTH;
    if (plan.ipv6)
        return from_array<Ip6>(*reinterpret_cast<const __u8(*)[16]>(ip + IPV6_DST));
    return v4_mapped(from_array<Ip4>(*reinterpret_cast<const __u8(*)[4]>(ip + IPV4_DST)));
}

// What the kernel's routes say; an ifindex of 0 is none.
Route find_route(const Network &network, const dhcp46_plan &plan) {
    const auto device = network.ways.find(plan.out_ifindex);
    Route route;
    if (device != network.ways.end())
        route = {device->first, device->second.next_hop, device->second.mtu};
    if (plan.way == DHCP46_WAY_LINK || plan.way == DHCP46_WAY_HOST)
        return route;
    const auto single = network.routes.find(destination_of(plan));
    return single == network.routes.end() ? route : single->second;
}

// The way of one copy: its MAC addresses are then in the plan. Else the plan has another verdict.
std::optional<Sent> find_way(const Network &network, dhcp46_plan &plan) {
    const Route route = find_route(network, plan);
    if (route.ifindex == 0) {
        dhcp46_plan_drop(&plan, DHCP46_DROP_no_route);
        return std::nullopt;
    }
    if (!dhcp46_plan_fits(&plan, route.mtu))
        return std::nullopt;
    if (dhcp46_plan_routed(&plan)) {
        dhcp46_copy6(plan.header + ETH_DST, route.next_hop.data());
        dhcp46_copy6(plan.header + ETH_SRC, network.ways.at(route.ifindex).own.data());
    }
    return Sent{plan.way, route.ifindex, {}};
}

bool is_plain(const dhcp46_packet &packet) {
    return packet.tags == 0 && (packet.kind == DHCP46_KIND_IPV4 || packet.kind == DHCP46_KIND_IPV6);
}

// A run of one frame through the data path.
class Run {
  public:
    Run(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
        Tier tier)
        : network_(network), frame_(frame), aligned_(frame), view_(aligned_.view()),
          ifindex_(ifindex), tier_(tier) {}

    Outcome through(Hook hook) {
        const dhcp46_owner owner = find_owner(hook);
        if (!dhcp46_has_owner(owner))
            return {};
        dhcp46_begin(&network_.tables, view_, owner, tier_ == Tier::tc, &work_);
        outcome_.path = work_.reading.path;
        outcome_.link_id = work_.link_id;
        if (hook == Hook::ingress && dhcp46_is_other_host(owner))
            dhcp46_plan_verdict(&plan(), DHCP46_VERDICT_PASS, DHCP46_PASS_other_host);
        else
            decide(owner);
        if (plan().verdict == DHCP46_VERDICT_RELAY)
            send(owner.link ? owner.link->instance : owner.own->instance);
        outcome_.verdict = plan().verdict;
        outcome_.reason = plan().reason;
        outcome_.handed_on = tier_ == Tier::xdp && is_handed_on();
        if (plan().verdict == DHCP46_VERDICT_RELAY)
            outcome_.type = plan().type;
        return outcome_;
    }

  private:
    dhcp46_plan &plan() { return work_.plan; }

    dhcp46_owner find_owner(Hook hook) {
        const std::uint32_t l2_length = network_.ways.at(ifindex_).l2_length;
        dhcp46_classify(view_, l2_length,
                        tier_ == Tier::xdp ? DHCP46_DEPTH_PLAIN : DHCP46_DEPTH_FULL, &work_.packet);
        if (work_.packet.kind == DHCP46_KIND_OTHER)
            return {};
        if (hook == Hook::ingress)
            return dhcp46_find_owner(&network_.tables, view_, &work_.packet, ifindex_);
        if (work_.packet.tags) // of another protocol than IPv4
            return {};
        return dhcp46_find_host_owner(&network_.tables, view_, &work_.packet, ifindex_);
    }

    void decide(const dhcp46_owner &owner) {
        if (!is_plain(work_.packet)) {
            decide_odd(work_);
            return;
        }
        dhcp46_read(view_, &work_.packet, &work_.reading, dhcp46_kernel_limits(), &work_.message);
        dhcp46_decide(&network_.tables, view_, owner, &work_);
    }

    void send(std::uint32_t instance) {
        has_copies_ = plan().copies != 0;
        if (has_copies_) {
            send_copies(instance);
        } else if (auto sent = find_way(network_, plan())) {
            leave(*sent, apply(plan(), frame_));
        }
    }

    // As TC does it: first all ways, then the frame for the first that has one.
    void send_copies(std::uint32_t instance) {
        const std::uint32_t note = plan().reason;
        std::vector<const dhcp46_upstream *> served;
        for (std::uint32_t slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
            const auto *upstream = network_.tables.upstreams.find_or_null({instance, slot});
            if (!upstream)
                continue;
            dhcp46_plan_aim(&plan(), upstream);
            if (find_way(network_, plan()))
                served.push_back(upstream);
            else
                outcome_.skipped++;
            if (upstream->flags & DHCP46_UPSTREAM_LAST)
                break;
        }
        if (served.empty()) { // dropped or punted, and nothing else
            outcome_.skipped = 0;
            return;
        }
        dhcp46_plan_verdict(&plan(), DHCP46_VERDICT_RELAY, note);
        Frame copy;
        for (const dhcp46_upstream *upstream : served) {
            dhcp46_plan_aim(&plan(), upstream);
            const auto sent = find_way(network_, plan());
            if (copy.empty())
                copy = apply(plan(), frame_);
            else
                apply_aim(plan(), copy);
            leave(*sent, copy);
        }
    }

    void leave(Sent sent, Frame frame) {
        const auto &device = network_.ways.at(sent.ifindex);
        leaves_without_l2_ = device.l2_length == 0;
        if (leaves_without_l2_)
            frame.erase(frame.begin(), frame.begin() + ETH_LENGTH);
        sent.frame = std::move(frame);
        outcome_.out.push_back(std::move(sent));
    }

    bool is_handed_on() {
        return plan().verdict == DHCP46_VERDICT_PASS || plan().verdict == DHCP46_VERDICT_PUNT ||
               plan().reason == DHCP46_DROP_no_room || plan().reason == DHCP46_DROP_no_route ||
               has_copies_ || leaves_without_l2_ || !is_plain(work_.packet);
    }

    const Network &network_;
    std::span<const std::uint8_t> frame_;
    AlignedFrame aligned_;
    dhcp46_view view_;
    std::uint32_t ifindex_;
    Tier tier_;
    dhcp46_work work_ = {};
    Outcome outcome_;
    bool has_copies_ = false;
    bool leaves_without_l2_ = false;
};

} // namespace

Outcome run(const Network &network, std::span<const std::uint8_t> frame, std::uint32_t ifindex,
            Tier tier, Hook hook) {
    return Run(network, frame, ifindex, tier).through(hook);
}

} // namespace dhcp46::test
