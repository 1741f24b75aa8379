// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/slow_channel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "bpf/privileges.h"
#include "bpf/root.h"

namespace dhcp46 {

namespace {

constexpr const char *account_name = "dhcp46_account";

std::optional<std::uint32_t> id_of(int map) {
    bpf_map_info info = {};
    __u32 length = sizeof(info);
    if (bpf_obj_get_info_by_fd(map, &info, &length) != 0)
        return std::nullopt;
    return info.id;
}

// Of a controller that was killed between a record and its count.
Status forget_waiting(int map) {
    const std::uint32_t none = 0;
    std::uint32_t link_id = 0;
    while (bpf_map_update_elem(map, &link_id, &none, BPF_EXIST) == 0)
        link_id++;
    if (errno != E2BIG) // behind the last one
        return syscall_error("map punt_waiting", errno);
    return {};
}

} // namespace

Result<std::unique_ptr<SlowChannel>> SlowChannel::open(const std::string &bpffs) {
    const auto root = BpfRoot::open(bpffs, Access::read);
    if (!root)
        return root.error();
    if (root->is_absent())
        return std::unique_ptr<SlowChannel>();
    auto store = Store::open(root->directory());
    if (!store)
        return store.error();
    if (!*store)
        return std::unique_ptr<SlowChannel>();
    auto account = (*store)->load_one(account_name);
    if (!account)
        return account.error();
    if (auto status = forget_waiting((*store)->map("punt_waiting")); !status)
        return status.error();

    std::unique_ptr<SlowChannel> channel(
        new SlowChannel(root->directory(), **std::move(store), *std::move(account)));
    channel->ring_ =
        ring_buffer__new(channel->store_.map("punt"), on_record, channel.get(), nullptr);
    if (!channel->ring_)
        return syscall_error("map punt", errno);
    return channel;
}

SlowChannel::~SlowChannel() {
    ring_buffer__free(ring_);
}

bool SlowChannel::is_current() const {
    const Fd pinned(bpf_obj_get(fmt::format("{}/punt", directory_).c_str()));
    return pinned && id_of(pinned.get()) == id_of(store_.map("punt"));
}

Status SlowChannel::beat(std::uint64_t now) const {
    const std::uint32_t key = 0;
    dhcp46_meta meta = {};
    if (bpf_map_lookup_elem(store_.map("meta"), &key, &meta) != 0)
        return syscall_error("map meta", errno);
    meta.heartbeat_ns = now;
    if (bpf_map_update_elem(store_.map("meta"), &key, &meta, BPF_EXIST) != 0)
        return syscall_error("map meta", errno);
    return {};
}

int SlowChannel::fd() const {
    return ring_buffer__epoll_fd(ring_);
}

// A negative result ends the round; the record is taken all the same.
int SlowChannel::on_record(void *self, void *data, std::size_t size) {
    auto &channel = *static_cast<SlowChannel *>(self);
    if (size >= sizeof(dhcp46_punt))
        (*channel.handler_)(*static_cast<const dhcp46_punt *>(data));
    return --channel.left_ == 0 ? -ECANCELED : 0;
}

void SlowChannel::take(unsigned most, const Handler &handler) {
    handler_ = &handler;
    left_ = most;
    ring_buffer__consume(ring_);
    handler_ = nullptr;
}

void SlowChannel::count(const dhcp46_fate &fate) {
    fates_.push_back(fate);
    if (fates_.size() == DHCP46_FATES)
        static_cast<void>(flush());
}

Status SlowChannel::flush() {
    if (fates_.empty())
        return {};
    bpf_test_run_opts options = {};
    options.sz = sizeof(options);
    options.data_in = fates_.data();
    options.data_size_in = static_cast<__u32>(fates_.size() * sizeof(dhcp46_fate));
    const int error = bpf_prog_test_run_opts(account_.program(account_name), &options);
    fates_.clear();
    if (error)
        return syscall_error(account_name, error);
    return {};
}

} // namespace dhcp46
