// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "controller/report.h"

#include <sys/socket.h>

#include <cstring>

#include <gtest/gtest.h>

#include "util/fd.h"

using namespace dhcp46;

struct Ends {
    Fd controller, reader;
};

static Ends connected() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    return {Fd(ends[0]), Fd(ends[1])};
}

// Sent at once, though nobody reads yet.
static ControllerReport sent(const ControllerReport &report) {
    Ends ends = connected();
    send_report(ends.controller.get(), report);
    ends.controller.reset();
    return receive_report(ends.reader.get());
}

TEST(Report, ArrivesWhole) {
    const ControllerReport report = {0,
                                     "/etc/dhcp46.toml",
                                     "line 3: \xff",
                                     {{"access", "lcra", "eth1: gone", "add it"}},
                                     {{"", "max-links"}, {"core", "an upstream"}}};
    const ControllerReport heard = sent(report);
    EXPECT_EQ(heard.file, report.file);
    EXPECT_EQ(heard.file_error, "line 3: \xef\xbf\xbd");
    EXPECT_EQ(heard.waiting, report.waiting);
    EXPECT_EQ(heard.drift, report.drift);
}

TEST(Report, HoweverLong) {
    ControllerReport report;
    for (int i = 0; i < 16384; i++)
        report.drift.push_back({"core", "CRA prefix 2001:db8:" + std::to_string(i) +
                                            "::/48 of the file is not there"});
    EXPECT_EQ(sent(report).drift, report.drift);
}

TEST(Report, WhatIsNoneIsEmpty) {
    for (const char *text : {"", "[]", "{\"waiting\":[[1],[\"a\"],{}],\"drift\":7}"}) {
        Ends ends = connected();
        ASSERT_GE(send(ends.controller.get(), text, std::strlen(text), 0), 0);
        ends.controller.reset();
        const ControllerReport report = receive_report(ends.reader.get());
        EXPECT_TRUE(report.waiting.empty() && report.drift.empty()) << text;
    }
}
