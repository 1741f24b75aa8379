// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Sends what the slow path has made. No socket here holds a port, so that a DHCP server or relay on
// this host is not in its way (E-42), and none receives anything.
#pragma once

#include "slowpath/relay.h"
#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

class Transmitter {
  public:
    static Result<Transmitter> open();

    // 0, or what errno says of it. By route the host's stack finds the next hop, and fragments at
    // the source what is too big for the way (E-33); to a link and up into the host it goes as it
    // is, in IPv4 fragments if need be.
    int send(const Departure &departure) const;

  private:
    int send_ipv6(const Departure &departure) const;
    int send_ipv4(const Departure &departure) const;

    Fd ipv6_;    // raw UDP
    Fd ipv4_;    // raw UDP
    Fd link_;    // packet socket
    Fd to_host_; // packet socket, with the mark that our egress program turns round
};

} // namespace dhcp46
