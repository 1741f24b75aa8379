// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>

int main(int argc, char **argv) {
    constexpr int skipped = 77; // as ctest and Automake have it

    testing::InitGoogleTest(&argc, argv);
    if (!GTEST_FLAG_GET(list_tests) && geteuid() != 0) {
        std::fprintf(stderr, "skipped: running BPF programs needs root\n");
        return skipped;
    }
    return RUN_ALL_TESTS();
}
