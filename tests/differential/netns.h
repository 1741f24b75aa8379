// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// The world's devices, routes and neighbours, in a network namespace of this process's own.
#pragma once

namespace dhcp46::test {

// Throws std::runtime_error if the system refuses.
void enter_world();

} // namespace dhcp46::test
