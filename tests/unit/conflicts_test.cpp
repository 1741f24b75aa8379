// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

static void expect_conflict(const Tables &tables, const Spec &spec, const Network &network,
                            const std::string &mentions) {
    const auto status = check_conflicts(tables, resolved(spec, network), network);
    ASSERT_FALSE(status) << mentions;
    EXPECT_EQ(status.error().exit, Exit::runtime);
    EXPECT_FALSE(status.error().hint.empty());
    const std::string text = status.error().what + status.error().why + status.error().hint;
    EXPECT_NE(text.find(mentions), std::string::npos) << text;
}

TEST(Conflicts, NoneForTheSameAgain) {
    const Tables tables = attached({}, lcra(), network());
    EXPECT_TRUE(check_conflicts(tables, resolved(lcra(), network()), network()));
}

TEST(Conflicts, OtherRole) {
    const Tables tables = attached({}, lcra(), network());
    Spec spec = tra();
    spec.name = "access";
    expect_conflict(tables, spec, network(), "detach access");
}

TEST(Conflicts, OtherDevices) {
    const Tables tables = attached({}, lcra(), network());
    Spec other = lcra();
    other.client_devices = {"eth2"};
    expect_conflict(tables, other, network(), "other devices");
    Spec more = lcra();
    more.client_devices = {"eth1", "eth2"};
    expect_conflict(tables, more, network(), "other devices");
}

TEST(Conflicts, ADeviceMadeAgainIsTheSame) {
    const Tables tables = attached({}, lcra(), network());
    Network host = network();
    host.devices[1].ifindex = 99;
    EXPECT_TRUE(check_conflicts(tables, resolved(lcra(), host), host));
}

TEST(Conflicts, ClientLinkServedByAnother) {
    const Tables tables = attached({}, lcra(), network());
    Spec spec = lcra();
    spec.name = "second";
    expect_conflict(tables, spec, network(), "access");
}

// Both are made anew: the first takes what the second gives up, and the other way round.
TEST(Conflicts, DevicesAndAddressesAreExchanged) {
    Network host = network();
    host.devices[0].addresses6 = {address("2001:db8:a::1"), address("2001:db8:a::2")};
    Spec first = lcra(), second = lcra();
    second.name = "second";
    second.client_devices = {"eth2"};
    first.sources = {{"", ip6("2001:db8:a::1")}};
    second.sources = {{"", ip6("2001:db8:a::2")}};
    const Tables before = attached(attached({}, first, host), second, host);
    std::swap(first.client_devices, second.client_devices);
    std::swap(first.sources, second.sources);

    const auto check = [&](const Tables &tables, const Spec &spec,
                           const std::set<std::string> &yielding) {
        return static_cast<bool>(
            check_conflicts(tables, resolved(spec, host), host, Shape::may_change, yielding));
    };
    EXPECT_FALSE(check(before, first, {}));
    ASSERT_TRUE(check(before, first, {"second"}));
    const Tables between = attached(before, first, host);
    // The address before is kept for replies under way, and keeps nobody from it.
    ASSERT_TRUE(check(between, second, {}));
    const Tables after = attached(between, second, host);
    const Tables fresh = attached(attached({}, first, host), second, host);
    ASSERT_EQ(after.links.size(), fresh.links.size());
    for (const auto &[key, link] : fresh.links)
        EXPECT_EQ(after.links.at(key).instance, link.instance) << key.ifindex;
    for (const auto &[key, entry] : fresh.addresses)
        EXPECT_EQ(after.addresses.at(key).instance, entry.instance);
    // Each device's counters are those of one instance.
    EXPECT_NE(between.links.at({12, 0, 0, DHCP46_SIDE_CLIENT, 0}).link_id,
              before.links.at({12, 0, 0, DHCP46_SIDE_CLIENT, 0}).link_id);
}

TEST(Conflicts, OneInstanceForTheClientsOfALink) {
    Network host = network();
    host.devices[0].addresses6 = {address("2001:db8:a::2"), address("2001:db8:a::1")};
    Spec on_link = lcra();
    on_link.client_devices = {"eth0"};
    on_link.ipv6_devices = {"eth1"};
    expect_conflict(attached({}, hcra(), host), on_link, host, "host");
    expect_conflict(attached({}, on_link, host), hcra(), host, "access");
    Spec second = hcra();
    second.name = "second";
    expect_conflict(attached({}, hcra(), host), second, host, "detach host");
}

TEST(Conflicts, TwoLcraMayShareAnUplink) {
    Network host = network();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    Spec second = lcra();
    second.name = "second";
    second.client_devices = {"eth2"};
    const Tables tables = attached({}, lcra(), host);
    EXPECT_TRUE(check_conflicts(tables, resolved(second, host), host));
}

TEST(Conflicts, AddressOfAnother) {
    const Tables tables = attached({}, lcra(), network());
    Spec spec = lcra();
    spec.name = "second";
    spec.client_devices = {"eth2"};
    expect_conflict(tables, spec, network(), "2001:db8:a::1");
    expect_conflict(tables, tra(), network(), "--source");
}

TEST(Conflicts, HcraAndTsvShareADevice) {
    Network host = tsv_host();
    host.devices[0].addresses6 = {address("2001:db8:a::2"), address("2001:db8:a::1")};
    const Tables tables = attached({}, tsv(), host);
    const auto beside = resolve(hcra(), host, no_route, tables);
    ASSERT_TRUE(beside);
    EXPECT_TRUE(check_conflicts(tables, *beside, host));
    expect_conflict(attached({}, hcra(), host), tsv(), host, "host");
}

TEST(Conflicts, GiaddrOfAnotherTsv) {
    Network host = tsv_host();
    host.devices[1].addresses6 = {address("2001:db8:b::1")};
    Spec second = tsv();
    second.name = "second";
    second.ipv6_devices = {"eth1"};
    second.server_devices = {our_end_name("second")};
    second.server_end = default_server_end_name("second");
    const auto planned = with_server_link(second, host);
    ASSERT_TRUE(planned);
    expect_conflict(attached({}, tsv(), host), second, *planned, "--giaddr");
    second.giaddr = ip4("203.0.113.2");
    const auto two = resolve(second, *planned, no_route);
    ASSERT_TRUE(two);
    EXPECT_TRUE(check_conflicts(attached({}, tsv(), host), *two, *planned));
}

TEST(Conflicts, GiaddrOfAnother) {
    const Tables tables = attached({}, tra(), network());
    Network host = network();
    host.devices[2].addresses6 = {address("2001:db8:c::1")};
    Spec spec = tra();
    spec.name = "second";
    spec.ipv6_devices = {"eth2"};
    expect_conflict(tables, spec, host, "--giaddr");
    spec.giaddr = ip4("198.51.100.2");
    EXPECT_TRUE(check_conflicts(tables, resolved(spec, host), host));
}
