# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""TRA with link selection (R-TRA-7, RFC 3527): option 82 has six octets more, `05 04 a b c d`."""

import bootp
import checksums
import frames
import tra_reply
import tra_request
import world
from bootp import Message

LINK = "203.0.113.65"
PREFIXES = {"cra_prefixes": {"2001:db8:a::/48": LINK}}
DISCOVER = bootp.message_type(1)
LONGER = 26  # what option 82 takes, its End not counted
IDS = "R-TRA-7 E-16 E-18 E-19"


def relays(name, ids, about, message, change=PREFIXES, link=LINK, **rest):
    tra_request.relays(f"link-{name}", ids, about, message, link=link, set=change, **rest)


def room():
    """End at an odd and at an even octet; any number of octets behind it, up to more than enough."""
    for base in (0, 1):
        options = DISCOVER + bootp.option(12, b"h" * base)
        for spare in (*range(0, LONGER + 3), 40):
            relays(f"room-{spare}-at-{240 + len(options)}", IDS, f"End at octet {240 + len(options)}, {spare} octets behind it",
                   Message(options=options, tail=bootp.PAD * spare))
        for spare in (*range(0, LONGER + 3), 40):
            relays(f"room-{spare}-no-end-at-{240 + len(options)}", IDS, f"End is missing, {spare} pads behind the last option",
                   Message(options=options, end=b"", tail=bootp.PAD * spare))
    for length in (273, 274, 275, 299, 300, 301, 302, 548):
        for spare in (0, 1, LONGER - 7, LONGER - 6, LONGER - 1, LONGER, LONGER + 1):
            relays(f"length-{length}-room-{spare}", IDS, f"{length} octets, {spare} of them behind End",
                   Message(options=DISCOVER).filled(length - spare).padded(length))
    relays("tail-not-zero", IDS, "octets behind End that option 82 does not reach stay as they were",
           Message(options=DISCOVER, tail=bytes(range(1, 101))))
    relays("tail-not-zero-grown", IDS, "octets behind End that are not zero, and too few",
           Message(options=DISCOVER, tail=bytes(range(1, LONGER))))
    relays("no-options", "R-TRA-7 E-21", "nothing but cookie and End", Message().padded(), kind="bootp")
    relays("pads-before-end", "R-TRA-7 E-16", "pads before End stay before option 82",
           Message(options=DISCOVER + bootp.PAD * 30).padded())
    for where in ("behind", "trailer"):
        relays(f"{where}-grown", "R-TRA-7 D-15 E-18", "the message grows, and the frame has octets to spare",
               Message(options=DISCOVER), frame={where: b"x" * 64})
        relays(f"{where}-grown-by-some", "R-TRA-7 D-15 E-18", "fewer octets to spare than it grows by",
               Message(options=DISCOVER).filled(400), frame={where: b"x" * 9})


def mtu():
    """E-18: 26 octets more, not 20."""
    asked = Message(options=DISCOVER)
    for limit, change in ((1500, PREFIXES), (1400, {**PREFIXES, "v4_mtu": 1400})):
        longest = limit - 28
        for spare in (LONGER, LONGER - 6, 13, 0):
            fits = longest - (LONGER - spare)
            relays(f"mtu-{limit}-room-{spare}-length-{fits}", IDS, f"{longest} octets leave at MTU {limit}",
                   asked.filled(fits - spare).padded(fits), change)
            for length in sorted({fits + 1, longest} if spare < LONGER else {longest + 1}):
                frame = tra_request.received(asked.filled(length - spare).padded(length))
                name = f"link-mtu-{limit}-room-{spare}-length-{length}"
                if length > longest:
                    tra_request.PATH.punt(name, IDS + " D-14", "too big even without option 82", frame, "too_big", set=change)
                else:
                    tra_request.PATH.drop(name, IDS, "option 82 makes it exceed the MTU", frame, "no_room", set=change, xdp="pass")
        without_end = asked.but(end=b"")
        fits = longest - LONGER - 1
        filled = without_end.but(options=DISCOVER + bootp.filler(fits - len(without_end)))
        relays(f"mtu-{limit}-no-end-length-{fits}", IDS, "option 82 and End just fit", filled, change)
        longer = without_end.but(options=DISCOVER + bootp.filler(fits + 1 - len(without_end)))
        tra_request.PATH.drop(f"link-mtu-{limit}-no-end-length-{fits + 1}", IDS, "End is the octet too many",
                              tra_request.received(longer), "no_room", set=change, xdp="pass")


def chosen():
    """Which address: that of the longest prefix with the CRA in it."""
    change = {"cra_prefixes": {"2001:db8::/32": "203.0.113.1", "2001:db8:a::/48": LINK, "2001:db9:b::/48": None,
                               "2001:db8:a:1::/64": "255.255.255.255", "2001:db8:a::7/128": "0.0.0.1", "fc00::/7": None}}
    for address, link in (("2001:db8:a::1", LINK), ("2001:db8:c::1", "203.0.113.1"), ("2001:db9:b::1", None),
                          ("2001:db8:a:1::9", "255.255.255.255"), ("2001:db8:a::7", "0.0.0.1"), ("2001:db8:a::6", LINK),
                          ("fd00::1", None), ("2001:db8:a:2::", LINK)):
        relays(f"from-{address}", "R-TRA-7 R-SEC-2", f"the address for this CRA is {link}", bootp.request(), change, link,
               address=address)
    relays("everybody", "R-TRA-7 D-3", "one address for all CRAs", bootp.request(), {"cra_prefixes": {"::/0": LINK}})
    tra_request.drops("link-not-allowed", "R-TRA-7 R-SEC-2", "outside the prefix", bootp.request(), "cra_not_allowed",
                      frame={"ips": ("2001:db8:b::1", world.TRA_ADDRESS)}, set=PREFIXES)
    for code in (1, 46):
        for spare in (0, 60):
            relays(f"code-{code}-room-{spare}", "R-TRA-7 R-SUB-6", f"--cra6addr {code}",
                   Message(options=DISCOVER, tail=bootp.PAD * spare), {**PREFIXES, "cra6addr_code": code}, code=code)
    relays("giaddr-replaced", "R-TRA-7 E-4", "another relay's giaddr is replaced; the link is ours to say",
           bootp.request(giaddr="203.0.113.9"), notes=["giaddr_replaced"])
    for count in (63, 64):
        relays(f"options-{count}", "R-TRA-7 D-13", f"{count} options", Message(options=DISCOVER + bootp.small_options(count - 1)))
    tra_request.PATH.punt("link-options-65", "R-TRA-7 D-13", "65 options", tra_request.received(
        Message(options=DISCOVER + bootp.small_options(64))), "many_options", set=PREFIXES)


def sums():
    """Option 82 is 27 octets with its End: at an odd or even offset, over what was there or beyond the end."""
    def expect(message):
        return tra_request.expected(tra_request.relayed(message, link=LINK))
    for where, options in (("odd", DISCOVER), ("even", DISCOVER + checksums.HOST)):
        base = Message(options=options)
        for length, message in (("even", base.padded(300)), ("odd", base.padded(301)), ("grown-short", base),
                                ("grown-even", base.filled(400)), ("grown-odd", base.filled(401)),
                                ("grown-by-1", base.filled(375).padded(400)), ("grown-by-1-odd", base.filled(376).padded(401)),
                                ("tail-not-zero", base.but(tail=bytes(range(1, 60)))),
                                ("tail-of-23", base.but(tail=bytes(range(1, 24)))),
                                ("no-end", base.but(end=b"", tail=bytes(55)))):
            yield checksums.Shape(f"link-at-{where}-{length}", tra_request, message, tra_request.received, expect,
                                  "discover", {"set": PREFIXES})


def checksum_cases():
    for shape in sums():
        checksums.partial(shape)
        if shape.name in ("link-at-odd-even", "link-at-even-grown-odd"):
            checksums.none_sent(shape)
            checksums.looks_partial(shape)
            checksums.wrong(shape)
            checksums.zero_sums(shape)
        else:
            checksums.wrong_and_zero(shape)


def replies():
    """The server sends the sub-option back: it goes with option 82."""
    for order, content in (("behind", tra_request.cra6addr() + tra_request.link_selection(LINK)),
                           ("before", tra_request.link_selection(LINK) + tra_request.cra6addr())):
        option82 = bootp.option(82, content)
        for name, message in (("padded", bootp.reply().padded(274)), ("bare", bootp.reply()), ("no-end", bootp.reply().but(end=b""))):
            tra_reply.relays_last(f"link-{order}-{name}", "R-TRA-7 R-TRA-12 R-TRA-13", f"link selection {order} CRA6ADDR",
                                  message, option82=option82, set=PREFIXES)
        tra_reply.relays_inside(f"link-{order}-inside", "R-TRA-7 R-TRA-12 R-TRA-13", "options follow option 82", b"",
                                bootp.reply(), option82=option82, set=PREFIXES)
    tra_reply.relays_last("link-not-echoed", "R-TRA-7 R-TRA-13", "the server leaves the sub-option out", tra_reply.REMAINS,
                          set=PREFIXES)
    tra_reply.drops("link-alone", "R-TRA-7 R-TRA-11", "link selection, but no CRA6ADDR",
                    tra_reply.answer(bootp.option(82, tra_request.link_selection(LINK))), "no_cra6addr", set=PREFIXES)


def add_cases():
    room()
    mtu()
    chosen()
    checksum_cases()
    replies()
    lookalike = frames.with_checksum(tra_request.received(bootp.request()), 0)
    tra_request.PATH.drop("link-checksum-zero", "R-TRA-7 E-26", "IPv6 without a checksum", lookalike, "zero_csum", set=PREFIXES)
