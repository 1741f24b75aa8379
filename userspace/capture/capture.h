// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Files of captured Ethernet frames: pcap and pcapng to read, pcap to write.
#ifndef DHCP46_CAPTURE_CAPTURE_H
#define DHCP46_CAPTURE_CAPTURE_H

#include <cstdint>
#include <string>
#include <vector>

#include "util/result.h"

namespace dhcp46 {

struct Captured {
    std::int64_t seconds = 0; // since 1970
    std::int64_t nanoseconds = 0;
    std::vector<std::uint8_t> bytes;
};

// "-": standard input. Refuses packets that are no Ethernet frames, or were not captured whole.
Result<std::vector<Captured>> read_capture(const std::string &path);
// "-": standard output.
Status write_capture(const std::string &path, const std::vector<Captured> &packets);

} // namespace dhcp46

#endif // DHCP46_CAPTURE_CAPTURE_H
