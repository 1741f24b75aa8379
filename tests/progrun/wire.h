// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What really leaves by a device of the lab, and what comes in by one that only a real packet can.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/model.h"
#include "util/fd.h"

namespace dhcp46::test {

class Wire {
  public:
    virtual ~Wire() = default;
    // Our datagrams that have left since the last call, in order.
    std::vector<Frame> take();

  protected:
    explicit Wire(std::size_t l2_length) : l2_length_(l2_length) {}
    virtual std::vector<Frame> take_all() = 0;

  private:
    std::size_t l2_length_;
};

// The far end of a veth pair, `name` and `name`-far.
class VethWire : public Wire {
  public:
    explicit VethWire(const std::string &name);

  protected:
    std::vector<Frame> take_all() override;

  private:
    Fd near_, far_;
};

// A tun device, which this makes.
class TunWire : public Wire {
  public:
    explicit TunWire(const std::string &name);
    // A packet comes in by it. `partial`: its UDP checksum was left to a device.
    void inject(const Frame &packet, bool partial) const;

  protected:
    std::vector<Frame> take_all() override;

  private:
    Fd device_;
};

} // namespace dhcp46::test
