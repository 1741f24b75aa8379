# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Several upstreams: one copy to each, the same but for where it goes (R-CRA-10, E-38).

XDP leaves them to TC. `out` has the copies in the order of the upstreams."""

import bootp
import cra_request
import frames
import link_selection
import tra_request
import world
from bootp import Message

DISCOVER = bootp.request()
PORT = world.UPSTREAM_PORT


class Fan:
    """A request of one path to several upstreams; each is a number, its place among `addresses`."""

    def __init__(self, name, module, addresses, ids, expect):
        self.name = name
        self.path = module.PATH
        self.received = module.received
        self.addresses = addresses
        self.ids = ids
        self.expect = expect  # (message, upstream, port) -> frame
        self.link = None

    def change(self, upstreams, ports):
        return {"upstreams": world.upstreams(*((self.addresses[one], ports.get(one, PORT)) for one in upstreams))}

    def relays(self, name, ids, about, message, upstreams, *, ports=None, skipped=(), frame=None, out=None,
               kind="discover", notes=(), set=None, **rest):
        ports = ports or {}
        sent = [self.expect(message, one, ports.get(one, PORT)) for one in upstreams if one not in skipped]
        self.path.relay(f"copies-{name}", f"{self.ids} {ids}".strip(), about, frame or self.received(message), out or sent, kind,
                        notes=[*notes, *["upstream_skipped"] * len(skipped)], xdp="pass",
                        set={**self.change(upstreams, ports), **(set or {})}, **rest)

    def fails(self, how, name, ids, about, message, reason, upstreams, *, set=None, **rest):
        how(f"copies-{name}", f"{self.ids} {ids}".strip(), about, self.received(message), reason,
            set={**self.change(upstreams, {}), **(set or {})}, **rest)


def cra_expect(message, upstream, port):
    return cra_request.expected(bootp.relayed(message), world.TRA_ADDRESSES[upstream], port)


def tra_expect(message, upstream, port):
    return tra_request.expected(tra_request.relayed(message), upstream, port)


CRA = Fan("cra", cra_request, world.TRA_ADDRESSES, "R-CRA-10 E-38", cra_expect)
TRA = Fan("tra", tra_request, world.SERVERS, "E-38 R-TRA-1", tra_expect)
BOTH = CRA, TRA
ALL = range(8)


def usual(fan):
    for count in range(2, 9):
        fan.relays(f"{count}", "R-CRA-4" if fan is CRA else "", f"{count} upstreams", DISCOVER, range(count))
    fan.relays("two-of-eight", "", "any two", DISCOVER, (6, 3))
    for name, message, kind in (("request", bootp.request(bootp.REQUEST), "request"), ("release", bootp.request(bootp.RELEASE), "release"),
                                ("type-200", bootp.request(200), "other")):
        fan.relays(name, "", f"whatever the type: {name}", message, (0, 1, 2), kind=kind)
    fan.relays("hops-15", "E-1", "hops counts once, not once for each copy", bootp.request(hops=15), ALL)
    fan.relays("xid-ffff", "E-41", "the same identification in all copies", bootp.request(xid=0xFFFFFFFF), (0, 1, 2))


def ports(fan):
    fan.relays("ports", "R-CRA-9", "each upstream has a port of its own", DISCOVER, ALL,
               ports={0: 6767, 1: 67, 2: 1, 3: 65535, 5: 547})
    fan.relays("port-of-the-last", "R-CRA-9", "only the last has another port", DISCOVER, (0, 1), ports={1: 6767})
    fan.relays("port-of-the-first", "R-CRA-9", "only the first has another port", DISCOVER, (0, 1), ports={0: 6767})
    for port in (1, 6767, 65535):
        fan.path.relay(f"port-{port}", "R-CRA-9", f"the one upstream listens on {port}", fan.received(DISCOVER),
                       fan.expect(DISCOVER, 0, port), "discover", set=fan.change((0,), {0: port}))


def lengths(fan):
    base = Message(options=bootp.message_type(1))
    for name, message in (("even", base.padded(300)), ("odd", base.padded(301)), ("short", base), ("odd-short", base.filled(249)),
                          ("full", base.filled(1400)), ("full-odd", base.filled(1401))):
        fan.relays(f"length-{name}", "E-19 E-20", f"{len(message)} octets", message, (0, 1, 2))


def checksums(fan):
    """What comes in wrong leaves wrong in each copy, and each copy has a sum of its own."""
    upstreams = (0, 1, 2)
    various = {0: 6767, 2: 6969}
    odd = Message(options=bootp.message_type(1)).padded(301)
    for name, message in (("even", bootp.request(hops=1)), ("odd", odd), ("grown", odd.but(tail=b""))):
        frame = fan.received(message)
        if fan is CRA:
            fan.relays(f"checksum-none-{name}", "E-25", "no checksum: each copy has a full one", message, upstreams,
                       frame=frames.with_checksum(frame, 0))
        fan.relays(f"checksum-partial-{name}", "E-25", "the sum of the pseudo-header alone", message, upstreams,
                   ports=various, frame=frames.with_checksum(frame, frames.pseudo_sum(frame)), tiers=["core", "xdp"])
        for value in (0x1234, 0xFFFF):
            out = [frames.equally_wrong(fan.expect(message, one, various.get(one, PORT)), frame, value) for one in upstreams]
            fan.relays(f"checksum-wrong-{value:04x}-{name}", "E-27 D-2", "a wrong checksum stays as wrong in each copy", message,
                       upstreams, ports=various, frame=frames.with_checksum(frame, value), out=out)
        for one in upstreams:
            for value in (0xFFFF, 0x0001, 0xFFFE):
                tuned = frames.tuned(message, lambda m, one=one: fan.expect(m, one, PORT), value)
                fan.relays(f"checksum-{value:04x}-of-{one}-{name}", "E-26", f"the checksum of copy {one} is {value:#06x}", tuned, upstreams)
        into = frames.tuned(message, fan.received, 0xFFFF)
        fan.relays(f"checksum-ffff-in-{name}", "E-26", "the sum of what comes in is zero, sent as 0xffff", into, upstreams)


def ways(fan):
    """An upstream without a way gets no copy and does not hold up the others; nobody has one: untouched."""
    for name, upstreams, skipped in (("first", (0, 1, 2), (0,)), ("middle", (0, 1, 2), (1,)), ("last", (0, 1, 2), (2,)),
                                     ("all-but-first", (0, 1, 2), (1, 2)), ("all-but-last", ALL, range(7)),
                                     ("every-other", ALL, (1, 3, 5, 7)), ("one-of-two", (0, 1), (0,))):
        fan.relays(f"unreachable-{name}", "E-44", f"no route to some: {name}", DISCOVER, upstreams, skipped=skipped,
                   set={"unreachable": [fan.addresses[one] for one in skipped]})
    for upstreams in ((0, 1), ALL):
        fan.fails(fan.path.drop, f"unreachable-{len(upstreams)}-of-{len(upstreams)}", "E-44", "no route to any of them", DISCOVER,
                  "no_route", upstreams, set={"unreachable": [fan.addresses[one] for one in upstreams]}, xdp="pass")
    fan.path.drop("unreachable", "E-44", "no route to the one upstream", fan.received(DISCOVER), "no_route",
                  set={**fan.change((0,), {}), "unreachable": [fan.addresses[0]]}, xdp="pass")
    headers = 48 if fan is CRA else 28
    full = Message(options=bootp.message_type(1)).filled(1352).padded(1352 + 20)  # the same length without and with option 82
    narrow = len(full) + headers
    for name, upstreams, skipped in (("first", (0, 1, 2), (0,)), ("last", (0, 1, 2), (2,)), ("all-but-one", ALL, range(1, 8))):
        routes = {fan.addresses[one]: narrow - (one in skipped) for one in upstreams}
        fan.relays(f"narrow-{name}", "E-44 E-33", f"one octet too many for the way to some: {name}", full, upstreams,
                   skipped=skipped, set={"route_mtu": routes})
    fan.fails(fan.path.punt, "narrow-all", "E-44 D-14", "too big for each way", full, "too_big", (0, 1, 2),
              set={"route_mtu": {fan.addresses[one]: narrow - 1 for one in (0, 1, 2)}})
    fan.relays("narrow-and-unreachable", "E-44", "one way is too narrow, one is none", full, (0, 1, 2), skipped=(0, 1),
               set={"route_mtu": {fan.addresses[0]: narrow - 1}, "unreachable": [fan.addresses[1]]})
    device = "uplink_mtu" if fan is CRA else "v4_mtu"
    fan.fails(fan.path.punt, "device-narrow", "D-14 E-33", "too big for the device", full, "too_big", (0, 1), set={device: 1300})


def once(fan):
    """What is dropped, is dropped once, whatever the number of upstreams."""
    option82 = Message(options=bootp.message_type(1) + bootp.option(82, b"\1\1x")).padded()
    fan.fails(fan.path.drop, "opt82", "E-14" if fan is CRA else "E-15", "option 82 comes in", option82,
              "opt82_from_client" if fan is CRA else "opt82_present", ALL)
    fan.fails(fan.path.drop, "hops-17", "E-1", "too many hops", bootp.request(hops=17), "hops", ALL)
    fan.fails(fan.path.drop, "no-source", "R-CRA-5", "no address of ours", DISCOVER, "no_source", ALL, set={"no_source": True})
    fan.fails(fan.path.punt, "options-65", "D-13", "65 options", Message(options=bootp.message_type(1) + bootp.small_options(64)),
              "many_options", ALL)


def of_a_tra():
    """What a TRA changes in the message is in each copy."""
    base = Message(options=bootp.message_type(1))
    for name, message in (("grown", base), ("grown-odd", base.filled(401)), ("grown-by-1", base.filled(381).padded(400)),
                          ("no-end", base.but(end=b"", tail=bytes(7))), ("tail-not-zero", base.but(tail=bytes(range(1, 60))))):
        TRA.relays(name, "E-16 E-18 E-19 R-TRA-9", f"option 82 in each copy: {name}", message, (0, 1, 2))
    TRA.relays("giaddr-replaced", "E-4", "noted once", bootp.request(giaddr="203.0.113.9"), (0, 1, 2), notes=["giaddr_replaced"])
    TRA.relays("giaddr-replaced-and-skipped", "E-4 E-44", "two notes", bootp.request(giaddr="203.0.113.9"), (0, 1, 2),
               notes=["giaddr_replaced"], skipped=(1,), set={"unreachable": [world.SERVERS[1]]})
    grown = base.filled(1350)
    TRA.relays("no-room-for-one", "E-18 E-44", "option 82 makes it too big for one way", grown, (0, 1, 2), skipped=(1,),
               set={"route_mtu": {world.SERVERS[0]: 1398, world.SERVERS[1]: 1397, world.SERVERS[2]: 1398}})
    TRA.fails(TRA.path.drop, "no-room", "E-18 E-44", "option 82 makes it too big for each way", grown, "no_room", (0, 1),
              set={"route_mtu": {world.SERVERS[0]: 1397, world.SERVERS[1]: 1378}}, xdp="pass")

    def expect(message, upstream, port):
        return tra_request.expected(tra_request.relayed(message, link=link_selection.LINK), upstream, port)
    linked = Fan("link", tra_request, world.SERVERS, "R-TRA-7 E-38", expect)
    for name, message in (("padded", base.padded(300)), ("grown", base), ("grown-odd", base.filled(401))):
        linked.relays(f"link-{name}", "E-18", f"link selection in each copy: {name}", message, (0, 1, 2), set=link_selection.PREFIXES)


def add_cases():
    for fan in BOTH:
        for subject in (usual, ports, lengths, checksums, ways, once):
            subject(fan)
    of_a_tra()
