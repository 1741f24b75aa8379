// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/simulation.h"

#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "capture/capture.h"
#include "cli/output.h"

using namespace dhcp46;
using Json = nlohmann::ordered_json;

TEST(Fate, NothingCountedIsNotOurs) {
    EXPECT_FALSE(fate_of({}).is_ours());
    EXPECT_EQ(fate_of({}).verdict, "not_ours");
}

TEST(Fate, RelayedByAnyTierWithNotes) {
    dhcp46_stats moved = {};
    moved.relayed.discover.tc = 1;
    moved.noted.upstream_skipped.packets = 2;
    const Fate fate = fate_of(moved);
    EXPECT_EQ(fate.verdict, "relayed");
    EXPECT_EQ(fate.name, "discover");
    EXPECT_EQ(fate.notes, std::vector<std::string>{"upstream_skipped"});
}

TEST(Fate, TheReasonAndWhatItMeans) {
    dhcp46_stats moved = {};
    moved.dropped.hops.packets = 1;
    EXPECT_EQ(fate_of(moved).verdict, "dropped");
    EXPECT_EQ(fate_of(moved).name, "hops");
    EXPECT_FALSE(fate_of(moved).text.empty());
    moved = {};
    moved.passed.other_host.packets = 1;
    EXPECT_EQ(fate_of(moved).verdict, "passed");
}

static Simulation three_packets() {
    Simulation simulation{"access", "eth1", false, {}};
    Simulated relayed{300, {"relayed", "discover", "", {"upstream_skipped"}}, "tc", "access", {}};
    relayed.frames = {{"eth0", false, {0x02, 0xff}}, {"eth1", true, {0x00}}};
    simulation.packets = {relayed, {64, {}, "", "", {}}};
    simulation.packets.push_back(
        {342, {"dropped", "hops", "more hops than allowed", {}}, "xdp", "access", {}});
    return simulation;
}

TEST(SimulationJson, AsTheContractSays) {
    EXPECT_EQ(simulation_json(three_packets()), Json::parse(R"({
        "name": "access", "device": "eth1", "another_build": false, "packets": [
        {"number": 1, "length": 300, "verdict": "relayed", "instance": "access", "tier": "tc",
         "type": "discover", "notes": ["upstream_skipped"], "frames": [
            {"device": "eth0", "to_host": false, "bytes": "02ff"},
            {"device": "eth1", "to_host": true, "bytes": "00"}]},
        {"number": 2, "length": 64, "verdict": "not_ours"},
        {"number": 3, "length": 342, "verdict": "dropped", "instance": "access", "tier": "xdp",
         "reason": "hops", "notes": [], "frames": []}]})"));
}

TEST(SimulationText, ALineForEachPacketAndFrame) {
    EXPECT_EQ(simulation_text(three_packets()),
              "   1   300 octets  relayed by tc: discover, noted upstream_skipped\n"
              "         2 octets  sent on eth0\n"
              "         1 octets  up into this host on eth1\n"
              "   2    64 octets  not ours\n"
              "   3   342 octets  dropped by xdp: hops, more hops than allowed\n");
    EXPECT_EQ(simulation_text({}), "the file has no packets\n");
}

// A file of its own, for as long as this lives.
class CaptureFile : public testing::Test {
  protected:
    CaptureFile() { close(mkstemp(path_.data())); }
    ~CaptureFile() override { std::remove(path_.c_str()); }

    std::string path_ = testing::TempDir() + "dhcp46-capture-XXXXXX";
};

TEST_F(CaptureFile, WhatIsWrittenIsRead) {
    const std::vector<Captured> packets = {{1700000000, 123456789, {1, 2, 3}}, {1700000001, 0, {}}};
    ASSERT_TRUE(write_capture(path_, packets));
    const auto read = read_capture(path_);
    ASSERT_TRUE(read) << read.error().why;
    ASSERT_EQ(read->size(), packets.size());
    for (std::size_t i = 0; i < packets.size(); i++) {
        EXPECT_EQ((*read)[i].seconds, packets[i].seconds);
        EXPECT_EQ((*read)[i].nanoseconds, packets[i].nanoseconds);
        EXPECT_EQ((*read)[i].bytes, packets[i].bytes);
    }
}

TEST_F(CaptureFile, AnythingElseIsRefused) {
    const auto empty = read_capture(path_);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().exit, Exit::runtime);
    EXPECT_EQ(empty.error().what, path_);
    EXPECT_FALSE(empty.error().hint.empty());
}
