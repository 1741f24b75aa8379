// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "differential/seeds.h"

#include <algorithm>

#include "differential/world.h"

namespace dhcp46::test {

namespace {

Ip4 ip4(const std::string &text) {
    return parse_ip4(text).value_or(Ip4{});
}

Ip6 ip6(const std::string &text) {
    return parse_ip6(text).value_or(Ip6{});
}

// The instances that relay are tried most; the others have one fate to show.
const Cra &pick_cra(Random &random) {
    static const std::size_t order[] = {0, 0, 0, 0, 4, 4, 1, 5, 5, 6, 6, 7};
    return random.percent(3) ? cras()[random.between(2, 3)] : cras()[random.pick(order)];
}

const Tra &pick_tra(Random &random) {
    static const std::size_t order[] = {0, 0, 0, 1, 1, 5, 5, 6, 7, 7};
    return random.percent(4) ? tras()[random.between(2, 4)] : tras()[random.pick(order)];
}

Mac make_mac(Random &random) {
    Mac mac = {{2, 0, 0, 0, 0, 0}};
    random.fill(std::span(mac).subspan(1));
    return mac;
}

// An HCRA's clients have the device's own address.
Mac client_of(Random &random, const Cra &cra) {
    return cra.role == DHCP46_ROLE_HCRA ? mac_of(cra.client) : make_mac(random);
}

// A source that says it is IPv6 where a test run looks for the EtherType.
Ip6 make_source_for(Random &random, std::uint32_t ifindex) {
    Ip6 address = make_cra_address(random);
    if (l2_length_of(ifindex) == 0) {
        address = ip6(random.percent(50) ? "2001:db8:86dd:1::" : "2001:db8:86dd:2::");
        random.fill(std::span(address.octets).subspan(8));
    }
    return address;
}

void set_message(Random &random, Message &message, std::uint8_t op, std::uint8_t type,
                 const Mac &client) {
    message.op = op;
    message.xid = static_cast<std::uint32_t>(random.next());
    std::copy(client.begin(), client.end(), message.chaddr.begin());
    message.options.push_back({53, {type}, {}});
    for (std::size_t left = random.below(12); left > 0; left--)
        message.options.push_back(make_option(random, 20));
}

void set_request(Random &random, Message &message, const Mac &client) {
    static const std::uint8_t types[] = {1, 1, 3, 3, 4, 7, 8};
    set_message(random, message, 1, random.pick(types), client);
    const std::size_t length = write_message(message).size();
    if (length < 300 && random.percent(80)) /* as most clients */
        message.behind_end.resize(300 - length);
}

void set_reply(Random &random, Message &message, const Mac &client) {
    static const std::uint8_t types[] = {2, 2, 5, 5, 5, 6};
    set_message(random, message, 2, random.pick(types), client);
    message.yiaddr = {{192, 0, 2, random.octet()}};
    if (random.percent(60))
        message.options.push_back({54, {198, 51, 100, 2}, {}});
}

Recipe cra_request(Random &random) {
    const Cra &cra = pick_cra(random);
    const Ip4 own = ip4(cra.ipv4), directed = ip4(cra.broadcast);
    Recipe recipe;

    recipe.target = {1, cra.id, cra.policy.hops_limit, mtu_of(cra.uplink), 0, {}};
    recipe.ifindex = cra.client;
    recipe.destination = {{255, 255, 255, 255, 255, 255}};
    recipe.source = make_mac(random);
    recipe.destination4 = {{255, 255, 255, 255}};
    if (own.is_set() && random.percent(50))
        recipe.destination4 = random.percent(50) ? own : directed;
    set_request(random, recipe.message, client_of(random, cra));
    if (cra.role == DHCP46_ROLE_HCRA) { // else it is another host's
        recipe.egress = random.percent(90);
        recipe.destination4 = {{255, 255, 255, 255}};
    }
    return recipe;
}

Recipe cra_reply(Random &random) {
    const Cra *cra = &pick_cra(random);
    if (cra->source6.empty()) /* has no address to reply to */
        cra = &cras().front();
    Recipe recipe;

    recipe.target = {2, cra->id, 16, mtu_of(cra->client), 0, {}};
    recipe.ifindex = cra->uplink;
    recipe.destination = mac_of(cra->uplink);
    recipe.source = next_hop_of(cra->uplink);
    recipe.ipv6 = true;
    recipe.source6 = make_cra_address(random);
    if (!cra->upstreams.empty() && !(cra->policy.flags & DHCP46_ACCEPT_ANY_SOURCE))
        recipe.source6 = ip6(cra->upstreams[random.below(cra->upstreams.size())].address);
    recipe.destination6 = ip6(cra->source6);
    recipe.source_port = 67;
    set_reply(random, recipe.message, client_of(random, *cra));
    return recipe;
}

Recipe tra_request(Random &random) {
    const Tra &tra = pick_tra(random);
    Recipe recipe;

    recipe.target = {3,
                     tra.id,
                     tra.policy.hops_limit,
                     mtu_of(tra.v4),
                     tra.policy.cra6addr_code,
                     ip4(tra.giaddr)};
    recipe.ifindex = tra.v6;
    recipe.destination = mac_of(tra.v6);
    recipe.source = next_hop_of(tra.v6);
    recipe.ipv6 = true;
    recipe.source6 = make_source_for(random, tra.v6);
    recipe.destination6 = ip6(tra.service6);
    recipe.source_port = 67;
    set_request(random, recipe.message, make_mac(random));
    recipe.message.hops = 1;
    return recipe;
}

Recipe tra_reply(Random &random) {
    const Tra &tra = pick_tra(random);
    Recipe recipe;

    recipe.target = {4,
                     tra.id,
                     tra.policy.hops_limit,
                     mtu_of(tra.v6),
                     tra.policy.cra6addr_code,
                     ip4(tra.giaddr)};
    recipe.ifindex = tra.v4;
    recipe.destination = mac_of(tra.v4);
    recipe.source = next_hop_of(tra.v4);
    recipe.source4 = {{198, 51, 100, 2}};
    if (!tra.upstreams.empty())
        recipe.source4 = ip4(tra.upstreams[random.below(tra.upstreams.size())].address);
    recipe.destination4 = recipe.target.giaddr;
    recipe.source_port = 67;
    set_reply(random, recipe.message, make_mac(random));
    recipe.message.giaddr = recipe.target.giaddr;
    auto &options = recipe.message.options;
    const auto place = options.size() - (random.percent(50) ? 0 : random.below(options.size()));
    options.insert(options.begin() + static_cast<std::ptrdiff_t>(place),
                   make_option82(recipe.target.cra6addr_code, make_cra_address(random)));
    return recipe;
}

} // namespace

Recipe make_seed(Random &random) {
    switch (random.below(4)) {
    case 0:
        return cra_request(random);
    case 1:
        return cra_reply(random);
    case 2:
        return tra_request(random);
    default:
        return tra_reply(random);
    }
}

Option make_option(Random &random, std::size_t longest) {
    static const std::uint8_t usual[] = {1,  3,  6,  12, 15, 28, 42, 50,
                                         51, 54, 55, 57, 58, 60, 61, 119};
    Option option;
    option.code = random.pick(usual);
    if (random.percent(20))
        option.code = static_cast<std::uint8_t>(random.between(83, 254));
    option.value.resize(random.below(longest + 1));
    random.fill(option.value);
    return option;
}

Option make_option82(std::uint8_t code, const Ip6 &cra) {
    Option option;
    option.code = 82;
    option.value.resize(18);
    option.value[0] = code;
    option.value[1] = 16;
    std::copy(cra.octets.begin(), cra.octets.end(), option.value.begin() + 2);
    return option;
}

Ip6 make_cra_address(Random &random) {
    Ip6 address = ip6(random.percent(70) ? "2001:db8:a:1::" : "fd00:1234::");
    random.fill(std::span(address.octets).subspan(8));
    return address;
}

} // namespace dhcp46::test
