// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A device of the lab as its users have it: what really leaves by it, and frames for its programs
// that are no test runs.
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
    // A frame comes in (tun), or is sent by a client on this host (veth). `partial`: its UDP
    // checksum is left to a device.
    virtual void give(const Frame &frame, bool partial) const = 0;

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
    void give(const Frame &frame, bool partial) const override;

  protected:
    std::vector<Frame> take_all() override;

  private:
    Fd near_, far_;
};

// A tun device, which this makes.
class TunWire : public Wire {
  public:
    explicit TunWire(const std::string &name);
    void give(const Frame &packet, bool partial) const override;

  protected:
    std::vector<Frame> take_all() override;

  private:
    Fd device_;
};

} // namespace dhcp46::test
