// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// CRA6ADDR in any list of sub-options, against a parser that is as plain as can be.
#include <algorithm>
#include <cstring>
#include <vector>

#include "dhcp46/core/message.h"
#include "fuzz/input.h"

namespace dhcp46::test {

namespace {

struct Found {
    std::size_t offset = 0; // of the last good address
    unsigned good = 0;
    bool bad = false, malformed = false, many = false;
    bool operator==(const Found &) const = default;
};

Found search_plainly(std::span<const std::uint8_t> list, std::uint8_t code) {
    Found found;
    std::size_t i = 0;
    for (int steps = 0; i < list.size(); steps++) {
        if (steps == DHCP46_MAX_SUBOPTIONS) {
            found.many = true;
            return found;
        }
        const bool complete = i + 1 < list.size() && i + 2 + list[i + 1] <= list.size();
        if (list[i] == code && complete && list[i + 1] == 16) {
            found.offset = i + 2;
            found.good++;
        } else if (list[i] == code) {
            found.bad = true;
        }
        if (!complete) {
            found.malformed = true;
            return found;
        }
        i += 2u + list[i + 1];
    }
    return found;
}

// The list as option 82 of a message that begins at an odd place of the frame.
Found search_as_product(std::span<const std::uint8_t> list, std::uint8_t code) {
    constexpr std::size_t message_at = 42, option_at = 240;
    std::vector<std::uint8_t> frame(message_at + option_at + 2);
    frame.insert(frame.end(), list.begin(), list.end());
    const dhcp46_view view = {frame.data(), frame.data() + frame.size()};
    dhcp46_message message;
    std::memset(&message, 0, sizeof(message));
    message.offset = message_at;
    message.length = static_cast<__u16>(frame.size() - message_at);

    dhcp46_find_in_option82(view, &message, dhcp46_kernel_limits(),
                            {option_at, static_cast<__u16>(list.size())}, code);
    return {message.cra6addr_count ? message.cra6addr - (option_at + 2) : 0, message.cra6addr_count,
            message.cra6addr_bad != 0, message.suboptions_bad != 0, message.suboptions_many != 0};
}

} // namespace

} // namespace dhcp46::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    using namespace dhcp46::test;
    Bytes bytes(data, size);
    const std::uint8_t code = bytes.octet();
    const auto list = bytes.take(255);

    require(search_as_product(list, code) == search_plainly(list, code), "both find the same");
    return 0;
}
