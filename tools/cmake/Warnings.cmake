# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
# Every target links dhcp46_warnings: the same warnings, as errors, under g++ and clang.
add_library(dhcp46_warnings INTERFACE)
target_compile_options(dhcp46_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror)
