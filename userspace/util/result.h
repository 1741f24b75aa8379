// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// Errors as values. std::expected does not compile under clang 14, which sanitizers need.
#ifndef DHCP46_UTIL_RESULT_H
#define DHCP46_UTIL_RESULT_H

#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace dhcp46 {

// The exit codes of the command line, a contract with scripts.
enum class Exit { ok = 0, runtime = 1, usage = 2, config = 3, privilege = 4, kernel = 5 };

// Printed as `error: what: why` and `hint: hint`; hint says what to do and may be empty.
struct Error {
    Exit exit = Exit::runtime;
    std::string what;
    std::string why;
    std::string hint = {};
};

template <typename T, typename E = Error> class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : value_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return value_.index() == 0; }
    T &operator*() & { return std::get<0>(value_); }
    const T &operator*() const & { return std::get<0>(value_); }
    T &&operator*() && { return std::get<0>(std::move(value_)); }
    T *operator->() { return &std::get<0>(value_); }
    const T *operator->() const { return &std::get<0>(value_); }
    const E &error() const { return std::get<1>(value_); }

  private:
    std::variant<T, E> value_;
};

template <> class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), failed_(true) {}

    explicit operator bool() const { return !failed_; }
    const Error &error() const { return error_; }

  private:
    Error error_;
    bool failed_ = false;
};

using Status = Result<void>;

inline std::string errno_text(int number) {
    return std::strerror(number < 0 ? -number : number);
}

} // namespace dhcp46

#endif // DHCP46_UTIL_RESULT_H
