// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "slowpath/relay.h"

#include <algorithm>

#include "dhcp46/shell.h"
#include "slowpath/buffer.h"
#include "slowpath/frame.h"
#include "slowpath/split_option.h"

// To the shell, which is C, a Lookups is what it calls tables.
static const dhcp46::Lookups &lookups_of(const dhcp46_tables *tables) {
    return *reinterpret_cast<const dhcp46::Lookups *>(tables);
}

static const dhcp46_link *dhcp46_lookup_link(const dhcp46_tables *tables,
                                             const dhcp46_link_key *key) {
    return lookups_of(tables).link(*key);
}

static const dhcp46_address *dhcp46_lookup_address(const dhcp46_tables *tables,
                                                   const dhcp46_address_key *key) {
    return lookups_of(tables).address(*key);
}

static const dhcp46_upstream *dhcp46_lookup_upstream(const dhcp46_tables *tables,
                                                     const dhcp46_upstream_key *key) {
    return lookups_of(tables).upstream(*key);
}

static const dhcp46_prefix *dhcp46_lookup_prefix(const dhcp46_tables *tables,
                                                 const dhcp46_prefix_key *key) {
    return lookups_of(tables).prefix(*key);
}

static int dhcp46_is_own(const dhcp46_tables *tables, const dhcp46_work * /*work*/,
                         const dhcp46_address_key *key) {
    return dhcp46_lookup_address(tables, key) != nullptr;
}

namespace dhcp46 {

namespace {

using Frame = std::vector<std::uint8_t>;

class Packet {
  public:
    Packet(std::span<const std::uint8_t> frame, bool has_ethernet, std::uint32_t ifindex,
           const Lookups &lookups)
        : frame_(frame), l2_length_(has_ethernet ? ETH_LENGTH : 0), ifindex_(ifindex),
          tables_(reinterpret_cast<const dhcp46_tables *>(&lookups)) {}

    Decision decide() {
        look();
        if (is_split() && join())
            look();
        if (plan().verdict == DHCP46_VERDICT_PUNT) // it ends behind all that the core can see
            dhcp46_plan_drop(&plan(), DHCP46_DROP_too_long);

        Decision decision{static_cast<dhcp46_verdict>(plan().verdict),
                          work_.link_id,
                          plan().reason,
                          DHCP46_TYPES,
                          {}};
        if (plan().verdict == DHCP46_VERDICT_RELAY) {
            decision.type = plan().type;
            decision.departures = depart();
        }
        return decision;
    }

  private:
    dhcp46_plan &plan() { return work_.plan; }
    dhcp46_view view() const { return {frame_.data(), frame_.data() + frame_.size()}; }

    // What is not one plain datagram of an instance's is ignored.
    void look() {
        dhcp46_plan_begin(&plan());
        dhcp46_classify(view(), l2_length_, DHCP46_DEPTH_FULL, &work_.packet);
        if (work_.packet.tags ||
            (work_.packet.kind != DHCP46_KIND_IPV4 && work_.packet.kind != DHCP46_KIND_IPV6))
            return;
        owner_ = dhcp46_find_owner(tables_, view(), &work_.packet, ifindex_);
        if (!dhcp46_has_owner(owner_))
            owner_ = dhcp46_find_host_owner(tables_, view(), &work_.packet, ifindex_);
        if (!dhcp46_has_owner(owner_))
            return;
        dhcp46_begin(tables_, view(), owner_, 0, &work_);
        dhcp46_read(view(), &work_.packet, &work_.reading, dhcp46_no_limits(), &work_.message);
        dhcp46_decide(tables_, view(), owner_, &work_);
    }

    bool is_split() {
        return plan().verdict == DHCP46_VERDICT_PUNT && plan().reason == DHCP46_PUNT_split_opt82;
    }

    // The checksum is summed again, so it must have been right (D-2).
    bool join() {
        if (!is_csum_acceptable(frame_, work_.packet.l3)) {
            dhcp46_plan_drop(&plan(), DHCP46_DROP_bad_csum);
            return false;
        }
        const auto message = frame_.subspan(work_.message.offset, work_.message.length);
        const Frame whole = join_option82(message, work_.reading.code);
        joined_.assign(frame_.begin(), frame_.end());
        std::copy(whole.begin(), whole.end(), joined_.begin() + work_.message.offset);
        store_unfinished_csum(joined_, work_.packet.l3);
        frame_ = joined_;
        return true;
    }

    Departure departure(Frame frame) {
        const bool is_up = plan().way == DHCP46_WAY_HOST;
        return {static_cast<dhcp46_way>(plan().way), is_up ? ifindex_ : plan().out_ifindex,
                plan().out_mtu, std::move(frame)};
    }

    // A plan is aimed at the first upstream, or at the only place where a reply can go.
    std::vector<Departure> depart() {
        std::vector<Departure> departures;
        departures.push_back(departure(apply(plan(), frame_)));
        if (!plan().copies)
            return departures;

        const std::uint32_t instance = owner_.link ? owner_.link->instance : owner_.own->instance;
        bool is_first = true;
        for (std::uint32_t slot = 0; slot < DHCP46_UPSTREAM_SLOTS; slot++) {
            const dhcp46_upstream *upstream = dhcp46_find_upstream(tables_, instance, slot);
            if (upstream && !is_first) {
                Frame copy = departures.back().frame;
                dhcp46_plan_aim(&plan(), upstream);
                apply_aim(plan(), copy);
                departures.push_back(departure(std::move(copy)));
            }
            if (upstream)
                is_first = false;
            if (upstream && dhcp46_is_last(upstream, slot))
                break;
        }
        return departures;
    }

    std::span<const std::uint8_t> frame_;
    std::uint32_t l2_length_;
    std::uint32_t ifindex_;
    const dhcp46_tables *tables_;
    Frame joined_;
    dhcp46_owner owner_ = {};
    dhcp46_work work_ = {};
};

} // namespace

Decision decide(std::span<const std::uint8_t> frame, bool has_ethernet, std::uint32_t ifindex,
                const Lookups &lookups) {
    return Packet(frame, has_ethernet, ifindex, lookups).decide();
}

} // namespace dhcp46
