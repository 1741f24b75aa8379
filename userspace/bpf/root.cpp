// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/root.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "bpf/privileges.h"

#ifndef BPF_FS_MAGIC
#define BPF_FS_MAGIC 0xcafe4a11
#endif

namespace dhcp46 {

static bool is_bpffs(const std::string &path) {
    struct statfs about = {};
    return statfs(path.c_str(), &about) == 0 &&
           static_cast<std::uint32_t>(about.f_type) == BPF_FS_MAGIC;
}

static Result<Fd> lock_directory(const std::string &path, Access access) {
    Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory)
        return file_error(path, errno);
    if (flock(directory.get(), access == Access::read ? LOCK_SH : LOCK_EX) != 0)
        return syscall_error(fmt::format("lock {}", path), errno);
    return directory;
}

static Error no_bpffs(const std::string &path) {
    return Error{Exit::runtime, fmt::format("bpffs {}", path),
                 "it is no bpffs, and not an empty directory to mount one on",
                 "give the mount point of a bpffs with --bpffs PATH"};
}

static Status mount_bpffs(const std::string &path) {
    const std::string hint = fmt::format("mkdir -p {0} && mount -t bpf bpf {0}", path);
    std::error_code error;
    if (!std::filesystem::is_empty(path, error) || error)
        return no_bpffs(path);
    if (mount("bpf", path.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0) {
        Error failed = syscall_error(fmt::format("bpffs {}", path), errno);
        failed.why =
            fmt::format("it is not mounted, and mounting it failed: {}", errno_text(errno));
        failed.hint = hint;
        return failed;
    }
    spdlog::debug("mounted a bpffs on {}", path);
    return {};
}

Result<BpfRoot> BpfRoot::open(const std::string &path, Access access) {
    BpfRoot root;
    root.path_ = path;
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
        if (error && error.value() != ENOENT && error.value() != ENOTDIR)
            return file_error(path, error.value());
        return Error{Exit::runtime, fmt::format("bpffs {}", path), "there is no such directory",
                     fmt::format("mkdir -p {0} && mount -t bpf bpf {0}", path)};
    }
    if (!is_bpffs(path) && access == Access::attach) {
        // Two calls at once must not mount twice: the lock on what lies below decides.
        auto below = lock_directory(path, Access::attach);
        if (!below)
            return below.error();
        if (!is_bpffs(path)) {
            if (auto status = mount_bpffs(path); !status)
                return status.error();
            root.mounted_ = true;
        }
    }
    if (!is_bpffs(path)) {
        if (!std::filesystem::is_empty(path, error) || error)
            return no_bpffs(path);
        root.absent_ = true;
        return root;
    }
    auto lock = lock_directory(path, access);
    if (!lock)
        return lock.error();
    root.lock_ = *std::move(lock);
    return root;
}

void BpfRoot::undo_mount() {
    lock_.reset();
    if (mounted_ && umount(path_.c_str()) != 0)
        spdlog::warn("cannot unmount {}: {}", path_, errno_text(errno));
    mounted_ = false;
}

} // namespace dhcp46
