// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A network namespace with the devices, routes and neighbours of one world of the golden cases.
#pragma once

#include <string>

#include "common/golden.h"
#include "progrun/programs.h"
#include "util/fd.h"

namespace dhcp46::test {

class Lab {
  public:
    // The world's lab, made once. The calling thread is then in its network namespace.
    static Lab &enter(const std::string &world);

    Scene scene(const GoldenCase &each) const;
    // Makes devices and maps as the case has them, and counters zero. No controller runs.
    Scene prepare(const GoldenCase &each);

    static void set_forwarding(bool on);
    // A neighbour of everything that is routed out by a device; none: it is unknown.
    void set_next_hop(const std::string &name, bool known) const;
    void set_default_route(const std::string &name, bool there) const;

    Programs programs;

  private:
    explicit Lab(const std::string &world);

    void make_device(const GoldenDevice &device);
    void let_xdp_receive(std::uint32_t ifindex);
    void set_mtus(const std::vector<GoldenDevice> &devices);
    const GoldenDevice &device(const std::string &name) const;
    // Who is asked for by neighbour discovery behind a device.
    std::string next_hop(const GoldenDevice &device) const;

    std::string world_;
    std::vector<GoldenDevice> devices_; // with the MTUs that they have now
    Ifindexes ifindexes_;
    Fd netns_;
    Fd pass_all_;
};

} // namespace dhcp46::test
