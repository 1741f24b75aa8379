// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "observe/log.h"

namespace dhcp46 {

TEST(LogLine, TextQuotesWhatIsNotOneWord) {
    EXPECT_EQ(
        log_line(LogFormat::text, Message::waiting,
                 {{"instance", "access"}, {"why", "no \"eth1\"\nyet"}, {"empty", ""}}),
        "warning id=waiting message=\"an instance cannot be as it should; it is tried again\" "
        "instance=access why=\"no \\\"eth1\\\"\\nyet\" empty=\"\"");
}

TEST(LogLine, JsonIsOneObjectOnOneLine) {
    const std::string line =
        log_line(LogFormat::json, Message::ready, {{"instance", "a\nb"}, {"odd", "\xff"}});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["level"], "info");
    EXPECT_EQ(json["id"], "ready");
    EXPECT_EQ(json["instance"], "a\nb");
    EXPECT_EQ(json["odd"], "\uFFFD"); // what is no UTF-8 is replaced
}

} // namespace dhcp46
