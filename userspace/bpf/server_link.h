// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The veth pairs of tsv instances: made, kept and removed together with them.
#ifndef DHCP46_BPF_SERVER_LINK_H
#define DHCP46_BPF_SERVER_LINK_H

#include "bpf/hooks.h"
#include "bpf/undo.h"
#include "instance/server_link.h"

namespace dhcp46 {

// What the network looks like to XDP: a veth takes redirects where our program is on its peer, and
// not every kernel tells.
Result<Network> read_network_with(const Hooks &hooks);

// Makes the pair, or brings the one that is there up to date. `current` as it runs so far.
Status ensure_server_link(const Spec &spec, const Tables &current, Undo &undo);
// Takes away what earlier values of the instance left on its pair.
void finish_server_link(const Spec &spec);
void remove_server_links(const std::vector<std::string> &ours);

} // namespace dhcp46

#endif // DHCP46_BPF_SERVER_LINK_H
