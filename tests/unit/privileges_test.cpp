// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "bpf/privileges.h"

#include <cerrno>

#include <gtest/gtest.h>

using namespace dhcp46;

constexpr std::uint64_t net_admin = 1ull << 12, sys_admin = 1ull << 21, perfmon = 1ull << 38,
                        bpf = 1ull << 39;

TEST(Privileges, NamesWhatIsMissing) {
    EXPECT_EQ(missing_capabilities(0), "CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON");
    EXPECT_EQ(missing_capabilities(bpf | net_admin), "CAP_PERFMON");
    EXPECT_EQ(missing_capabilities(sys_admin), "CAP_NET_ADMIN");
    EXPECT_EQ(missing_capabilities(bpf | net_admin | perfmon), "");
    EXPECT_EQ(missing_capabilities(sys_admin | net_admin), "");
}

TEST(Privileges, FilesNeedPermissionAndNoCapability) {
    const Error secret = file_error("/nowhere/at/all", EACCES);
    EXPECT_EQ(secret.exit, Exit::privilege);
    EXPECT_NE(secret.why.find("file permissions"), std::string::npos);
    EXPECT_EQ(secret.hint.find("CAP_"), std::string::npos);
    const Error directory = file_error("/tmp", EACCES);
    EXPECT_EQ(directory.exit, Exit::runtime);
    EXPECT_EQ(directory.hint, "rmdir /tmp");
    EXPECT_EQ(file_error("/tmp", EIO).exit, Exit::runtime);
}

TEST(Privileges, ErrorsOfSystemCallsHaveTheirExit) {
    EXPECT_EQ(syscall_error("x", EPERM).exit, Exit::privilege);
    EXPECT_EQ(syscall_error("x", -EACCES).exit, Exit::privilege);
    EXPECT_EQ(syscall_error("x", ENOSYS).exit, Exit::kernel);
    EXPECT_EQ(syscall_error("x", EBUSY).exit, Exit::runtime);
}
