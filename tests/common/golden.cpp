// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "common/golden.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "instance/counters.h"
#include "instance/publish.h"

namespace dhcp46::test {

using Json = nlohmann::json;

namespace {

std::string path_of_cases() {
    const char *given = std::getenv("DHCP46_GOLDEN_CASES");
    return given ? given : DHCP46_GOLDEN_CASES_PATH;
}

Json read_cases() {
    const std::string path = path_of_cases();
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error("cannot read " + path + " (DHCP46_GOLDEN_CASES names another)");
    return Json::parse(file);
}

std::uint8_t digit(char c) {
    return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

Frame unhex(const std::string &text) {
    Frame frame;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        frame.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
    return frame;
}

Mac parse_mac(const std::string &text) {
    Mac mac = {};
    for (std::size_t i = 0; i < mac.size(); i++)
        mac[i] = static_cast<std::uint8_t>(digit(text[3 * i]) << 4 | digit(text[3 * i + 1]));
    return mac;
}

Ip6 upstream_address(const std::string &text) {
    const auto four = parse_ip4(text);
    return four ? v4_mapped(*four) : parse_ip6(text).value();
}

std::string text_or_empty(const Json &value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::uint32_t verdict_of(const std::string &fate) {
    static const std::map<std::string, std::uint32_t> verdicts = {
        {"ignore", DHCP46_VERDICT_IGNORE}, {"relay", DHCP46_VERDICT_RELAY},
        {"pass", DHCP46_VERDICT_PASS},     {"drop", DHCP46_VERDICT_DROP},
        {"punt", DHCP46_VERDICT_PUNT},
    };
    return verdicts.at(fate);
}

std::uint32_t reason_of(const std::string &section, const std::string &name) {
    const std::string wanted = section + "." + name;
    for (std::uint32_t reason = 0; reason < DHCP46_REASONS; reason++) {
        if (reason_name(reason) == wanted)
            return reason;
    }
    throw std::runtime_error("no reason " + wanted);
}

std::uint32_t reason_of(const Json &json) {
    static const std::map<std::string, std::string> sections = {
        {"drop", "dropped"}, {"pass", "passed"}, {"punt", "punted"}};
    const std::string name = text_or_empty(json.at("reason"));
    if (name.empty())
        return DHCP46_NO_REASON;
    return reason_of(sections.at(json.at("fate").get<std::string>()), name);
}

std::optional<std::uint32_t> type_of(const Json &json) {
    if (!json.is_string())
        return std::nullopt;
    std::uint32_t type = 0;
    for (const NamedRelayed &named : relayed_of({})) {
        if (named.name == json.get<std::string>())
            return type;
        type++;
    }
    throw std::runtime_error("no type " + json.get<std::string>());
}

GoldenCase parse_case(const Json &json) {
    GoldenCase golden = {};
    golden.name = json.at("name").get<std::string>();
    golden.world = json.at("world").get<std::string>();
    golden.changes = json.at("set").dump();
    golden.on = json.at("on").get<std::string>();
    golden.hook = json.at("hook") == "egress" ? Hook::egress : Hook::ingress;
    golden.in = unhex(json.at("in").get<std::string>());
    golden.partial = json.at("partial").get<bool>();
    golden.verdict = verdict_of(json.at("fate").get<std::string>());
    golden.reason = reason_of(json);
    for (const Json &note : json.at("notes"))
        golden.notes.push_back(reason_of("noted", note.get<std::string>()));
    golden.type = type_of(json.at("type"));
    for (const Json &frame : json.at("out"))
        golden.out.push_back(unhex(frame.get<std::string>()));
    golden.to = text_or_empty(json.at("to"));
    for (const Json &tier : json.at("tiers")) {
        golden.on_core |= tier == "core";
        golden.on_xdp |= tier == "xdp";
        golden.on_tc |= tier == "tc";
    }
    golden.xdp_hands_on = json.at("xdp") == "pass";
    return golden;
}

// A world with what a case changes in it.
class World {
  public:
    World(const std::string &world, const std::string &changes)
        : world_(Json::parse(world)), changes_(Json::parse(changes)) {}

    std::vector<GoldenDevice> devices() const {
        std::vector<GoldenDevice> devices;
        for (const auto &[name, json] : world_.at("devices").items())
            devices.push_back(golden_device(name, json));
        return devices;
    }

    // Resolved as from options and network; `on` is where the case's frame comes in.
    Resolved resolved(const std::string &on, const Ifindexes &ifindexes) const {
        Resolved resolved;
        resolved.spec = spec();
        if (is_cra(resolved.spec.role))
            resolve_cra(resolved, ifindexes);
        else
            resolve_tra(resolved, on == "v6", ifindexes);
        return resolved;
    }

    // The command line has no option for ports.
    void complete(Tables &tables) const {
        const Json list = upstreams();
        for (auto &[key, upstream] : tables.upstreams)
            upstream.port = list.at(key.slot).at("port").get<std::uint16_t>();
    }

    // The ways that are not as usual for everything on a device.
    std::map<Ip6, Route> routes(const Ifindexes &ifindexes) const {
        std::map<Ip6, Route> routes;
        const GoldenRoutes changed = Golden::routes(changes_.dump());
        for (const GoldenDevice &device : devices()) {
            for (const auto &[address, mac] : device.neighbours)
                routes[upstream_address(address)] = {ifindexes.at(device.name), mac, device.mtu};
        }
        for (const auto &[address, mtu] : changed.mtus) {
            Route &route = routes[upstream_address(address)];
            if (route.ifindex == 0)
                route = {ifindexes.at("uplink"), next_hop("uplink"), 0};
            route.mtu = mtu;
        }
        for (const std::string &address : changed.unreachable)
            routes[upstream_address(address)] = {};
        return routes;
    }

  private:
    void resolve_cra(Resolved &resolved, const Ifindexes &ifindexes) const {
        const bool hcra = resolved.spec.role == DHCP46_ROLE_HCRA; // both sides are one device
        add_link(resolved, DHCP46_SIDE_CLIENT, device(hcra ? "link" : "client", ifindexes),
                 !changed("no_source"));
        add_link(resolved, DHCP46_SIDE_IPV6, device(hcra ? "link" : "uplink", ifindexes), false);
    }

    void resolve_tra(Resolved &resolved, bool is_request, const Ifindexes &ifindexes) const {
        const bool tsv = resolved.spec.role == DHCP46_ROLE_TSV;
        const bool no_giaddr = changed("no_source") && is_request;
        const bool no_source = changed("no_source") && !is_request;
        add_link(resolved, DHCP46_SIDE_IPV6, device("v6", ifindexes), !no_source);
        add_link(resolved, DHCP46_SIDE_SERVER, device(tsv ? "ours" : "v4", ifindexes), false);
        if (no_giaddr)
            resolved.links[1].device.addresses4.clear();
        else
            resolved.giaddr = ip4(world_.at("giaddr"));
        if (tsv)
            resolved.server_end.mac.octets =
                parse_mac(world_.at("devices").at("ours").at("other_end_mac").get<std::string>());
    }

    GoldenDevice golden_device(const std::string &name, const Json &json) const {
        GoldenDevice device;
        device.name = name;
        if (json.at("mac").is_string())
            device.mac = parse_mac(json.at("mac").get<std::string>());
        device.mtu = changes_.value(name + "_mtu", json.at("mtu").get<std::uint32_t>());
        if (json.contains("next_hop_mac"))
            device.next_hop = parse_mac(json.at("next_hop_mac").get<std::string>());
        const Json neighbours = json.value("neighbours", Json::object());
        for (const auto &[address, mac] : neighbours.items())
            device.neighbours[address] = parse_mac(mac.get<std::string>());
        if (json.contains("other_end_mac"))
            device.other_end = parse_mac(json.at("other_end_mac").get<std::string>());
        device.ipv4 = text_or_empty(json.value("ipv4", Json()));
        return device;
    }

    Mac next_hop(const std::string &name) const {
        return golden_device(name, world_.at("devices").at(name)).next_hop.value_or(Mac{});
    }

    static Ip4 ip4(const Json &json) { return parse_ip4(json.get<std::string>()).value(); }

    bool changed(const std::string &name) const { return changes_.value(name, false); }

    Json upstreams() const { return member("upstreams"); }
    Json prefixes() const { return member("cra_prefixes"); }

    // Of the world; null: it has none.
    Json member(const std::string &name) const {
        return changes_.contains(name) ? changes_.at(name) : world_.value(name, Json());
    }

    // A member of the policy.
    Json knob(const std::string &name) const {
        return changes_.contains(name) ? changes_.at(name) : world_.at("policy").at(name);
    }

    dhcp46_policy policy() const {
        static const std::map<std::string, std::uint8_t> giaddr_policies = {
            {"replace", DHCP46_GIADDR_REPLACE}, {"drop", DHCP46_GIADDR_DROP}};
        dhcp46_policy policy = {};
        policy.hops_limit = knob("hops_limit").get<std::uint8_t>();
        policy.cra6addr_code = knob("cra6addr_code").get<std::uint8_t>();
        policy.giaddr_policy = giaddr_policies.at(knob("giaddr_policy").get<std::string>());
        const int broadcast = knob("always_broadcast") ? DHCP46_ALWAYS_BROADCAST : 0;
        const int any_source = knob("accept_any_source") ? DHCP46_ACCEPT_ANY_SOURCE : 0;
        policy.flags = static_cast<std::uint8_t>(broadcast | any_source);
        return policy;
    }

    Spec spec() const {
        static const std::map<std::string, dhcp46_role> roles = {{"lcra", DHCP46_ROLE_LCRA},
                                                                 {"hcra", DHCP46_ROLE_HCRA},
                                                                 {"tra", DHCP46_ROLE_TRA},
                                                                 {"tsv", DHCP46_ROLE_TSV}};
        Spec spec;
        spec.name = world_.at("instance").at("name").get<std::string>();
        spec.role = roles.at(world_.at("instance").at("role").get<std::string>());
        spec.policy = policy();
        if (const Json source = knob("client_source"); source.is_string())
            spec.client_source = ip4(source);
        for (const Json &upstream : upstreams())
            spec.upstreams.push_back(upstream_address(upstream.at("address").get<std::string>()));
        const Json allowed = prefixes();
        for (const auto &[text, link] : allowed.items()) {
            const Prefix6 prefix = parse_prefix6(text).value();
            spec.cra_prefixes.push_back(prefix);
            if (link.is_string())
                spec.link_selections.push_back({prefix, ip4(link)});
        }
        return spec;
    }

    void add_link(Resolved &resolved, dhcp46_side side, const Device &device, bool source) const {
        ResolvedLink link;
        link.side = side;
        link.device = device;
        if (source)
            link.source6 = parse_ip6(world_.at("source6").get<std::string>()).value();
        resolved.links.push_back(link);
    }

    Device device(const std::string &name, const Ifindexes &ifindexes) const {
        Device device;
        for (const GoldenDevice &golden : devices()) {
            if (golden.name != name)
                continue;
            device.mac.octets = golden.mac.value_or(Mac{});
            device.mtu = golden.mtu;
            device.ethernet = golden.mac.has_value();
        }
        device.ifindex = ifindexes.at(name);
        device.name = name;
        device.kind = device.ethernet ? "veth" : "tun";
        device.up = true;
        device.xdp = XdpFeatures{device.ethernet, device.ethernet, device.ethernet};
        const Json own = world_.at("devices").at(name).value("ipv4", Json());
        if (changes_.contains(name + "_ipv4"))
            device.addresses4 = {with_length(changes_.at(name + "_ipv4").get<std::string>())};
        else if (own.is_string())
            device.addresses4 = {{ip4(own), 24, {}}};
        return device;
    }

    static Address4 with_length(const std::string &text) {
        const auto slash = text.find('/');
        const auto length = static_cast<unsigned>(std::stoul(text.substr(slash + 1)));
        return {parse_ip4(text.substr(0, slash)).value(), length, {}};
    }

    Json world_;
    Json changes_;
};

// XDP is on each device that can have it.
HookMap hooks_of(const Resolved &resolved) {
    HookMap hooks;
    for (const ResolvedLink &link : resolved.links)
        hooks[link.device.ifindex] = {link.device.ethernet, true, false};
    return hooks;
}

bool is_ipv6(const Frame &frame) {
    return frame.at(ETH_TYPE) == 0x86 && frame.at(ETH_TYPE + 1) == 0xdd;
}

dhcp46::Network host_of(const Resolved &resolved) {
    dhcp46::Network host;
    for (const ResolvedLink &link : resolved.links)
        host.devices.push_back(link.device);
    return host;
}

void copy_entries(const Tables &entries, dhcp46_tables &to) {
    to.links.insert(entries.links.begin(), entries.links.end());
    to.addresses.insert(entries.addresses.begin(), entries.addresses.end());
    to.upstreams.insert(entries.upstreams.begin(), entries.upstreams.end());
    to.prefixes.insert(entries.cra_prefixes.begin(), entries.cra_prefixes.end());
}

} // namespace

std::uint32_t Scene::link_id(const GoldenCase &golden) const {
    std::uint32_t found = 0;
    for (const auto &[key, link] : entries.links) {
        // An HCRA has both its sides there: requests are IPv4.
        const bool other_side = (key.side == DHCP46_SIDE_CLIENT) == is_ipv6(golden.in);
        if (key.ifindex == ifindexes.at(golden.on) && (found == 0 || !other_side))
            found = link.link_id;
    }
    return found;
}

Golden::Golden() {
    const Json json = read_cases();
    for (const auto &[name, world] : json.at("worlds").items())
        worlds_[name] = world.dump();
    for (const Json &each : json.at("cases"))
        cases_.push_back(parse_case(each));
}

const GoldenCase &Golden::find(const std::string &name) const {
    const auto found = std::find_if(cases_.begin(), cases_.end(),
                                    [&](const GoldenCase &each) { return each.name == name; });
    if (found == cases_.end())
        throw std::runtime_error("no case " + name);
    return *found;
}

std::vector<GoldenDevice> Golden::devices(const std::string &world,
                                          const std::string &changes) const {
    return World(worlds_.at(world), changes).devices();
}

GoldenRoutes Golden::routes(const std::string &changes) {
    const Json json = Json::parse(changes);
    return {json.value("unreachable", std::vector<std::string>()),
            json.value("route_mtu", std::map<std::string, std::uint32_t>())};
}

Scene Golden::scene(const GoldenCase &golden, const Ifindexes &ifindexes) const {
    const World world(worlds_.at(golden.world), golden.changes);
    const Resolved resolved = world.resolved(golden.on, ifindexes);
    auto published = with_instance({}, resolved, hooks_of(resolved), host_of(resolved));
    if (!published)
        throw std::runtime_error(golden.name + ": " + published.error().what);

    Scene scene;
    scene.entries = published->tables;
    world.complete(scene.entries);
    scene.ifindexes = ifindexes;
    copy_entries(scene.entries, scene.network.tables);
    scene.network.routes = world.routes(ifindexes);
    for (const GoldenDevice &device : world.devices())
        scene.network.ways[ifindexes.at(device.name)] = {
            device.mac.value_or(Mac{}), device.next_hop.value_or(Mac{}), device.mtu,
            device.mac ? std::uint32_t{ETH_LENGTH} : 0};
    return scene;
}

const Golden &golden() {
    static const Golden file;
    return file;
}

namespace {

std::vector<std::string> names_of(const std::vector<std::uint32_t> &reasons) {
    std::vector<std::string> names(reasons.size());
    std::transform(reasons.begin(), reasons.end(), names.begin(), reason_name);
    return names;
}

// "none" for a packet that is relayed: then the reason is a note.
std::string reason_of(const Outcome &outcome) {
    const bool relayed = outcome.verdict == DHCP46_VERDICT_RELAY;
    return reason_name(relayed ? std::uint32_t{DHCP46_NO_REASON} : outcome.reason);
}

std::vector<std::string> notes_of(const Outcome &outcome) {
    std::vector<std::uint32_t> notes(outcome.skipped, DHCP46_NOTE_upstream_skipped);
    if (outcome.verdict == DHCP46_VERDICT_RELAY && outcome.reason != DHCP46_NO_REASON)
        notes.insert(notes.begin(), outcome.reason);
    return names_of(notes);
}

std::string difference(const std::string &what, const std::string &wanted,
                       const std::string &found) {
    return wanted == found ? "" : what + ": wanted " + wanted + ", found " + found;
}

std::string joined(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words)
        text += word + " ";
    return text;
}

std::string device_of(const Scene &scene, const Sent &sent) {
    if (sent.way == DHCP46_WAY_HOST)
        return GoldenCase::host;
    for (const auto &[name, ifindex] : scene.ifindexes) {
        if (ifindex == sent.ifindex)
            return name;
    }
    return "none";
}

// Each frame behind the device where it leaves.
std::string sent_text(const Scene &scene, const std::vector<Sent> &out) {
    std::vector<std::string> words;
    for (const Sent &sent : out)
        words.push_back(device_of(scene, sent) + " " + hex(sent.frame));
    return joined(words);
}

std::string sent_text(const GoldenCase &each) {
    std::vector<std::string> words;
    for (const Frame &frame : each.out)
        words.push_back(each.to + " " + hex(frame));
    return joined(words);
}

} // namespace

std::string difference(const GoldenCase &each, const Scene &scene, const Outcome &outcome) {
    const bool ours = each.verdict != DHCP46_VERDICT_IGNORE;
    const bool counted = each.verdict == DHCP46_VERDICT_RELAY && each.type;
    const std::string found[] = {
        difference("verdict", verdict_name(each.verdict), verdict_name(outcome.verdict)),
        difference("reason", reason_name(each.reason), reason_of(outcome)),
        difference("notes", joined(names_of(each.notes)), joined(notes_of(outcome))),
        difference("link", std::to_string(ours ? scene.link_id(each) : 0),
                   std::to_string(outcome.link_id)),
        difference("type", std::to_string(counted ? *each.type : outcome.type),
                   std::to_string(outcome.type)),
        difference("sent", sent_text(each), sent_text(scene, outcome.out)),
    };
    for (const std::string &text : found) {
        if (!text.empty())
            return text;
    }
    return "";
}

std::string hex(const Frame &frame) {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : frame) {
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

std::string test_name(const std::string &case_name) {
    std::string name = case_name;
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

std::string reason_name(std::uint32_t reason) {
    static const std::vector<NamedCount> names = counts_of({});
    return reason < names.size() ? std::string(names[reason].section) + "." + names[reason].name
                                 : "none";
}

std::string verdict_name(std::uint32_t verdict) {
    static const char *const names[] = {"ignore", "relay", "pass", "drop", "punt"};
    return names[verdict];
}

void PrintTo(const GoldenCase &golden, std::ostream *out) {
    *out << golden.name << ": " << verdict_name(golden.verdict) << " "
         << reason_name(golden.reason);
}

} // namespace dhcp46::test
