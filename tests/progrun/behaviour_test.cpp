// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What depends on more than one frame and one configuration: the controller, upstreams, routes and
// neighbours, the devices, odd frames.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <time.h>

#include <gtest/gtest.h>

#include "dhcp46/wire.h"
#include "progrun/lab.h"

using namespace dhcp46::test;

namespace {

constexpr const char *cra_request = "cra-request/lease-discover";
constexpr const char *cra_reply = "cra-reply/lease-offer";
constexpr const char *tra_request = "tra-request/lease-discover";
constexpr const char *tra_reply = "tra-reply/lease-offer";
constexpr const char *all_paths[] = {cra_request, cra_reply, tra_request, tra_reply};
constexpr const char *hcra_request = "hcra-request/lease-discover";
constexpr const char *hcra_reply = "hcra-reply/lease-offer";
constexpr const char *routed_paths[] = {cra_request, tra_request, tra_reply};
constexpr const char *punted = "cra-reply/options-65";

std::uint64_t now() {
    timespec time = {};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1000000000u +
           static_cast<std::uint64_t>(time.tv_nsec);
}

// One golden case, in its lab.
class Stage {
  public:
    explicit Stage(const std::string &name)
        : each(golden().find(name)), lab(Lab::enter(each.world)), scene(lab.prepare(each)),
          ifindex(scene.ifindexes.at(each.on)), link_id(scene.link_id(each)), frame(each.in) {}

    void reconfigure() { lab.programs.configure(scene.entries); }

    void run(Program program, SkbShape shape = {}) { run_on(each.on, program, shape); }

    void run_on(const std::string &device, Program program, SkbShape shape) {
        lab.programs.clear_counters();
        ran = lab.programs.run(program, frame, scene.ifindexes.at(device), shape);
        counters = lab.programs.counters();
    }

    void expect_xdp_passes() {
        run(Program::xdp);
        ASSERT_TRUE(ran);
        EXPECT_EQ(ran->action, XDP_PASS);
        EXPECT_EQ(hex(ran->out), hex(frame));
        EXPECT_EQ(counters, CounterLines{});
    }

    void expect_xdp_relays() {
        run(Program::xdp);
        ASSERT_TRUE(ran);
        EXPECT_EQ(ran->action, XDP_REDIRECT);
        EXPECT_EQ(hex(ran->out), hex(each.out.front()));
        EXPECT_EQ(counters, CounterLines{relayed("xdp")});
    }

    void expect_tc_relays(const CounterLines &notes = {}) {
        run(tc_program());
        ASSERT_TRUE(ran);
        EXPECT_EQ(ran->action, TC_ACT_REDIRECT);
        const std::size_t from = each.is_routed() ? 2 * ETH_TYPE : 0;
        EXPECT_EQ(hex(ran->out).substr(from), hex(each.out.front()).substr(from));
        CounterLines wanted = {relayed("tc")};
        wanted.insert(wanted.end(), notes.begin(), notes.end());
        EXPECT_EQ(counters, wanted);
    }

    void expect_tc_drops(std::uint32_t reason) { expect_tc(TC_ACT_SHOT, reason); }
    void expect_tc_passes(std::uint32_t reason) { expect_tc(TC_ACT_UNSPEC, reason); }

    std::string count(std::uint32_t reason) const {
        return count_line(link_id, reason, frame.size());
    }

    const GoldenCase &each;
    Lab &lab;
    Scene scene;
    std::uint32_t ifindex;
    std::uint32_t link_id;
    Frame frame;
    std::optional<Ran> ran;
    CounterLines counters;

  private:
    Program tc_program() const { return each.hook == Hook::egress ? Program::egress : Program::tc; }

    void expect_tc(int action, std::uint32_t reason) {
        run(tc_program());
        ASSERT_TRUE(ran);
        EXPECT_EQ(ran->action, action);
        EXPECT_EQ(hex(ran->out), hex(frame));
        EXPECT_EQ(counters, CounterLines{count(reason)});
    }

    std::string relayed(const std::string &tier) const {
        const std::string type = *each.type == DHCP46_TYPE_offer ? "offer" : "discover";
        return relayed_line(link_id, type, tier, frame.size());
    }
};

// ---- the controller ----

TEST(Controller, GetsWhatIsPunted) {
    for (const char *name : {punted, "cra-request/options-66", "cra-request/length-1453",
                             "tra-request/options-200", "tra-reply/split-behind-code"}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        const std::uint64_t before = now();
        stage.lab.programs.set_heartbeat(before);
        stage.expect_xdp_passes();
        stage.expect_tc_drops(stage.each.reason); // taken away from the stack

        const auto punts = stage.lab.programs.take_punts();
        ASSERT_EQ(punts.size(), 1u);
        const dhcp46_punt &punt = punts.front();
        EXPECT_GE(punt.time_ns, before);
        EXPECT_LE(punt.time_ns, now());
        EXPECT_EQ(punt.ifindex, stage.ifindex);
        EXPECT_EQ(punt.link_id, stage.link_id);
        EXPECT_EQ(punt.reason, stage.each.reason);
        EXPECT_EQ(punt.l2_length, 14);
        ASSERT_EQ(punt.length, stage.frame.size());
        EXPECT_EQ(hex(Frame(punt.frame, punt.frame + punt.length)), hex(stage.frame));
    }
}

TEST(Controller, IsGoneWithoutAHeartbeat) {
    Stage stage(punted);
    const std::uint64_t stale = now() - DHCP46_HEARTBEAT_MAX_AGE_NS - 1000000u;
    for (const std::uint64_t heartbeat : {std::uint64_t{0}, stale}) {
        stage.lab.programs.set_heartbeat(heartbeat);
        stage.expect_tc_drops(DHCP46_DROP_no_controller);
    }
    EXPECT_TRUE(stage.lab.programs.take_punts().empty());
}

TEST(Controller, DoesNotKeepUp) {
    Stage stage(punted);
    std::size_t taken = 0;
    do {
        stage.lab.programs.set_heartbeat(now());
        stage.run(Program::tc);
    } while (stage.counters == CounterLines{stage.count(stage.each.reason)} && ++taken < 1000);
    EXPECT_EQ(stage.counters, CounterLines{stage.count(DHCP46_DROP_punt_full)});
    EXPECT_EQ(stage.ran->action, TC_ACT_SHOT);
    EXPECT_EQ(taken, std::size_t{DHCP46_PUNT_SHARE}); // the rest of the ring is for other links

    EXPECT_EQ(stage.lab.programs.take_punts().size(), taken);
    stage.lab.programs.set_heartbeat(now());
    stage.expect_tc_drops(stage.each.reason);
    EXPECT_EQ(stage.lab.programs.take_punts().size(), 1u);
}

// What the controller has made of a packet stands with what the programs have.
TEST(Controller, CountsByTheKernel) {
    Stage stage(punted);
    stage.lab.programs.clear_counters();
    const dhcp46_fate relayed = {stage.link_id, DHCP46_NO_REASON, DHCP46_TYPE_offer, 342, 0, 0};
    const dhcp46_fate noted = {
        stage.link_id, DHCP46_NOTE_upstream_skipped, DHCP46_TYPE_offer, 342, 0, 0};
    const dhcp46_fate dropped = {stage.link_id, DHCP46_DROP_send_failed, DHCP46_TYPES, 400, 0, 0};
    stage.lab.programs.count({relayed, noted, dropped});

    EXPECT_EQ(stage.lab.programs.counters(),
              (CounterLines{
                  "link " + std::to_string(stage.link_id) + " relayed.offer slow 2 bytes 684",
                  count_line(stage.link_id, DHCP46_DROP_send_failed, 400),
                  count_line(stage.link_id, DHCP46_NOTE_upstream_skipped, 342),
              }));
}

// A frame can be larger than a record: it is not cut.
TEST(Controller, GetsNoPartOfAFrame) {
    Stage stage("cra-request/length-1453");
    stage.frame.resize(DHCP46_PUNT_FRAME_SIZE);
    stage.lab.programs.set_heartbeat(now());
    stage.expect_tc_drops(DHCP46_PUNT_too_big);
    EXPECT_EQ(stage.lab.programs.take_punts().size(), 1u);
    stage.frame.resize(DHCP46_PUNT_FRAME_SIZE + 1);
    stage.expect_tc_drops(DHCP46_DROP_punt_full);
    EXPECT_TRUE(stage.lab.programs.take_punts().empty());
}

TEST(Controller, ReadsWhatTheStackReassembles) {
    for (const char *name : {"cra-reply/extension-hop-by-hop", "cra-reply/fragment-first",
                             "tra-request/extension-all-three", "tra-request/fragment-atomic"}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.lab.programs.set_heartbeat(now());
        stage.expect_xdp_passes();
        stage.expect_tc_passes(DHCP46_PASS_to_controller);
    }
}

// ---- an HCRA: on the way out of this host, and up into it ----

// What the controller has for this host's client: a packet socket has sent it.
TEST(Hcra, TurnsRoundWhatIsForTheHost) {
    Stage stage(hcra_request);
    stage.run(Program::egress, {.mark = DHCP46_MARK_TO_HOST});
    ASSERT_TRUE(stage.ran);
    EXPECT_EQ(stage.ran->action, TC_ACT_REDIRECT);
    EXPECT_EQ(hex(stage.ran->out), hex(stage.frame));
    EXPECT_EQ(stage.ran->mark, 0u);
    EXPECT_EQ(stage.counters, CounterLines{});
}

TEST(Hcra, PuntsOnTheWayOut) {
    for (const char *name : {"hcra-request/options-65", "hcra-request/length-1453"}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.lab.programs.set_heartbeat(now());
        stage.expect_tc_drops(stage.each.reason);
        const auto punts = stage.lab.programs.take_punts();
        ASSERT_EQ(punts.size(), 1u);
        EXPECT_EQ(punts.front().ifindex, stage.ifindex);
        EXPECT_EQ(punts.front().link_id, stage.link_id);
        ASSERT_EQ(punts.front().length, stage.frame.size());
        EXPECT_EQ(hex(Frame(punts.front().frame, punts.front().frame + punts.front().length)),
                  hex(stage.frame));
    }
}

// R-CRA-18: what a bridge forwards out of the device is another host's.
TEST(Hcra, TakesNothingThatIsForwarded) {
    RecordProperty("ids", "R-CRA-18");
    Stage stage(hcra_request);
    for (const std::uint32_t came_in_on : {1u, stage.ifindex}) {
        stage.run(Program::egress, {.ingress_ifindex = came_in_on});
        ASSERT_TRUE(stage.ran);
        EXPECT_EQ(stage.ran->action, TC_ACT_UNSPEC);
        EXPECT_EQ(hex(stage.ran->out), hex(stage.frame));
        EXPECT_EQ(stage.counters, CounterLines{});
    }
    stage.expect_tc_relays();
}

TEST(Hcra, TakesNothingThatIsJoinedOrCut) {
    Stage stage(hcra_request);
    stage.run(Program::egress, {.gso_size = 308});
    ASSERT_TRUE(stage.ran);
    EXPECT_EQ(stage.ran->action, TC_ACT_SHOT);
    EXPECT_EQ(stage.counters, CounterLines{stage.count(DHCP46_DROP_coalesced)});
    for (std::size_t cut = ETH_LENGTH + IPV4_LENGTH; cut < stage.each.in.size(); cut++) {
        stage.frame.resize(cut);
        std::copy_n(stage.each.in.begin(), cut, stage.frame.begin());
        stage.run(Program::egress);
        ASSERT_TRUE(stage.ran);
        EXPECT_NE(stage.ran->action, TC_ACT_REDIRECT) << cut;
        EXPECT_EQ(stage.counters.size(), stage.ran->action == TC_ACT_SHOT ? 1u : 0u) << cut;
    }
}

// No device has to take a redirect: the reply goes up.
TEST(Hcra, RepliesNeedNoDeviceThatTakesRedirects) {
    Stage stage(hcra_reply);
    stage.scene.entries.tx_devices.clear();
    stage.reconfigure();
    stage.run(Program::xdp);
    ASSERT_TRUE(stage.ran);
    EXPECT_EQ(stage.ran->action, XDP_PASS);
    EXPECT_EQ(hex(stage.ran->out), hex(stage.each.out.front()));
}

// It has one device for both sides, and needs no route to know it, be the host a router or not.
TEST(Hcra, RequestsLeaveByTheirDevice) {
    Stage stage(hcra_request);
    stage.lab.set_default_route("link", false);
    stage.expect_tc_relays();
    Lab::set_forwarding(false);
    stage.expect_tc_relays();
    Lab::set_forwarding(true);
    stage.lab.set_default_route("link", true);
}

// What a device without a layer-2 header hands to the controller begins with the IP header.
TEST(Controller, GetsPacketsWithoutEthernet) {
    Stage stage("tra-request/tun-options-65");
    stage.lab.programs.set_heartbeat(now());
    stage.lab.wire(stage.each.on).give(stage.frame, false);
    const auto punts = stage.lab.programs.take_punts();
    ASSERT_EQ(punts.size(), 1u);
    EXPECT_EQ(punts.front().l2_length, 0);
    ASSERT_EQ(punts.front().length, stage.frame.size());
    EXPECT_EQ(hex(Frame(punts.front().frame, punts.front().frame + punts.front().length)),
              hex(stage.frame));
}

// ---- upstreams ----

// The one that the case's world has.
dhcp46_upstream usual_upstream(const Stage &stage) {
    return stage.scene.entries.upstreams.begin()->second;
}

dhcp46_upstream other_upstream(const Stage &stage) {
    dhcp46_upstream upstream = usual_upstream(stage);
    upstream.address[15] = 99;
    return upstream;
}

using Slots = std::map<std::uint32_t, dhcp46_upstream>;

void set_upstreams(Stage &stage, const Slots &slots, std::uint16_t flags_of_the_first) {
    const std::uint32_t instance = stage.scene.entries.upstreams.begin()->first.instance;
    stage.scene.entries.upstreams.clear();
    for (auto [slot, upstream] : slots) {
        upstream.flags = slot == slots.begin()->first ? flags_of_the_first : std::uint16_t{0};
        stage.scene.entries.upstreams[{instance, slot}] = upstream;
    }
    stage.reconfigure();
}

// What the command line promises is believed: the slots behind are not looked at.
TEST(Upstreams, LastIsAPromise) {
    Stage stage(cra_request);
    set_upstreams(stage, {{0, usual_upstream(stage)}, {1, other_upstream(stage)}},
                  DHCP46_UPSTREAM_LAST);
    stage.expect_xdp_relays();
    stage.expect_tc_relays();
}

TEST(Upstreams, OneWithoutThePromise) {
    Stage stage(cra_request);
    set_upstreams(stage, {{0, usual_upstream(stage)}}, 0);
    stage.expect_xdp_relays();
    stage.expect_tc_relays();
}

// As bpftool may leave them; port 0 is 67.
TEST(Upstreams, SlotsMayHaveGaps) {
    for (const char *name : {cra_request, tra_request}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        dhcp46_upstream upstream = usual_upstream(stage);
        upstream.port = 0;
        set_upstreams(stage, {{3, upstream}}, 0);
        stage.expect_xdp_relays();
        stage.expect_tc_relays();
    }
}

TEST(Upstreams, EachMayReply) {
    for (const char *name : {cra_reply, tra_reply}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        set_upstreams(stage, {{0, other_upstream(stage)}, {7, usual_upstream(stage)}}, 0);
        stage.expect_xdp_relays();
        stage.expect_tc_relays();
    }
}

// ---- copies: golden cases hold them to the octet ----

constexpr std::uint32_t copy_mark = 0x64683436; // "dh46", as in bpf/tc.h

constexpr const char *copied[] = {"cra-request/copies-8", "tra-request/copies-8"};

// A clone as it comes to the egress program: the next hop is not known yet.
Frame without_next_hop(Frame frame) {
    std::fill_n(frame.begin(), ETH_TYPE, std::uint8_t{0});
    return frame;
}

TEST(Copies, GetTheirNextHopOnTheWayOut) {
    for (const char *name : {"cra-request/copies-ports", "tra-request/copies-ports",
                             "cra-request/copies-length-full", "tra-request/copies-length-full"}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        for (const Frame &copy : stage.each.out) {
            stage.frame = without_next_hop(copy);
            stage.run_on(stage.each.to, Program::egress, {.mark = copy_mark});
            EXPECT_EQ(stage.ran->action, TC_ACT_REDIRECT);
            EXPECT_EQ(stage.ran->mark, 0u);
            EXPECT_EQ(hex(stage.ran->out), hex(stage.frame));
            EXPECT_EQ(stage.counters, CounterLines{});
        }
    }
}

TEST(Copies, AreNotTakenForCopiesWithoutTheMark) {
    for (const char *name : copied) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.frame = stage.each.out.front();
        for (const std::uint32_t mark : {0u, copy_mark - 1, copy_mark << 8}) {
            stage.run_on(stage.each.to, Program::egress, {.mark = mark});
            EXPECT_EQ(stage.ran->action, TC_ACT_UNSPEC);
            EXPECT_EQ(stage.ran->mark, mark);
        }
    }
}

struct Patch {
    std::size_t offset;
    Frame octets;
};

Frame patched(Frame frame, const Patch &patch) {
    std::copy(patch.octets.begin(), patch.octets.end(),
              frame.begin() + static_cast<std::ptrdiff_t>(patch.offset));
    return frame;
}

// Somebody else may use the same mark.
TEST(Copies, OthersPacketsWithTheMarkPass) {
    const Patch not_udp4 = {ETH_LENGTH + IPV4_PROTOCOL, {6}},
                not_udp6 = {ETH_LENGTH + IPV6_NEXT, {6}},
                other_port4 = {ETH_LENGTH + IPV4_LENGTH, {0, 68}},
                other_port6 = {ETH_LENGTH + IPV6_LENGTH, {0, 68}},
                with_options = {ETH_LENGTH, {0x46}}, arp = {ETH_TYPE, {0x08, 0x06}};
    const std::pair<const char *, std::vector<Patch>> both[] = {
        {copied[0], {not_udp6, other_port6, arp}},
        {copied[1], {not_udp4, other_port4, with_options, arp}}};

    for (const auto &[name, patches] : both) {
        SCOPED_TRACE(name);
        Stage stage(name);
        for (const Patch &patch : patches) {
            stage.frame = patched(stage.each.out.front(), patch);
            stage.run_on(stage.each.to, Program::egress, {.mark = copy_mark});
            EXPECT_EQ(stage.ran->action, TC_ACT_UNSPEC);
            EXPECT_EQ(stage.ran->mark, copy_mark);
            EXPECT_EQ(hex(stage.ran->out), hex(stage.frame));
        }
        for (const std::size_t length : {54u, 60u}) { // too short for ports over IPv6
            stage.frame = stage.each.out.front();
            stage.frame.resize(length);
            stage.run_on(stage.each.to, Program::egress, {.mark = copy_mark});
            EXPECT_EQ(stage.ran->action == TC_ACT_UNSPEC, name == copied[0]) << length;
        }
    }
}

// The packet itself is the last copy: it bears whatever mark it had.
TEST(Copies, ThePacketKeepsItsMark) {
    for (const char *name : copied) {
        for (const std::uint32_t mark : {0u, 7u}) {
            Stage stage(name);
            stage.run(Program::tc, {.mark = mark});
            ASSERT_TRUE(stage.ran);
            EXPECT_EQ(stage.ran->action, TC_ACT_REDIRECT);
            EXPECT_EQ(stage.ran->mark, mark);
        }
    }
}

// All are asked for; nothing is lost (E-44). The last copy's redirect is not part of a test run.
TEST(Copies, WaitForUnknownNeighbours) {
    for (const char *name : copied) {
        SCOPED_TRACE(name);
        Stage stage(name);
        const auto &clones = stage.each.out.size() - 1;
        stage.lab.set_next_hops(stage.each.to, false);
        stage.lab.forget_what_left();
        stage.run(Program::tc);
        EXPECT_EQ(stage.lab.wire(stage.each.to).take().size(), 0u);
        stage.lab.set_next_hops(stage.each.to, true);
        const std::vector<Frame> left = stage.lab.wire(stage.each.to).take();
        EXPECT_EQ(left.size(), std::min<std::size_t>(clones, 7));
        for (const Frame &frame : left)
            EXPECT_TRUE(std::find(stage.each.out.begin(), stage.each.out.end(), frame) !=
                        stage.each.out.end());
    }
}

// Each upstream has the way of its own route.
TEST(Copies, LeaveByDifferentDevices) {
    Stage stage("tra-request/copies-3");
    const Frame middle = stage.each.out[1];
    const std::string server = "198.51.100.3";
    stage.lab.set_host_route(server, "v6", true);
    stage.run(Program::tc);
    const std::vector<Frame> by_v4 = stage.lab.wire("v4").take(),
                             by_v6 = stage.lab.wire("v6").take();
    stage.lab.set_host_route(server, "v6", false);

    ASSERT_EQ(by_v4.size(), 1u);
    EXPECT_EQ(hex(by_v4.front()), hex(stage.each.out[0]));
    ASSERT_EQ(by_v6.size(), 1u);
    EXPECT_EQ(hex(by_v6.front()).substr(2 * ETH_TYPE), hex(middle).substr(2 * ETH_TYPE));
    EXPECT_EQ(hex(stage.ran->out).substr(2 * ETH_TYPE),
              hex(stage.each.out[2]).substr(2 * ETH_TYPE));
}

TEST(Copies, SlotsMayHaveGaps) {
    Stage stage("cra-request/copies-3");
    Slots slots;
    std::uint32_t slot = 1;
    for (const auto &[key, upstream] : stage.scene.entries.upstreams) {
        slots[slot] = upstream;
        slot += 3;
    }
    set_upstreams(stage, slots, 0);
    stage.expect_xdp_passes();
    stage.lab.forget_what_left();
    stage.run(Program::tc);
    const std::vector<Frame> clones = stage.lab.wire(stage.each.to).take();
    ASSERT_EQ(clones.size(), 2u);
    EXPECT_EQ(hex(clones[0]), hex(stage.each.out[0]));
    EXPECT_EQ(hex(clones[1]), hex(stage.each.out[1]));
    EXPECT_EQ(hex(stage.ran->out).substr(2 * ETH_TYPE),
              hex(stage.each.out[2]).substr(2 * ETH_TYPE));
}

TEST(Copies, NoneGoesBehindTheLast) {
    Stage stage("cra-request/copies-3");
    for (auto &[key, upstream] : stage.scene.entries.upstreams)
        upstream.flags = key.slot == 1 ? DHCP46_UPSTREAM_LAST : 0;
    stage.reconfigure();
    stage.expect_xdp_passes();
    stage.lab.forget_what_left();
    stage.run(Program::tc);
    const std::vector<Frame> clones = stage.lab.wire(stage.each.to).take();
    ASSERT_EQ(clones.size(), 1u);
    EXPECT_EQ(hex(clones[0]), hex(stage.each.out[0]));
    EXPECT_EQ(hex(stage.ran->out).substr(2 * ETH_TYPE),
              hex(stage.each.out[1]).substr(2 * ETH_TYPE));
}

// ---- routes, neighbours, devices ----

TEST(Ways, WithoutANeighbourTcAsks) {
    for (const char *name : routed_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.lab.set_next_hops(stage.each.to, false);
        stage.lab.programs.forget_next_hops();
        stage.expect_xdp_passes();
        stage.expect_tc_relays();
        stage.lab.set_next_hops(stage.each.to, true);
        stage.expect_xdp_relays();
    }
}

// What the kernel said of a next hop holds for some ticks, and not for ever.
TEST(Ways, AnswersOfTheKernelAreKeptForAWhile) {
    for (const char *name : routed_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.lab.set_next_hops(stage.each.to, true);
        stage.expect_xdp_relays();
        const std::uint64_t asked = now();
        stage.lab.set_next_hops(stage.each.to, false);
        stage.run(Program::xdp);
        const std::uint64_t shortest = 25'000'000; // 25 ticks of a kernel with 1,000 in a second
        if (now() - asked < shortest) {
            EXPECT_EQ(stage.ran->action, XDP_REDIRECT);
        }
        const std::uint64_t longest = 1'000'000'000; // with 100 it is 250 ms
        while (stage.ran->action != XDP_PASS && now() - asked < longest)
            stage.run(Program::xdp);
        EXPECT_EQ(stage.ran->action, XDP_PASS);
        stage.lab.set_next_hops(stage.each.to, true);
    }
}

TEST(Ways, WithoutARoute) {
    for (const char *name : {cra_request, tra_reply}) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.lab.set_default_route(stage.each.to, false);
        stage.lab.programs.forget_next_hops();
        stage.expect_xdp_passes();
        stage.expect_tc_drops(DHCP46_DROP_no_route);
        stage.lab.set_default_route(stage.each.to, true);
        stage.expect_xdp_relays();
    }
}

// A host that is no router: the only device on the other side is the way.
TEST(Ways, WithoutForwarding) {
    for (const char *name : routed_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        Lab::set_forwarding(false);
        stage.lab.programs.forget_next_hops();
        stage.expect_xdp_passes();
        stage.expect_tc_relays();

        for (auto &[key, link] : stage.scene.entries.links)
            link.out_ifindex = link.out_mtu = 0;
        for (auto &[key, address] : stage.scene.entries.addresses)
            address.out_ifindex = address.out_mtu = 0;
        stage.reconfigure();
        stage.expect_tc_drops(DHCP46_DROP_no_route);
        Lab::set_forwarding(true);
        stage.expect_xdp_relays(); // the route alone is enough
    }
}

TEST(Ways, XdpTakesOnlyDevicesThatCan) {
    for (const char *name : all_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.scene.entries.tx_devices.clear();
        stage.reconfigure();
        stage.expect_xdp_passes();
        stage.expect_tc_relays();
    }
}

// ---- frames ----

// D-15: what stands behind is cut, however much it is.
TEST(Frames, Large) {
    for (const char *name : all_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.frame.resize(3000, 0xaa);
        stage.expect_xdp_relays();
        stage.expect_tc_relays();
    }
}

TEST(Frames, Nonlinear) {
    for (const char *name : all_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.run(Program::tc, {.linear = 64});
        if (!stage.ran)
            GTEST_SKIP() << "this kernel's test runs have linear skbs only";
        EXPECT_EQ(stage.ran->action, TC_ACT_REDIRECT);
        const std::size_t from = stage.each.is_routed() ? 2 * ETH_TYPE : 0;
        EXPECT_EQ(hex(stage.ran->out).substr(from), hex(stage.each.out.front()).substr(from));
    }
}

// Each beginning of a good frame: dropped or left alone, never relayed, and counted once at most.
TEST(Frames, CutAnywhere) {
    for (const char *name : all_paths) {
        Stage stage(name);
        for (std::size_t cut = ETH_LENGTH; cut < stage.each.in.size(); cut++) {
            SCOPED_TRACE(std::string(name) + " cut to " + std::to_string(cut));
            stage.frame.assign(stage.each.in.begin(),
                               stage.each.in.begin() + static_cast<std::ptrdiff_t>(cut));
            stage.run(Program::xdp);
            ASSERT_TRUE(stage.ran);
            EXPECT_NE(stage.ran->action, XDP_REDIRECT);
            EXPECT_EQ(stage.counters.size(), stage.ran->action == XDP_DROP ? 1u : 0u);
            stage.run(Program::tc);
            if (!stage.ran) // too short for a TC test run
                continue;
            EXPECT_NE(stage.ran->action, TC_ACT_REDIRECT);
            EXPECT_EQ(stage.counters.size(), stage.ran->action == TC_ACT_SHOT ? 1u : 0u);
        }
    }
}

// E-31: what XDP sees on the parent of a VLAN device is for the stack to untag.
// Receive offload joins datagrams that have addresses and ports in common, as all of a CRA's have:
// what TC would rewrite is only the first of them.
TEST(Frames, Coalesced) {
    for (const char *name : all_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.run(Program::tc, {.gso_size = 308});
        ASSERT_TRUE(stage.ran);
        EXPECT_EQ(stage.ran->action, TC_ACT_SHOT);
        EXPECT_EQ(hex(stage.ran->out), hex(stage.frame));
        EXPECT_EQ(stage.counters, CounterLines{stage.count(DHCP46_DROP_coalesced)});
    }
}

TEST(Frames, Tagged) {
    for (const char *name : all_paths) {
        SCOPED_TRACE(name);
        Stage stage(name);
        stage.frame.insert(stage.frame.begin() + ETH_TYPE, {0x81, 0x00, 0x00, 0x07});
        stage.expect_xdp_passes();
        stage.expect_tc_passes(DHCP46_PASS_vlan_tagged);
    }
}

} // namespace
