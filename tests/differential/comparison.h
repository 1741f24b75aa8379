// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The same packets through the model and through the kernel's programs.
#pragma once

#include "differential/histogram.h"

namespace dhcp46::test {

struct Input {
    std::uint64_t number = 0; // of the packet in its run
    std::uint32_t ifindex = 0;
    Hook hook = Hook::ingress;
    Frame frame;
};

Input make_input(std::uint64_t seed, std::uint64_t number);

class Comparison {
  public:
    Comparison(const Network &network, std::uint64_t seed);

    // One batch, each packet through the programs that may see it: frames and verdicts are compared
    // packet by packet, counters and punts at its end, and then packet by packet if they differ.
    // Prints each difference.
    void run_batch(const std::vector<Input> &batch, bool controller_alive);

    const Histogram &histogram() const { return histogram_; }
    std::size_t mismatches() const { return mismatches_; }

  private:
    Expected compare_frame(const Input &input, Program program, bool alive);
    void run_program(const std::vector<Input> &batch, Program program, bool alive);
    void narrow_down(const std::vector<Input> &batch, Program program, bool alive);
    Outcome model(const Input &input, Program program) const;
    bool punts_agree(const std::vector<Input> &batch, const std::vector<Expected> &expected);
    void report(const Input &input, Program program, const char *what);

    const Network &network_;
    std::uint64_t seed_;
    Kernel kernel_;
    Histogram histogram_;
    std::size_t mismatches_ = 0;
};

} // namespace dhcp46::test
