// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The cases of tests/golden, and the map entries and ways out that make their worlds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/model.h"
#include "instance/tables.h"

namespace dhcp46::test {

struct GoldenCase {
    std::string name;
    std::string world;
    std::string changes; // "set", as JSON
    std::string on;      // the device where it comes in
    Frame in;
    std::uint32_t verdict;                   // enum dhcp46_verdict
    std::uint32_t reason = DHCP46_NO_REASON; // enum dhcp46_reason; a note, if relayed
    std::optional<std::uint32_t> type;       // enum dhcp46_type, if relayed; none: left open
    Frame out;                               // if relayed
    std::string to;                          // if relayed
    bool on_core = false, on_xdp = false, on_tc = false;
    bool xdp_hands_on = false; // XDP leaves it to TC, or to the stack
};

using Ifindexes = std::map<std::string, std::uint32_t>; // by the world's names of devices

struct GoldenDevice {
    std::string name;
    Mac mac;
    std::uint32_t mtu;
    std::optional<Mac> next_hop; // of everything that is routed out here
    std::string ipv4;            // its own address, if it has one
};

// A world as a case finds it.
struct Scene {
    Tables entries;  // what `dhcp46 attach` would write
    Network network; // the same, and the ways out
    Ifindexes ifindexes;

    std::uint32_t link_id(const std::string &device) const;
};

class Golden {
  public:
    // Reads the file that the environment variable DHCP46_GOLDEN_CASES names, else the one in the
    // source tree. Throws std::runtime_error.
    Golden();

    const std::vector<GoldenCase> &cases() const { return cases_; }
    const GoldenCase &find(const std::string &name) const;
    // Its devices, as `changes` makes them.
    std::vector<GoldenDevice> devices(const std::string &world,
                                      const std::string &changes = "{}") const;
    // The TSV, TRA or server that the instance sends to.
    std::string upstream(const std::string &world) const;
    Scene scene(const GoldenCase &golden, const Ifindexes &ifindexes) const;

  private:
    std::map<std::string, std::string> worlds_; // by name, as JSON
    std::vector<GoldenCase> cases_;
};

// The file, read once.
const Golden &golden();

std::string hex(const Frame &frame);
// A test's name may have letters, digits and _ only.
std::string test_name(const std::string &case_name);
// "dropped.hops" and the like; "none" for DHCP46_NO_REASON.
std::string reason_name(std::uint32_t reason);
std::string verdict_name(std::uint32_t verdict);

void PrintTo(const GoldenCase &golden, std::ostream *out); // for GoogleTest

} // namespace dhcp46::test
