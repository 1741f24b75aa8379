// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// From what is wanted and how the network looks to the links and addresses of an instance.
#ifndef DHCP46_INSTANCE_RESOLVE_H
#define DHCP46_INSTANCE_RESOLVE_H

#include <functional>
#include <vector>

#include "instance/spec.h"
#include "instance/tables.h"
#include "net/network.h"

namespace dhcp46 {

struct ResolvedLink {
    dhcp46_side side = DHCP46_SIDE_NONE;
    Device device;
    Ip6 source6;               // client side of a CRA, IPv6 side of the others; ::, none yet
    bool source_given = false; // with --source
    bool by_route = false;     // nobody named the device
};

struct Resolved {
    Spec spec;
    std::vector<ResolvedLink> links; // client links first, then IPv6, then server side
    Ip4 giaddr;                      // not of a CRA; 0.0.0.0: none yet
    Device server_end;               // TSV: of the link of which the server side has our end
};

using AddressPredicate = std::function<bool(const Ip6 &)>;

// The address to send from on a device (R-CRA-7): global before unique-local, configured before
// learnt; never temporary, deprecated, tentative or link-local. Of those that `taken` is true of,
// only if there is no other.
std::optional<Ip6> best_address6(const Device &device, const AddressPredicate &taken = {});

// An lcra's uplinks that nobody named are where the routes to its upstreams lead. One without a
// route has those that the instance has in `attached`.
// A CRA that has the choice takes an address that no other instance of `attached` uses: nobody has
// to know it beforehand. The service address of the others is known to their CRAs.
Result<Resolved> resolve(const Spec &spec, const Network &network, const RouteLookup &route,
                         const Tables &attached = {});

// An upstream that is an address of this host would send us our own packets, and one that is a
// link's broadcast address is no server. A TSV's is an address of this host, or will be.
Status check_upstream(dhcp46_role role, const Ip6 &upstream, const Network &network);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_RESOLVE_H
