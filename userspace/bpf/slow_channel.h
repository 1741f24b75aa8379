// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Between the kernel programs and the controller: what they hand up, what it has made of that, and
// its heartbeat, without which they hand up nothing.
#ifndef DHCP46_BPF_SLOW_CHANNEL_H
#define DHCP46_BPF_SLOW_CHANNEL_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bpf/loading.h"
#include "bpf/pinned_lookups.h"
#include "bpf/store.h"

struct ring_buffer;

namespace dhcp46 {

class SlowChannel {
  public:
    using Handler = std::function<void(const dhcp46_punt &)>;

    // Null: nothing is attached. The ring has one reader, the controller; what lay in it for links
    // that are flooded counts no more against them.
    static Result<std::unique_ptr<SlowChannel>> open(const std::string &bpffs);
    SlowChannel(const SlowChannel &) = delete;
    SlowChannel &operator=(const SlowChannel &) = delete;
    ~SlowChannel();

    // Whether the pinned maps are still these: all of them go with the last instance.
    bool is_current() const;

    Result<Tables> tables() const { return store_.read(); }
    PinnedLookups &lookups() { return lookups_; }

    // `now` is CLOCK_MONOTONIC in nanoseconds; 0 says that the controller goes.
    Status beat(std::uint64_t now) const;

    int fd() const; // readable while a record is in the ring
    // Hands over the oldest records, not more than so many.
    void take(unsigned most, const Handler &handler);

    // Counts a fate; it shows when enough have come together, or with flush().
    void count(const dhcp46_fate &fate);
    Status flush();

  private:
    SlowChannel(std::string directory, Store store, Loaded account)
        : directory_(std::move(directory)), store_(std::move(store)), lookups_(store_),
          account_(std::move(account)) {}
    static int on_record(void *self, void *data, std::size_t size);

    std::string directory_;
    Store store_;
    PinnedLookups lookups_;
    Loaded account_;
    ring_buffer *ring_ = nullptr;
    std::vector<dhcp46_fate> fates_;
    const Handler *handler_ = nullptr;
    unsigned left_ = 0;
};

} // namespace dhcp46

#endif // DHCP46_BPF_SLOW_CHANNEL_H
