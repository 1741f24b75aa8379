// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The pinned maps and programs of this network namespace.
#ifndef DHCP46_BPF_STORE_H
#define DHCP46_BPF_STORE_H

#include <map>
#include <optional>
#include <string>

#include "bpf/loading.h"
#include "bpf/programs.h"
#include "instance/health.h"
#include "instance/tables.h"
#include "util/fd.h"
#include "util/result.h"

namespace dhcp46 {

class Store {
  public:
    // What is pinned there; none: nothing is attached. Refuses maps of another ABI version or of
    // another network namespace.
    static Result<std::optional<Store>> open(const std::string &directory);
    // Of an incomplete set, which open() takes for none: an error if programs of it are attached,
    // else it is what a call left that was killed, and create() clears it away.
    static Status check_nothing_runs(const std::string &directory);
    // Loads the programs and pins them with their maps, which have room for so many links. Leaves
    // nothing behind when it fails.
    static Result<Store> create(const std::string &directory, std::uint32_t max_links);
    // Deletes every pin of ours, and the directory.
    static void remove(const std::string &directory);

    Result<Tables> read() const;
    // All changes, or those before the first that the kernel refuses.
    Status apply(const std::vector<Change> &changes) const;

    Result<dhcp46_meta> meta() const;
    // Summed over the CPUs.
    Result<dhcp46_stats> stats(std::uint32_t link_id) const;
    Status zero_stats(std::uint32_t link_id) const;
    Result<UpstreamHealth> health(const dhcp46_upstream_key &key, const Now &now) const;

    Programs programs() const;
    // Whether the pinned programs are those in this binary.
    bool is_of_this_build() const;
    // This binary's programs, loaded with the pinned maps. Nothing pinned changes.
    Result<Loaded> load_again() const { return Loaded::with_maps(maps_); }
    // One of this binary's programs that are pinned nowhere.
    Result<Loaded> load_one(const std::string &program) const {
        return Loaded::one_with_maps(program, maps_);
    }
    // Of the pinned map; it stays this store's.
    int map(const std::string &name) const { return maps_.at(name).get(); }
    // Pins them in place of those that are pinned.
    Status take_programs(const Loaded &loaded);

  private:
    Status apply_all(const std::vector<Change> &changes) const;
    bool is_other_upstream(const Change &change) const;
    Status forget_health(const Change &change) const;

    std::string directory_;
    std::map<std::string, Fd> maps_;
    std::map<std::string, Fd> programs_;
    Fd build_; // see loading.h
};

} // namespace dhcp46

#endif // DHCP46_BPF_STORE_H
