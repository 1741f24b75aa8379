// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The programs that this binary holds, and the build that they are of.
#ifndef DHCP46_BPF_LOADING_H
#define DHCP46_BPF_LOADING_H

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "bpf/programs.h"
#include "util/fd.h"
#include "util/result.h"

struct bpf_map;
struct bpf_object;

namespace dhcp46 {

// In the kernel, pinned nowhere: they go with this object unless something else holds them.
class Loaded {
  public:
    // With maps of their own, which have room for so many links.
    static Result<Loaded> with_new_maps(std::uint32_t max_links);
    // The same, to be run on packets in memory: they send nothing, and show it (dry_run.h).
    static Result<Loaded> for_dry_run(std::uint32_t max_links);
    // With those maps of abi.h, by name. Refuses maps that are not as the programs have them.
    static Result<Loaded> with_maps(const std::map<std::string, Fd> &maps);
    // One program by itself, which needs no map but those.
    static Result<Loaded> one_with_maps(const std::string &program,
                                        const std::map<std::string, Fd> &maps);

    Programs programs() const;
    int map(const std::string &name) const;     // -1: there is none
    int program(const std::string &name) const; // likewise
    int build() const { return build_.get(); }

  private:
    struct Close {
        void operator()(bpf_object *object) const;
    };

    static Result<Loaded> open();
    Status size_for(std::uint32_t max_links);
    Status set_dry_run();
    Status reuse(const std::map<std::string, Fd> &maps);
    void leave_out_all_but(const std::string &wanted, const std::map<std::string, Fd> &maps);
    Status load();
    bpf_map *find_map(const std::string &name) const;

    std::unique_ptr<bpf_object, Close> object_;
    Fd build_;
};

// A map that says which build programs are of. It is bound to them, so that what they are is known
// of each of them, whatever else was pinned since.
bool is_of_this_build(int program, int build);

} // namespace dhcp46

#endif // DHCP46_BPF_LOADING_H
