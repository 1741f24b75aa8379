// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// A TOML document as plain values that know where they stand.
#ifndef DHCP46_CONFIG_DOCUMENT_H
#define DHCP46_CONFIG_DOCUMENT_H

#include <string>
#include <vector>

#include "util/result.h"

namespace dhcp46 {

struct Position {
    unsigned line = 0;
    unsigned column = 0;
};

struct Entry;

struct Value {
    enum class Kind { text, number, flag, list, table, other };

    Kind kind = Kind::other;
    Position at;
    std::string text; // of a text; of a number in decimal
    bool flag = false;
    std::vector<Value> list;
    std::vector<Entry> table;

    const Entry *find(const std::string &key) const;
};

struct Entry {
    std::string key;
    Position at;
    Value value;
};

const char *kind_name(Value::Kind kind);

struct SyntaxError {
    Position at;
    std::string why;
};

Result<Value, SyntaxError> parse_document(const std::string &text);

} // namespace dhcp46

#endif // DHCP46_CONFIG_DOCUMENT_H
