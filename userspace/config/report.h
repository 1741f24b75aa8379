// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Collects what is wrong with a file.
#ifndef DHCP46_CONFIG_REPORT_H
#define DHCP46_CONFIG_REPORT_H

#include <string>
#include <vector>

#include "config/config.h"
#include "config/document.h"

namespace dhcp46 {

class Report {
  public:
    explicit Report(std::string file) : file_(std::move(file)) {}

    // Nothing of it is a command to the terminal where it will be shown.
    void add(Position at, const std::string &what, const std::string &why, std::string hint);
    void add_unknown(const Entry &entry, const std::string &section,
                     const std::vector<std::string> &known);
    void add_wrong_type(const Entry &entry, Position at, Value::Kind kind, const char *wanted,
                        const std::string &example);

    bool empty() const { return errors_.empty(); }
    ConfigErrors in_order() &&;

  private:
    std::string file_;
    ConfigErrors errors_;
};

// As TOML writes it.
std::string quoted(const std::string &text);
// `a`, `b` and `c`.
std::string listed(const std::vector<std::string> &names, const char *last);
// A text that can be a value: neither empty nor with control characters. Else it is reported.
bool is_plain_text(const Entry &entry, const Value &value, Report &report);

} // namespace dhcp46

#endif // DHCP46_CONFIG_REPORT_H
