// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "config/instance.h"

#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/keys.h"
#include "config/nearest.h"
#include "instance/options.h"

namespace dhcp46 {

static constexpr dhcp46_role roles[] = {DHCP46_ROLE_LCRA, DHCP46_ROLE_HCRA, DHCP46_ROLE_TRA,
                                        DHCP46_ROLE_TSV};

std::vector<std::string> instance_keys(dhcp46_role role) {
    std::vector<std::string> keys = {"name", "role"};
    std::set<std::string> seen;
    for (const OptionRow &row : option_rows()) {
        if ((role == DHCP46_ROLE_NONE || row.is_for(role)) && seen.insert(row.name).second)
            keys.emplace_back(row.name);
    }
    return keys;
}

static std::vector<std::string> role_names() {
    std::vector<std::string> names;
    for (const dhcp46_role role : roles)
        names.emplace_back(role_name(role));
    return names;
}

static std::vector<std::string> roles_with(const std::string &key) {
    std::vector<std::string> names;
    for (const dhcp46_role role : roles) {
        for (const OptionRow &row : option_rows()) {
            if (row.name == key && row.is_for(role))
                names.emplace_back(role_name(role));
        }
    }
    return names;
}

static const OptionRow *find_row(const std::string &key, dhcp46_role role) {
    for (const OptionRow &row : option_rows()) {
        if (row.name == key && (role == DHCP46_ROLE_NONE || row.is_for(role)))
            return &row;
    }
    return nullptr;
}

// An option is named --OPTION by what is said of command lines, `OPTION` of files.
static std::string in_words_of_files(const std::string &text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (text.compare(i, 2, "--") != 0) {
            result += text[i++];
            continue;
        }
        std::size_t end = i + 2;
        while (end < text.size() &&
               (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '-'))
            end++;
        result += fmt::format("`{}`", text.substr(i + 2, end - i - 2));
        i = end;
    }
    return result;
}

static std::string example_of(const OptionRow &row) {
    static const std::map<std::string, const char *> examples = {
        {"", "true"},
        {"N", "16"},
        {"CODE", "254"},
        {"DEV", "\"eth0\""},
        {"IFNAME", "\"local-srv\""},
        {"V4ADDR", "\"192.0.2.1\""},
        {"V6ADDR", "\"2001:db8::1\""},
        {"[DEV=]V6ADDR", "\"2001:db8::1\""},
        {"PREFIX", "\"2001:db8:1::/48\""},
        {"PREFIX=V4ADDR", "\"2001:db8:1::/48=192.0.2.1\""},
        {"MODE", "\"off\""},
        {"POLICY", "\"replace\""},
    };
    return examples.at(row.type);
}

static const char *wanted_of(const OptionRow &row) {
    if (std::holds_alternative<OptionRow::Flag>(row.value))
        return "a boolean";
    if (!row.takes_text())
        return "an integer";
    if (row.takes_number())
        return "an integer or a string";
    return "a string";
}

namespace {

class InstanceReader {
  public:
    InstanceReader(const Value &table, Report &report) : table_(table), report_(report) { read(); }

    const std::string &name() const { return options_.name; }
    Position position_of(const std::string &key, std::size_t index) const {
        const Entry *entry = table_.find(key);
        if (!entry)
            return table_.at;
        const auto &list = entry->value.list;
        return index < list.size() ? list[index].at : entry->value.at;
    }

    // Devices of which only one instance can have the clients, with the key that names them.
    std::pair<const char *, const std::vector<std::string> *> client_links() const {
        if (options_.role == DHCP46_ROLE_LCRA)
            return {"client-dev", &options_.client_devices};
        if (options_.role == DHCP46_ROLE_HCRA)
            return {"dev", &options_.devices};
        return {"", nullptr};
    }

    std::optional<Spec> spec() {
        if (options_.role == DHCP46_ROLE_NONE)
            return std::nullopt;
        auto spec = spec_of(options_);
        if (spec) {
            for (std::string &warning : spec->warnings)
                warning = in_words_of_files(warning);
            return *std::move(spec);
        }
        for (const Problem &problem : spec.error())
            add_problem(problem);
        return std::nullopt;
    }

  private:
    void read() {
        read_name();
        read_role();
        for (const Entry &entry : table_.table) {
            if (entry.key != "name" && entry.key != "role")
                read_option(entry);
        }
        for (const OptionRow &row : option_rows()) {
            if (options_.role != DHCP46_ROLE_NONE && row.is_for(options_.role) &&
                row.need == Need::required && !table_.find(row.name))
                add_missing(row.name, an_instance() + " needs it", example_of(row));
        }
    }

    std::string an_instance() const {
        return options_.role == DHCP46_ROLE_NONE ? std::string("an instance") : a_role();
    }

    std::string a_role() const {
        const bool vowel = options_.role == DHCP46_ROLE_LCRA || options_.role == DHCP46_ROLE_HCRA;
        return fmt::format("{} {}", vowel ? "an" : "a", role_name(options_.role));
    }

    void add_missing(const std::string &key, const std::string &why, const std::string &example) {
        report_.add(table_.at, key, fmt::format("it is missing, and {}", why),
                    fmt::format("write {} = {}", key, example));
        wrong_.insert(key);
    }

    bool read_text(const Entry &entry, const char *example, std::string &into) {
        if (entry.value.kind != Value::Kind::text) {
            report_.add_wrong_type(entry, entry.value.at, entry.value.kind, "a string", example);
            return false;
        }
        if (!is_plain_text(entry, entry.value, report_))
            return false;
        into = entry.value.text;
        return true;
    }

    void read_name() {
        const Entry *entry = table_.find("name");
        if (!entry)
            return add_missing("name", "every instance has a name of its own", "\"…\"");
        if (!read_text(*entry, "\"access\"", options_.name))
            wrong_.insert("name");
    }

    void read_role() {
        const Entry *entry = table_.find("role");
        if (!entry)
            return add_missing("role", "the other keys depend on it",
                               R"("lcra", "hcra", "tra" or "tsv")");
        std::string text;
        if (!read_text(*entry, "\"lcra\"", text))
            return;
        for (const dhcp46_role role : roles) {
            if (text == role_name(role))
                options_.role = role;
        }
        if (options_.role != DHCP46_ROLE_NONE)
            return;
        const std::string meant = nearest(text, role_names());
        report_.add(entry->value.at, fmt::format("role {}", quoted(text)), "there is no such role",
                    meant.empty() ? fmt::format("there are {}", listed(role_names(), "and"))
                                  : fmt::format("did you mean `{}`?", meant));
    }

    void read_option(const Entry &entry) {
        const OptionRow *row = find_row(entry.key, options_.role);
        if (!row)
            return add_unknown(entry);
        if (!set(entry, *row))
            wrong_.insert(entry.key);
    }

    void add_unknown(const Entry &entry) {
        if (entry.key == "max-links")
            return report_.add(entry.at, entry.key, "it is room for all instances together",
                               "write it below [controller]");
        const auto others = roles_with(entry.key);
        if (others.empty())
            return report_.add_unknown(entry, an_instance(), instance_keys(options_.role));
        report_.add(
            entry.at, entry.key,
            fmt::format("{} has no such key, only {}", an_instance(), listed(others, "and")),
            fmt::format("{} has {}", an_instance(), listed(instance_keys(options_.role), "and")));
    }

    bool set(const Entry &entry, const OptionRow &row) {
        if (const auto *flag = std::get_if<OptionRow::Flag>(&row.value)) {
            if (entry.value.kind != Value::Kind::flag)
                return wrong_type(entry, row, entry.value);
            options_.*(*flag) = entry.value.flag;
            return true;
        }
        if (const auto *text = std::get_if<OptionRow::Text>(&row.value))
            return set_text(entry, row, entry.value, options_.*(*text));
        return set_list(entry, row, options_.*std::get<OptionRow::List>(row.value));
    }

    bool set_text(const Entry &entry, const OptionRow &row, const Value &value, std::string &into) {
        const bool right = (value.kind == Value::Kind::text && row.takes_text()) ||
                           (value.kind == Value::Kind::number && row.takes_number());
        if (!right)
            return wrong_type(entry, row, value);
        if (!is_plain_text(entry, value, report_))
            return false;
        into = value.text;
        return true;
    }

    // A single string is a list of one.
    bool set_list(const Entry &entry, const OptionRow &row, std::vector<std::string> &into) {
        if (entry.value.kind != Value::Kind::list)
            return set_text(entry, row, entry.value, into.emplace_back());
        if (entry.value.list.empty()) {
            report_.add(entry.value.at, entry.key, "it is empty",
                        "give a value, or leave the key out");
            return false;
        }
        bool good = true;
        for (const Value &value : entry.value.list)
            good = set_text(entry, row, value, into.emplace_back()) && good;
        return good;
    }

    bool wrong_type(const Entry &entry, const OptionRow &row, const Value &value) {
        report_.add_wrong_type(entry, value.at, value.kind, wanted_of(row), example_of(row));
        return false;
    }

    // What was said of a key is enough: the rest may follow from it.
    void add_problem(const Problem &problem) {
        if (wrong_.contains(problem.option))
            return;
        report_.add(position_of(problem.option, problem.index),
                    problem.value.empty()
                        ? problem.option
                        : fmt::format("{} {}", problem.option, quoted(problem.value)),
                    in_words_of_files(problem.why), in_words_of_files(problem.hint));
    }

    const Value &table_;
    Report &report_;
    InstanceOptions options_;
    std::set<std::string> wrong_; // keys
};

struct Claim {
    std::string instance;
    unsigned line;
};

void check_between(const std::vector<InstanceReader> &instances, Report &report) {
    std::map<std::string, unsigned> names;
    std::map<std::string, Claim> links;
    for (const InstanceReader &instance : instances) {
        const Position at = instance.position_of("name", 0);
        const auto [other, fresh] = names.try_emplace(instance.name(), at.line);
        if (!fresh && !instance.name().empty())
            report.add(at, fmt::format("name {}", quoted(instance.name())),
                       fmt::format("the instance of line {} has it already", other->second),
                       "give each instance a name of its own");
        const auto [key, devices] = instance.client_links();
        const std::vector<std::string> none;
        std::size_t index = 0;
        for (const std::string &device : devices ? *devices : none) {
            const Position place = instance.position_of(key, index++);
            const auto [claim, first] =
                links.try_emplace(device, Claim{instance.name(), place.line});
            if (!first && !device.empty() && claim->second.instance != instance.name())
                report.add(place, fmt::format("{} {}", key, quoted(device)),
                           fmt::format("its clients are served by {} already (line {})",
                                       quoted(claim->second.instance), claim->second.line),
                           "a client link has one instance: name another device, or leave it out");
        }
    }
}

} // namespace

std::vector<Spec> read_instances(const std::vector<Value> &tables, Report &report) {
    std::vector<Spec> specs;
    std::vector<InstanceReader> readers;
    readers.reserve(tables.size());
    for (const Value &table : tables) {
        readers.emplace_back(table, report);
        if (auto spec = readers.back().spec()) {
            spec->origin = DHCP46_ORIGIN_FILE;
            specs.push_back(*std::move(spec));
        }
    }
    check_between(readers, report);
    return specs;
}

} // namespace dhcp46
