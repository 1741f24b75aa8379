// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The bpffs that holds the pins, locked against other calls of this program.
#ifndef DHCP46_BPF_ROOT_H
#define DHCP46_BPF_ROOT_H

#include <string>

#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

enum class Access {
    read,   // with others that read
    change, // alone
    attach, // alone, and a bpffs is mounted where there is none and the directory is empty
};

// The lock is flock() on the root directory of the bpffs: the pin directory itself comes and goes
// with the first and the last instance, and a lock on it could be held on one already deleted.
class BpfRoot {
  public:
    static Result<BpfRoot> open(const std::string &path, Access access);

    BpfRoot(BpfRoot &&) = default;
    BpfRoot &operator=(BpfRoot &&) = default;
    ~BpfRoot() = default;

    // No bpffs is there, so nothing is attached. Not with Access::attach.
    bool is_absent() const { return absent_; }
    std::string directory() const { return pins_below(path_); }
    static std::string pins_below(const std::string &bpffs) { return bpffs + "/dhcp46"; }
    // Takes back the mount that open() made.
    void undo_mount();

  private:
    BpfRoot() = default;

    std::string path_;
    Fd lock_;
    bool absent_ = false;
    bool mounted_ = false;
};

} // namespace dhcp46

#endif // DHCP46_BPF_ROOT_H
