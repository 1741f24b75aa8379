// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The product's programs and maps in the kernel, run one frame at a time.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "common/model.h"

struct bpf_object;
struct ring_buffer;

namespace dhcp46::test {

enum class Program { xdp, tc, tc_l3, egress };
inline constexpr Program all_programs[] = {Program::xdp, Program::tc, Program::tc_l3,
                                           Program::egress};

const char *name_of(Program program);
Tier tier_of(Program program);
Hook hook_of(Program program);

struct Result {
    std::uint32_t action = 0; // what the program returned
    Frame frame;
};

using Stats = std::vector<dhcp46_stats>; // by link id

class Kernel {
  public:
    // Loads the programs and fills the maps; all throw std::runtime_error.
    explicit Kernel(const Network &network);
    ~Kernel();
    Kernel(const Kernel &) = delete;
    Kernel &operator=(const Kernel &) = delete;

    Result run(Program program, const Frame &frame, std::uint32_t ifindex);
    Stats read_stats() const;
    // A controller's sign of life, now or never. It is good for three seconds.
    void set_controller(bool alive);
    // What lies in the punt ring, in order; it does not wait there any more.
    std::vector<dhcp46_punt> take_punts();

  private:
    int map(const char *name) const;
    void fill(const Network &network);

    std::unique_ptr<bpf_object, void (*)(bpf_object *)> object_;
    std::unique_ptr<ring_buffer, void (*)(ring_buffer *)> ring_;
    std::vector<dhcp46_punt> punts_;
    std::array<int, std::size(all_programs)> programs_ = {};
};

} // namespace dhcp46::test
