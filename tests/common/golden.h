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
    Hook hook = Hook::ingress;
    Frame in;
    bool partial = false;  // its UDP checksum was left to the device: a tier that can know is told
    std::uint32_t verdict; // enum dhcp46_verdict
    std::uint32_t reason = DHCP46_NO_REASON; // enum dhcp46_reason; unless relayed
    std::vector<std::uint32_t> notes;        // enum dhcp46_reason; if relayed
    std::optional<std::uint32_t> type;       // enum dhcp46_type, if relayed; none: left open
    std::vector<Frame> out;                  // if relayed: in the order of upstreams
    std::string to;                          // if relayed: the device, or `host`
    bool on_core = false, on_xdp = false, on_tc = false;
    bool xdp_hands_on = false; // XDP leaves it to TC, or to the stack

    static constexpr const char *host = "host";
    // The MAC addresses of what leaves are a route's to say.
    bool is_routed() const { return to != host && to != "client" && to != "ours"; }
};

using Ifindexes = std::map<std::string, std::uint32_t>; // by the world's names of devices

struct GoldenDevice {
    std::string name;
    std::optional<Mac> mac; // none: it has no layer-2 header
    std::uint32_t mtu;
    std::optional<Mac> next_hop;           // of all IPv6 that is routed out here
    std::map<std::string, Mac> neighbours; // IPv4
    std::optional<Mac> other_end;          // of a link of two
    std::string ipv4;                      // its own address, if it has one

    bool is_routed_to() const { return !mac || next_hop || !neighbours.empty(); }
};

// What the routes of a case say against those of its world.
struct GoldenRoutes {
    std::vector<std::string> unreachable;
    std::map<std::string, std::uint32_t> mtus;

    bool operator==(const GoldenRoutes &) const = default;
};

// A world as a case finds it.
struct Scene {
    Tables entries;  // what `dhcp46 attach` would write
    Network network; // the same, and the ways out
    Ifindexes ifindexes;

    // Of the link where the case's frame is counted.
    std::uint32_t link_id(const GoldenCase &golden) const;
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
    static GoldenRoutes routes(const std::string &changes);
    Scene scene(const GoldenCase &golden, const Ifindexes &ifindexes) const;

  private:
    std::map<std::string, std::string> worlds_; // by name, as JSON
    std::vector<GoldenCase> cases_;
};

// The file, read once.
const Golden &golden();

// Where the model does something else than the case says; empty: nowhere.
std::string difference(const GoldenCase &each, const Scene &scene, const Outcome &outcome);

std::string hex(const Frame &frame);
// A test's name may have letters, digits and _ only.
std::string test_name(const std::string &case_name);
// "dropped.hops" and the like; "none" for DHCP46_NO_REASON.
std::string reason_name(std::uint32_t reason);
std::string verdict_name(std::uint32_t verdict);

void PrintTo(const GoldenCase &golden, std::ostream *out); // for GoogleTest

} // namespace dhcp46::test
