// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "cli/options.h"

#include <algorithm>
#include <list>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/attach_options.h"

namespace dhcp46 {

namespace {

// Every subcommand hands options that it does not know up, so that the global ones may stand
// before or after it.
CLI::App *add_command(CLI::App &parent, const char *name, const char *text) {
    CLI::App *app = parent.add_subcommand(name, text);
    app->fallthrough();
    return app;
}

struct Role {
    CLI::App *command = nullptr;
    AttachOptions options;
};

class Parser {
  public:
    Parser() : app_("DHCPv4 over IPv6-only networks, in the kernel", "dhcp46") {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", "dhcp46 " DHCP46_VERSION);
        add_global_options();
        add_attach();
        add_detach();
        add_status();
        add_stats();
        add_upstream();
        add_wait();
        add_run();
        add_check();
        add_simulate();
    }

    Result<Invocation> parse(int argc, const char *const *argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::Success &success) {
            return answer(success);
        } catch (const CLI::ParseError &error) {
            return usage(reason(error));
        }
        return finish();
    }

  private:
    void add_global_options() {
        app_.add_option("--bpffs", result_.bpffs, "where the bpffs is mounted (/sys/fs/bpf)")
            ->envname("DHCP46_BPFFS")
            ->type_name("PATH");
        app_.add_flag("-v,--verbose", result_.verbose, "say what is done");
        app_.add_flag("-q,--quiet", result_.quiet, "print errors only");
    }

    void add_attach() {
        attach_ = add_command(app_, "attach", "make an instance run, or bring it up to date");
        attach_->require_subcommand(1);
        add_role(DHCP46_ROLE_LCRA, "Client Relay Agent on the clients' link");
        add_role(DHCP46_ROLE_HCRA, "Client Relay Agent on the client's own host");
        add_role(DHCP46_ROLE_TRA, "IPv6-Transport Relay Agent in front of a server");
        add_role(DHCP46_ROLE_TSV, "IPv6-Transport Server: the DHCPv4 server of this host");
    }

    void add_role(dhcp46_role id, const char *text) {
        Role &role = roles_.emplace_back();
        role.command = add_command(*attach_, role_name(id), text);
        role.options.instance.role = id;
        add_attach_options(*role.command, role.options);
    }

    void add_detach() {
        detach_ = add_command(app_, "detach", "end an instance");
        CLI::Option *name = detach_->add_option("NAME", result_.name, "instance name");
        all_ = detach_->add_flag("--all", result_.all, "end every instance");
        name->excludes(all_);
    }

    CLI::App *add_reader(CLI::App &parent, const char *name, const char *text) {
        CLI::App *app = add_command(parent, name, text);
        app->add_option("NAME", result_.name, "only this instance");
        app->add_flag("--json", result_.json, "print JSON");
        return app;
    }

    void add_status() {
        status_ = add_reader(app_, "status", "how the instances are");
        status_->add_flag("--check", result_.check, "exit 0 only if all of them are ready");
    }

    void add_stats() {
        stats_ = add_reader(app_, "stats", "what became of the packets");
        stats_->add_flag("--prometheus", result_.prometheus, "print Prometheus's text format")
            ->excludes("--json");
    }

    void add_upstream() {
        upstream_ = add_command(app_, "upstream", "servers and relays to which requests go");
        upstream_->require_subcommand(1);
        upstream_add_ = add_command(*upstream_, "add", "add an upstream");
        upstream_del_ = add_command(*upstream_, "del", "delete an upstream");
        for (CLI::App *app : {upstream_add_, upstream_del_}) {
            app->add_option("NAME", result_.name, "instance name")->required();
            app->add_option("ADDR", result_.address, "its address")->required();
        }
        upstream_learn_ = add_command(*upstream_, "learn", "set those that DHCPv6 taught");
        upstream_learn_->add_option("NAME", result_.name, "instance name")->required();
        upstream_learn_->add_option("ADDR", result_.addresses, "their addresses (none)");
        upstream_list_ = add_command(*upstream_, "list", "list the upstreams");
        upstream_list_->add_option("NAME", result_.name, "instance name")->required();
        upstream_list_->add_flag("--json", result_.json, "print JSON");
    }

    void add_run() {
        const std::map<std::string, LogFormat> formats = {{"text", LogFormat::text},
                                                          {"json", LogFormat::json}};
        run_ = add_command(app_, "run", "the controller, in the foreground");
        run_->add_option("--config", result_.file, "the configuration file")->type_name("FILE");
        run_->add_option("--log-format", result_.log_format, "text or json (text)")
            ->transform(CLI::CheckedTransformer(formats))
            ->type_name("FORMAT");
    }

    void add_wait() {
        wait_ = add_command(app_, "wait", "return when an instance is ready");
        wait_->add_option("NAME", result_.name, "instance name")->required();
        wait_->add_option("--timeout", timeout_, "fail after so long, 0 to 86400 (never)")
            ->type_name("SECONDS");
    }

    void add_check() {
        check_ = add_command(app_, "check", "what is wrong with a configuration file");
        check_->add_option("FILE", result_.file, "the configuration file")->required();
        check_->add_flag("--json", result_.json, "print JSON");
    }

    void add_simulate() {
        simulate_ = add_command(app_, "simulate", "what would become of captured packets");
        simulate_->add_option("NAME", result_.name, "instance name")->required();
        simulate_->add_option("--dev", result_.device, "where they come in")
            ->required()
            ->type_name("DEV");
        simulate_->add_option("FILE", result_.file, "a pcap or pcapng file")->required();
        simulate_->add_option("--write", result_.output, "write what would be sent, as pcap")
            ->type_name("FILE");
        simulate_->add_flag("--json", result_.json, "print JSON");
    }

    Result<Invocation> answer(const CLI::Success &success) {
        std::ostringstream out;
        std::ostringstream ignored;
        app_.exit(success, out, ignored);
        Invocation invocation;
        invocation.text = out.str();
        return invocation;
    }

    std::string command_path() const {
        std::string path = "dhcp46";
        const CLI::App *app = &app_;
        while (!app->get_subcommands().empty()) {
            app = app->get_subcommands().front();
            path += " " + app->get_name();
        }
        return path;
    }

    // CLI11 says only that a subcommand is required when it does not know the one given.
    std::string reason(const CLI::ParseError &error) const {
        const CLI::App *app = &app_;
        while (!app->get_subcommands().empty())
            app = app->get_subcommands().front();
        const auto unknown = app_.remaining(true);
        if (app->get_require_subcommand_min() > 0 && !unknown.empty())
            return fmt::format("there is no `{} {}`", command_path(), unknown.front());
        return error.what();
    }

    Error usage(const std::string &why) const {
        return {Exit::usage, "usage", why, fmt::format("see `{} --help`", command_path())};
    }

    Result<Invocation> finish() {
        if (result_.bpffs.empty())
            result_.bpffs = "/sys/fs/bpf";
        if (attach_->parsed())
            return finish_attach();
        if (detach_->parsed())
            return finish_detach();
        if (wait_->parsed())
            return finish_wait();
        if (run_->parsed()) {
            result_.command = Command::run;
            return result_;
        }
        result_.command = status_->parsed()           ? Command::status
                          : stats_->parsed()          ? Command::stats
                          : upstream_add_->parsed()   ? Command::upstream_add
                          : upstream_del_->parsed()   ? Command::upstream_del
                          : upstream_learn_->parsed() ? Command::upstream_learn
                          : check_->parsed()          ? Command::check
                          : simulate_->parsed()       ? Command::simulate
                                                      : Command::upstream_list;
        return result_;
    }

    Result<Invocation> finish_attach() {
        const auto role = std::find_if(roles_.begin(), roles_.end(),
                                       [](const Role &one) { return one.command->parsed(); });
        auto spec = spec_of(role->options.instance);
        if (!spec)
            return error_of(spec.error().front());
        if (role->options.max_links) {
            const auto max_links = parse_max_links(*role->options.max_links);
            if (!max_links)
                return error_of(max_links.error());
            result_.max_links = *max_links;
        }
        result_.command = Command::attach;
        result_.spec = *std::move(spec);
        result_.name = result_.spec.name;
        return result_;
    }

    Result<Invocation> finish_wait() {
        if (timeout_) {
            const auto seconds = parse_number("timeout", *timeout_, 0, 86400);
            if (!seconds)
                return error_of(seconds.error());
            result_.timeout = std::chrono::seconds(*seconds);
        }
        result_.command = Command::wait;
        return result_;
    }

    Result<Invocation> finish_detach() {
        if (all_->count() == 0 && result_.name.empty())
            return usage("NAME or --all is required");
        result_.command = all_->count() ? Command::detach_all : Command::detach;
        return result_;
    }

    CLI::App app_;
    Invocation result_;
    CLI::App *attach_ = nullptr;
    std::list<Role> roles_; // a list: CLI11 keeps references to the options
    CLI::App *detach_ = nullptr;
    CLI::Option *all_ = nullptr;
    CLI::App *status_ = nullptr;
    CLI::App *stats_ = nullptr;
    CLI::App *upstream_ = nullptr;
    CLI::App *upstream_add_ = nullptr;
    CLI::App *upstream_del_ = nullptr;
    CLI::App *upstream_learn_ = nullptr;
    CLI::App *upstream_list_ = nullptr;
    CLI::App *wait_ = nullptr;
    CLI::App *run_ = nullptr;
    CLI::App *check_ = nullptr;
    CLI::App *simulate_ = nullptr;
    std::optional<std::string> timeout_;
};

} // namespace

Result<Invocation> parse_command_line(int argc, const char *const *argv) {
    return Parser().parse(argc, argv);
}

} // namespace dhcp46
