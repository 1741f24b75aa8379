# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Option fields that are malformed, long or misleading, on all four paths (D-5, D-13)."""

import bootp
import cra_reply
import cra_request
import tra_reply
import tra_request
import world
from bootp import PAD, Message, option, small_options
from tra_reply import OPTION82

DISCOVER = bootp.message_type(1)
OFFER = bootp.message_type(2)
SERVER_REPLY = {"op": 2, "yiaddr": bootp.YIADDR, "giaddr": world.GIADDR}
DUMMY = {"src": world.DUMMY_SOURCE}  # no option 54 in these replies

# What is wrong, and the octets with which the message ends.
CUT = (
    ("code-only", b"\x0c"),
    ("value-missing", b"\x0c\x01"),
    ("value-one-short", b"\x0c\x05host"),
    ("claims-255", b"\x0c\xff" + b"h" * 254),
    ("reaches-over-end", b"\x0c\x20host\xff" + PAD * 20),
    ("code-254", b"\xfe"),
    ("code-1", b"\x01"),
)


def malformed():
    ids = "D-5"
    for name, end in CUT:
        about = f"the last option is cut: {name}"
        asked = Message(options=DISCOVER + bootp.CLIENT_OPTIONS + end, end=b"")
        cra_request.relays(f"malformed-{name}", ids + " R-CRA-8", about + ", relayed by op alone", asked)
        tra_request.drops(f"malformed-{name}", ids, about, asked, "bad_options")
        offered = Message(options=OFFER + bootp.SERVER_ID + end, end=b"", **SERVER_REPLY)
        cra_reply.drops(f"malformed-{name}", ids, about, offered, "bad_options")
        tra_reply.drops(f"malformed-{name}-no-opt82", ids, about + ", no option 82 before it", offered, "bad_options")
        tra_reply.drops(f"malformed-{name}", ids, about + ", behind option 82",
                        offered.but(options=OFFER + OPTION82 + end), "bad_options")
    for name, options in (("first-code-only", b"\x0c"), ("first-claims-255", b"\x35\xff\x01")):
        asked = Message(options=options, end=b"")
        cra_request.relays(f"malformed-{name}", ids, "not even the first option is whole", asked,
                           "bootp" if name == "first-code-only" else None)
        tra_request.drops(f"malformed-{name}", ids, "not even the first option is whole", asked, "bad_options")
        cra_reply.drops(f"malformed-{name}", ids, "not even the first option is whole",
                        asked.but(**SERVER_REPLY), "bad_options")
    # The type is known only if option 53 comes before the cut.
    cra_request.relays("malformed-before-type", ids, "the cut option swallows option 53",
                       Message(options=option(12, b"h") + b"\x0c\x40" + DISCOVER, end=b""), "bootp")


def many():
    """64 options are walked; Pad and End are none."""
    ids = "D-13"
    for count in (63, 64):
        asked = Message(options=DISCOVER + small_options(count - 1))
        cra_request.relays(f"options-{count}", ids, f"{count} options", asked)
        cra_request.relays(f"options-{count}-no-end", ids, f"{count} options, End is missing", asked.but(end=b""))
        tra_request.relays(f"options-{count}", ids, f"{count} options", asked.padded(548))
        tra_request.relays(f"options-{count}-grown", ids, f"{count} options and no room", asked)
        offered = Message(options=OFFER + small_options(count - 1), **SERVER_REPLY)
        cra_reply.relays(f"options-{count}", ids, f"{count} options", offered, to=DUMMY)
        with_82 = Message(options=OFFER + small_options(count - 2), **SERVER_REPLY)
        tra_reply.relays_last(f"options-{count}-opt82-last", ids, f"option 82 is the {count}th", with_82)
        tra_reply.relays_inside(f"options-{count}-opt82-first", ids, f"option 82 and {count - 1} others", b"", with_82)
    for count in (65, 66, 200):
        options = small_options(count - 1)
        about = f"{count} options"
        cra_request.PATH.punt(f"options-{count}", ids, about, cra_request.received(Message(options=DISCOVER + options)), "many_options")
        tra_request.PATH.punt(f"options-{count}", ids, about, tra_request.received(
            Message(options=DISCOVER + options).padded(1200)), "many_options")
        offered = Message(options=OFFER + options, **SERVER_REPLY)
        cra_reply.PATH.punt(f"options-{count}", ids, about, cra_reply.received(offered), "many_options")
        tra_reply.PATH.punt(f"options-{count}-no-opt82", ids, about + ", none of them 82", tra_reply.received(offered), "many_options")
        tra_reply.PATH.punt(f"options-{count}-opt82-first", ids, about + ", 82 is the first", tra_reply.received(
            offered.but(options=OPTION82 + OFFER + options[3:])), "many_options")
        tra_reply.PATH.punt(f"options-{count}-opt82-last", ids, about + ", 82 is the last", tra_reply.received(
            offered.but(options=OFFER + options[3:] + OPTION82)), "many_options")
    behind = small_options(63) + option(82, b"\1\1x")
    for module, first, fields in ((cra_request, DISCOVER, {}), (tra_request, DISCOVER, {}), (cra_reply, OFFER, SERVER_REPLY)):
        module.PATH.punt("opt82-after-64", "D-13 " + ("R-CRA-12" if fields else "E-14" if module is cra_request else "E-15"),
                         "option 82 is the 65th", module.received(Message(options=first + behind, **fields)), "many_options")


def pads():
    """Any number of Pads may stand between options."""
    ids = "D-13 E-16"
    for count in (1, 63, 64, 65, 300, 1000):
        gap = PAD * count
        about = f"{count} Pads before option 53 and behind it"
        half = PAD * (count // 2)
        asked = Message(options=half + DISCOVER + gap[len(half):] + bootp.CLIENT_ID)
        cra_request.relays(f"pads-{count}", ids, about, asked)
        tra_request.relays(f"pads-{count}", ids, about, asked.padded(len(asked) + 60))
        cra_request.drops(f"pads-{count}-opt82", "D-13 E-14", about + ", then option 82",
                          asked.but(options=asked.options + option(82)), "opt82_from_client")
        offered = Message(options=half + OFFER + gap[len(half):] + bootp.SERVER_ID, **SERVER_REPLY)
        cra_reply.relays(f"pads-{count}", ids, about, offered)
        tra_reply.relays_last(f"pads-{count}", ids, about, offered)
    for count in (63, 64):
        asked = Message(options=DISCOVER + (PAD + option(224, b"s")) * (count - 1) + PAD * 7)
        cra_request.relays(f"pads-among-{count}", ids, f"{count} options, Pads between them", asked)
        tra_request.relays(f"pads-among-{count}", ids, f"{count} options, Pads between them", asked.padded(600))


def odd_lengths():
    """Well-formed TLV with lengths that the option's own definition does not know."""
    ids = "R-CRA-8"
    for code in (1, 3, 12, 50, 51, 52, 54, 57, 61, 90):
        for length in (0, 3) if code not in (12, 61) else (0,):
            odd = option(code, b"\x01\x02\x03"[:length])
            cra_request.relays(f"option-{code}-length-{length}", ids, f"option {code} of {length} octets",
                               Message(options=DISCOVER + odd).padded())
    for code in (1, 50, 61):
        odd = option(code)
        tra_request.relays(f"option-{code}-length-0", "R-TRA-9", f"option {code} of 0 octets", Message(options=DISCOVER + odd).padded())
        tra_reply.relays_last(f"option-{code}-length-0", "R-TRA-12", f"option {code} of 0 octets",
                              Message(options=OFFER + odd, **SERVER_REPLY).padded(300))
        cra_reply.relays(f"option-{code}-length-0", "R-CRA-13", f"option {code} of 0 octets",
                         Message(options=OFFER + odd, **SERVER_REPLY).padded(), to=DUMMY)
    for length in (0, 2, 255):
        odd = option(53, (b"\x01" + bytes(254))[:length])
        asked = Message(options=odd).padded(600)
        answered = Message(options=odd, **SERVER_REPLY).padded(600)
        about = f"option 53 of {length} octets"
        cra_request.relays(f"option-53-length-{length}", ids, about, asked, None)
        tra_request.relays(f"option-53-length-{length}", "R-TRA-9", about, asked, None)
        cra_reply.relays(f"option-53-length-{length}", "R-CRA-13", about, answered, None, to=DUMMY)
        tra_reply.relays_last(f"option-53-length-{length}", "R-TRA-12", about, answered, None)
    longest = DISCOVER + b"".join(option(code, bytes([code]) * 255) for code in (43, 60, 61, 125))
    cra_request.relays("longest-options", ids, "four options of 255 octets", Message(options=longest))
    tra_request.relays("longest-options", "R-TRA-9", "four options of 255 octets", Message(options=longest))
    every = b"".join(option(code, b"x") for code in (0xE0, 0x80, 0x7F, 0xFE, 0x01))
    for module, first, fields in ((cra_request, DISCOVER, {}), (tra_request, DISCOVER, {})):
        module.relays("end-inside-value", "E-16", "0xff and 0x52 inside values are neither End nor option 82",
                      Message(options=first + option(43, b"\xff\x52\x01\xff") + every, **fields).padded())
    cra_request.relays("end-first", ids, "End is the first option", Message().padded(), "bootp")
    cra_reply.relays("end-first", "R-CRA-13", "End is the first option", Message(**SERVER_REPLY).padded(), "bootp", DUMMY)
    tra_reply.drops("end-first", "R-TRA-11", "End is the first option", Message(**SERVER_REPLY).padded(), "no_cra6addr")


def add_cases():
    malformed()
    many()
    pads()
    odd_lengths()
