// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the programs would do with packets. Pure.
#ifndef DHCP46_INSTANCE_SIMULATION_H
#define DHCP46_INSTANCE_SIMULATION_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dhcp46/abi.h"

namespace dhcp46 {

using Frame = std::vector<std::uint8_t>;

// A frame that would be sent.
struct SimulatedFrame {
    std::string device;   // by which it would leave
    bool to_host = false; // or come up into this host
    Frame bytes;
};

// What is counted for one packet.
struct Fate {
    std::string verdict = "not_ours"; // or relayed, dropped, passed, punted
    std::string name;                 // of what is relayed, the type; else the reason
    std::string text;                 // what the reason means
    std::vector<std::string> notes;   // facts about what is relayed

    bool is_ours() const { return verdict != "not_ours"; }
};

struct Simulated {
    std::size_t length = 0; // octets as it came
    Fate fate;
    std::string tier;     // xdp or tc; empty if it is not ours
    std::string instance; // whose packet it is; likewise
    std::vector<SimulatedFrame> frames;
};

struct Simulation {
    std::string name;           // of the instance
    std::string device;         // where the packets come in
    bool another_build = false; // than this dhcp46 attached the programs
    std::vector<Simulated> packets;
};

// By how its link's counters have moved.
Fate fate_of(const dhcp46_stats &moved);

} // namespace dhcp46

#endif // DHCP46_INSTANCE_SIMULATION_H
