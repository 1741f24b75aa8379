// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What the controller logs: messages with a stable id (docs/messages.md), as text or as JSON.
#ifndef DHCP46_OBSERVE_LOG_H
#define DHCP46_OBSERVE_LOG_H

#include <string>
#include <utility>
#include <vector>

#include <spdlog/common.h>

#include "observe/log_options.h"

namespace dhcp46 {

enum class Message {
#define DHCP46_MESSAGE(id, severity, text, action) id,
#include "observe/messages.def"
#undef DHCP46_MESSAGE
};

using Fields = std::vector<std::pair<const char *, std::string>>;

// One line; without a time, which whoever collects it adds.
std::string log_line(LogFormat format, Message message, const Fields &fields);
spdlog::level::level_enum level_of(Message message);

// To standard error, what is at least so important. Call it again for another format or level.
void open_log(LogFormat format, LogLevel least);
void log_message(Message message, const Fields &fields = {});

} // namespace dhcp46

#endif // DHCP46_OBSERVE_LOG_H
