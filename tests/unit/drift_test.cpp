// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
#include "instance/drift.h"

#include "lab.h"

using namespace dhcp46;
using namespace dhcp46::lab;

using Texts = std::vector<std::string>;

static Spec of_file(Spec spec) {
    spec.origin = DHCP46_ORIGIN_FILE;
    return spec;
}

static InstanceStatus running(const Spec &spec) {
    const auto list = describe(attached({}, spec, network()),
                               {network(), tc_everywhere(network()), {}, route_by_eth0});
    return list.at(0);
}

TEST(Drift, NoneAfterTheFileWasApplied) {
    for (const Spec &spec : {of_file(lcra()), of_file(tra())}) {
        const InstanceStatus now = running(spec);
        EXPECT_EQ(drift_of(spec, &now), Texts()) << spec.name;
    }
}

TEST(Drift, DetachedOrAttachedByOthers) {
    const InstanceStatus by_hand = running(lcra());
    EXPECT_EQ(drift_of(of_file(lcra()), nullptr), Texts{"it is in the file, and was detached"});
    EXPECT_EQ(drift_of(of_file(lcra()), &by_hand), Texts{"it was attached again (cli)"});
}

TEST(Drift, UpstreamsThatAPersonChanged) {
    InstanceStatus now = running(of_file(lcra()));
    now.upstreams = {{0, "2001:db8:ff::46", 67, DHCP46_ORIGIN_BPFTOOL},
                     {1, "2001:db8:ff::47", 67, DHCP46_ORIGIN_CLI},
                     {2, "2001:db8:ff::48", 67, DHCP46_ORIGIN_HOOK}};
    EXPECT_EQ(drift_of(of_file(lcra()), &now),
              (Texts{"upstream 2001:db8:ff::1 of the file is not there",
                     "upstream 2001:db8:ff::46 (bpftool) is not in the file",
                     "upstream 2001:db8:ff::47 (cli) is not in the file"}));
}

TEST(Drift, Prefixes) {
    Spec spec = of_file(tra());
    spec.cra_prefixes = {{ip6("2001:db8:a::"), 48}, {ip6("2001:db8:b::"), 48}};
    spec.link_selections = {{{ip6("2001:db8:c::"), 48}, ip4("192.0.2.1")}};
    InstanceStatus now = running(spec);
    EXPECT_EQ(drift_of(spec, &now), Texts());
    now.cra_prefixes = {{"2001:db8:a::/48", false, {}},
                        {"2001:db8:c::/48", true, {}},
                        {"2001:db8:d::/48", true, ip4("192.0.2.2")}};
    EXPECT_EQ(drift_of(spec, &now),
              (Texts{"CRA prefix 2001:db8:a::/48 is refused, in the file served",
                     "CRA prefix 2001:db8:b::/48 of the file is not there",
                     "CRA prefix 2001:db8:c::/48 is served, in the file served as 192.0.2.1",
                     "CRA prefix 2001:db8:d::/48 (served as 192.0.2.2) is not in the file"}));
}
