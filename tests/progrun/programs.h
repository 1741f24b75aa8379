// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The compiled programs, loaded, with maps of their own: run on single frames.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model.h"
#include "instance/tables.h"

struct bpf_object;

namespace dhcp46::test {

enum class Program { xdp, tc, tc_l3, egress, account };

// What a program did with a frame.
struct Ran {
    std::int32_t action;
    Frame out;
    std::uint32_t mark; // TC
};

// As counters.def names them, for one link: "relayed.offer tc 1 bytes 342",
// "dropped.hops packets 1 bytes 342".
using CounterLines = std::vector<std::string>;

const char *name_of(Program kind);

std::string relayed_line(std::uint32_t link_id, const std::string &type, const std::string &tier,
                         std::size_t bytes);
std::string count_line(std::uint32_t link_id, std::uint32_t reason, std::size_t bytes,
                       std::size_t packets = 1);

// What TC may see of a frame besides its octets.
struct SkbShape {
    std::uint32_t linear = 0;   // octets in the head; 0: all of them
    std::uint32_t gso_size = 0; // octets of each of the datagrams that were joined; 0: it is one
    std::uint32_t mark = 0;
    std::uint32_t ingress_ifindex = 0; // where a packet that is forwarded came in
};

// Over all CPUs.
struct UpstreamCounts {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    dhcp46_upstream_times times = {};
};

class Programs {
  public:
    Programs(); // throws std::runtime_error

    // Makes the configuration maps hold exactly these. Devices are those of the calling thread's
    // network namespace.
    void configure(const Tables &entries);
    void set_heartbeat(std::uint64_t ns);
    // XDP keeps answers of the routing table for a while; here routes and neighbours change faster.
    void forget_next_hops() const;

    // None: this kernel does not run a program on such a frame.
    std::optional<Ran> run(Program kind, const Frame &frame, std::uint32_t ifindex,
                           SkbShape shape = {}) const;

    void clear_counters();         // and what is known of upstreams
    CounterLines counters() const; // all that are not zero, of all links

    // What is known of each upstream that is configured.
    std::map<std::uint32_t, UpstreamCounts> upstreams() const; // by slot
    // Of one, with no CPU held back from bringing them up to date.
    void set_times(std::uint32_t slot, const dhcp46_upstream_times &times);

    // As the controller takes them: they do not wait any more.
    std::vector<dhcp46_punt> take_punts();
    // Counts what the controller has made of packets.
    void count(const std::vector<dhcp46_fate> &fates) const;
    int fd(Program kind) const;
    std::uint32_t verified_instructions(Program kind) const;

  private:
    struct Closer {
        void operator()(bpf_object *object) const;
    };

    int map(const char *name) const;
    std::vector<dhcp46_stats> read_stats(std::uint32_t link_id) const;

    std::unique_ptr<bpf_object, Closer> object_;
    Tables configured_;
};

} // namespace dhcp46::test
