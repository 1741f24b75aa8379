// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#ifndef DHCP46_BPF_UNDO_H
#define DHCP46_BPF_UNDO_H

#include <functional>
#include <utility>
#include <vector>

namespace dhcp46 {

// Steps that take back what was done, run in reverse unless all went well.
class Undo {
  public:
    Undo() = default;
    Undo(const Undo &) = delete;
    Undo &operator=(const Undo &) = delete;
    ~Undo() {
        for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
            (*step)();
    }

    void add(std::function<void()> step) { steps_.push_back(std::move(step)); }
    void dismiss() { steps_.clear(); }

  private:
    std::vector<std::function<void()>> steps_;
};

} // namespace dhcp46

#endif // DHCP46_BPF_UNDO_H
