// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A network namespace with the devices, routes and neighbours of one world of the golden cases.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/golden.h"
#include "progrun/programs.h"
#include "progrun/wire.h"
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
    // The neighbours behind a device; not known: it has to ask.
    void set_next_hops(const std::string &name, bool known) const;
    void set_default_route(const std::string &name, bool there) const;
    static void set_host_route(const std::string &address, const std::string &name, bool there);

    Wire &wire(const std::string &device) { return *wires_.at(device); }
    void forget_what_left();

    Programs programs;

  private:
    explicit Lab(const std::string &world);

    void make_device(const GoldenDevice &device);
    void make_veth(const GoldenDevice &device);
    void let_xdp_receive(std::uint32_t ifindex);
    void attach(Program program, const std::string &device);
    void set_mtus(const std::vector<GoldenDevice> &devices);
    void set_routes(const GoldenRoutes &routes);
    const GoldenDevice &device(const std::string &name) const;

    std::string world_;
    std::vector<GoldenDevice> devices_; // with the MTUs that they have now
    Ifindexes ifindexes_;
    GoldenRoutes routes_; // as they are now
    std::map<std::string, std::unique_ptr<Wire>> wires_;
    Fd netns_;
    Fd pass_all_;
};

} // namespace dhcp46::test
