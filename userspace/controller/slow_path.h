// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The third tier: finishes what the kernel programs hand up, and receives what only the host's
// stack can put together.
#ifndef DHCP46_CONTROLLER_SLOW_PATH_H
#define DHCP46_CONTROLLER_SLOW_PATH_H

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bpf/slow_channel.h"
#include "controller/loop.h"
#include "slowpath/receiver.h"
#include "slowpath/relay.h"
#include "slowpath/transmitter.h"

namespace dhcp46 {

class SlowPath {
  public:
    static Result<SlowPath> open(std::string bpffs);

    // Takes what the instances there are now hand up. Failing, it is logged, once.
    void follow(Loop &loop);
    // Tells the kernel programs that somebody takes it: at least once a second.
    void beat();
    // Tells them that nobody does any more.
    void stop();

  private:
    SlowPath(std::string bpffs, Transmitter transmitter)
        : bpffs_(std::move(bpffs)), transmitter_(std::move(transmitter)) {}

    Status connect(Loop &loop);
    Status listen(Loop &loop);
    Decision ask(std::span<const std::uint8_t> frame, bool has_ethernet, std::uint32_t ifindex);
    void take_punts();
    void take_received(int socket);
    void finish(const Decision &decision, std::size_t bytes, bool was_punted);
    dhcp46_fate carry_out(const Decision &decision);
    void flush();
    void report(const Status &status);

    std::string bpffs_;
    Transmitter transmitter_;
    std::unique_ptr<SlowChannel> channel_;
    Receiver receiver_;
    std::vector<int> watched_;
    std::map<Listening, int> refused_; // places that are taken, and what errno said
    std::string failure_;              // the last one that was logged
};

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_SLOW_PATH_H
