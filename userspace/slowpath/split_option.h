// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Option 82 in several pieces (RFC 3396, E-22).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dhcp46 {

// The message with its option 82 in one piece, in front of End, where the core takes it out without
// a trace; it is as long as before, and all other options are as they were. Of what is longer than
// one option can be, only the sub-options with this code are kept: they are what is read.
// The message has a cookie, and no option that runs past its end.
std::vector<std::uint8_t> join_option82(std::span<const std::uint8_t> message, std::uint8_t code);

} // namespace dhcp46
