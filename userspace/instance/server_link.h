// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Which veth pair a tsv wants, and what of it is there. Pure.
#ifndef DHCP46_INSTANCE_SERVER_LINK_H
#define DHCP46_INSTANCE_SERVER_LINK_H

#include <string>
#include <vector>

#include "instance/spec.h"
#include "instance/tables.h"
#include "net/network.h"
#include "net/server_link.h"

namespace dhcp46 {

inline constexpr const char *our_end_suffix = "-rly";
inline std::string our_end_name(const std::string &instance) {
    return instance + our_end_suffix;
}
inline std::string default_server_end_name(const std::string &instance) {
    return instance + "-srv";
}

// The MAC addresses are set, so that udev leaves them alone, and known, so that a pair which a call
// left that was killed is known for ours.
ServerLink server_link_of(const Spec &spec);

bool is_there(const ServerLink &link, const Network &network);
// The network as it will be when the instance has its pair. Refuses devices with the names of the
// two ends that are not the two ends of one pair.
Result<Network> with_server_link(const Spec &spec, const Network &network);

// The end where the server listens, as it is called now; empty: there is none.
std::string server_end_now(const Spec &spec, const Network &network);
Network without_server_link(const Spec &spec, Network network);

// The servers' ends of all pairs, by ifindex.
std::vector<unsigned> server_ends(const Tables &tables, const Network &network);
// Our ends of the pairs that go with the instance.
std::vector<std::string> server_links_of(const Tables &tables, std::uint32_t instance,
                                         const Network &network);
// Our ends of pairs that no instance uses. `name`: only that instance's; empty: all.
std::vector<std::string> stray_server_links(const Tables &tables, const Network &network,
                                            const std::string &name);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_SERVER_LINK_H
