// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#pragma once

#include <sys/socket.h>

namespace dhcp46 {

// Options that are numbers. False: errno says why.
inline bool set_option(int socket, int level, int name, int value) {
    return setsockopt(socket, level, name, &value, sizeof(value)) == 0;
}

} // namespace dhcp46
