// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The bound sockets: they receive what the host's stack has made of fragments and extension
// headers, and keep it from answering UDP 67 with port-unreachable (E-46).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "instance/tables.h"
#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

// Where a socket listens on UDP 67.
struct Listening {
    enum class Kind {
        ipv4, // on an own address, or the broadcast address
        ipv6, // on every address
        link, // whatever comes in on the device, fragments put together
    };
    Kind kind = Kind::ipv4;
    Ip4 address;
    std::uint32_t ifindex = 0; // of the only device; 0: all

    bool operator==(const Listening &) const = default;
    bool operator<(const Listening &other) const {
        return std::tie(kind, address.octets, ifindex) <
               std::tie(other.kind, other.address.octets, other.ifindex);
    }
};

std::string to_string(const Listening &place);

// Never on every IPv4 address: there, a DHCP server of this host may listen, and what is for it is
// not ours (E-42). A TRA's giaddr, and broadcasts on the link of an lcra. The giaddr of a TSV is no
// address of the host, whose server could not send to it else: on that link a packet socket
// listens.
std::set<Listening> places_to_listen(const Tables &tables);

// In one piece.
struct Received {
    std::vector<std::uint8_t> frame;
    bool has_ethernet = false;
    std::uint32_t ifindex = 0; // where it came in
};

class Receiver {
  public:
    // Opens and closes sockets until they are those. Returns the places that could not be had, each
    // with what errno says, and tries again next time.
    std::map<Listening, int> listen(const std::set<Listening> &places);

    std::vector<int> fds() const;
    // The next packet of one of the sockets; none: there is no more now.
    std::optional<Received> receive(int fd);

  private:
    std::optional<Received> receive_datagram(int fd);
    std::optional<Received> receive_packet(int fd);

    std::vector<std::uint8_t> buffer_;
    std::map<Listening, Fd> sockets_;
};

} // namespace dhcp46
