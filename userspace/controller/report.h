// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
// What a controller tells of itself to `status`.
#ifndef DHCP46_CONTROLLER_REPORT_H
#define DHCP46_CONTROLLER_REPORT_H

#include <string>
#include <vector>

namespace dhcp46 {

// An instance that cannot do as it should.
struct Waiting {
    std::string name;
    std::string role;
    std::string why;
    std::string hint; // what to do about it; may be empty

    bool operator==(const Waiting &) const = default;
};

// How an instance, or all of them together, differ from what the configuration file says.
struct Drift {
    std::string name; // empty: it is about no instance alone
    std::string what;

    bool operator==(const Drift &) const = default;
};

struct ControllerReport {
    int pid = 0;
    std::string file;       // the configuration file; empty: none
    std::string file_error; // what is wrong with it now; empty: nothing
    std::vector<Waiting> waiting;
    std::vector<Drift> drift;
};

// By a connected stream socket, to its end. Sending never waits for the reader, however long the
// report is.
void send_report(int socket, const ControllerReport &report);
// What of it can be understood: the other end may be of another version. The process is not in it.
ControllerReport receive_report(int socket);

} // namespace dhcp46

#endif // DHCP46_CONTROLLER_REPORT_H
