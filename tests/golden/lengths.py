# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Lengths: of messages, of UDP against IP against the frame, and against the MTU."""

import bootp
import cra_reply
import cra_request
import normal
import tra_reply
import tra_request
import world
from bootp import Message

ASKED = Message(options=bootp.message_type(1))
OFFERED = Message(op=2, yiaddr=bootp.YIADDR, giaddr=world.GIADDR,
                  options=bootp.message_type(2) + bootp.SERVER_ID)
DUMMY = {"src": world.DUMMY_SOURCE}
BARE = (236, 237, 239, 240)
WHOLE = (292, 299, 300, 301, 548, 576, 1232, 1233, 1451, 1452)


def too_short():
    for path in normal.all_paths():
        for length in (0, 1, 8, 100, 235):
            path.path.drop(f"length-{length}", "E-20 D-4", f"{length} octets: shorter than BOOTP",
                           path.received(bytes(path.message)[:length]), "too_short")


def at_a_cra():
    for length in BARE:
        cra_request.relays(f"length-{length}", "E-20 E-21 D-4", f"{length} octets: relayed whole",
                           Message().bare(length), "bootp")
        cra_reply.relays(f"length-{length}", "E-20 D-22", f"{length} octets: relayed whole",
                         Message(op=2, yiaddr=bootp.YIADDR).bare(length), "bootp", DUMMY)
    for length in (244, *WHOLE):
        cra_request.relays(f"length-{length}", "E-20 R-CRA-16 E-33", f"{length} octets: the length stays",
                           ASKED.padded(length))
    for length in WHOLE:
        cra_reply.relays(f"length-{length}", "E-20 E-19 E-33", f"{length} octets: the length stays",
                         OFFERED.padded(length))
    for length in (548, 1452):
        cra_request.relays(f"length-{length}-full", "E-20 E-33", f"{length} octets of options", ASKED.filled(length))
        cra_reply.relays(f"length-{length}-full", "E-20 E-33", f"{length} octets of options", OFFERED.filled(length))
    for length in (1453, 1472, 1473):
        cra_request.PATH.punt(f"length-{length}", "E-33 D-14", f"{length} octets: IPv6 would exceed the MTU of 1500",
                              cra_request.received(ASKED.padded(length)), "too_big")
    cra_request.drops("length-1453-opt82", "E-33 E-14", "the options are looked at before the MTU",
                      Message(options=bootp.option(82)).padded(1453), "opt82_from_client")
    cra_request.drops("length-1453-no-source", "E-33 R-CRA-5", "the source is looked for before the MTU",
                      ASKED.padded(1453), "no_source", set={"no_source": True})
    narrow = {"client_mtu": 576}
    for length in (547, 548):
        cra_reply.relays(f"length-{length}-mtu-576", "D-14 E-33", f"{length} octets at MTU 576",
                         OFFERED.padded(length), set=narrow)
    for length in (549, 1452):
        cra_reply.PATH.punt(f"length-{length}-mtu-576", "D-14 E-33", f"{length} octets exceed MTU 576",
                            cra_reply.received(OFFERED.padded(length)), "too_big", set=narrow)
    cra_reply.drops("length-549-mtu-576-opt82", "R-CRA-12 D-14", "the options are looked at before the MTU",
                    OFFERED.but(options=OFFERED.options + bootp.option(82)).padded(549), "opt82_in_reply", set=narrow)
    cra_reply.drops("length-549-mtu-576-chaddr-zero", "D-8 D-14", "delivery is looked at before the MTU",
                    OFFERED.but(chaddr=b"").padded(549), "bad_chaddr", set=narrow)


def tra_requests():
    for length in BARE[:3]:
        tra_request.drops(f"length-{length}", "E-20 E-21", f"{length} octets: no cookie", Message().bare(length), "no_cookie")
    tra_request.relays("length-240", "E-20 E-19", "240 octets, cookie alone: grows to 300", Message().bare(240), "bootp")
    for length in (244, 264, 299, 300, 1451, 1452):
        tra_request.relays(f"length-{length}-full", "E-18 E-19 E-20 E-33", f"{length} octets, End is the last", ASKED.filled(length)
                           if length > 244 else ASKED.padded(length))
    for length in WHOLE:
        tra_request.relays(f"length-{length}-padded", "E-19 E-20 E-33", f"{length} octets, room behind End", ASKED.padded(length))
    # (MTU, octets behind End, the longest message that still fits)
    for mtu, change in ((1500, {}), (1400, {"v4_mtu": 1400})):
        longest = mtu - 28
        for room in (20, 10, 0):
            fits = longest - (20 - room)
            tra_request.relays(f"mtu-{mtu}-room-{room}-length-{fits}", "E-18 R-TRA-4", f"{longest} octets leave at MTU {mtu}",
                               ASKED.filled(fits - room).padded(fits), set=change)
            over = [longest + 1] if room == 20 else [fits + 1, longest]
            for length in over:
                frame = tra_request.received(ASKED.filled(length - room).padded(length))
                name = f"mtu-{mtu}-room-{room}-length-{length}"
                if length > longest:
                    tra_request.PATH.punt(name, "E-18 D-14", "too big even without option 82", frame, "too_big", set=change)
                else:
                    tra_request.PATH.drop(name, "E-18", "option 82 makes it exceed the MTU", frame, "no_room",
                                          set=change, xdp="pass")
        no_end = ASKED.but(end=b"")
        fits = longest - 21
        filled = no_end.but(options=no_end.options + bootp.filler(fits - len(no_end)))
        tra_request.relays(f"mtu-{mtu}-no-end-length-{fits}", "E-18 E-16", "option 82 and End just fit", filled, set=change)
        longer = no_end.but(options=no_end.options + bootp.filler(fits + 1 - len(no_end)))
        tra_request.PATH.drop(f"mtu-{mtu}-no-end-length-{fits + 1}", "E-18 E-16", "End is the octet too many",
                              tra_request.received(longer), "no_room", set=change, xdp="pass")
    tra_request.PATH.punt("length-1473-full", "E-18 D-14", "too big even without option 82",
                          tra_request.received(ASKED.filled(1473)), "too_big")
    tra_request.drops("length-1473-opt82", "E-15 D-14", "the options are looked at before the MTU",
                      Message(options=bootp.option(82)).padded(1473), "opt82_present")
    tra_request.drops("length-1473-no-source", "D-14", "giaddr is looked for before the MTU",
                      ASKED.padded(1473), "no_source", set={"no_source": True})


def tra_replies():
    for length in BARE:
        tra_reply.drops(f"length-{length}", "E-20 R-TRA-11", f"{length} octets: no option 82",
                        Message(op=2, giaddr=world.GIADDR).bare(length), "no_cra6addr")
    tra_reply.relays_last("length-261", "E-19 E-20", "option 82 and End are all there is: the length stays",
                          Message(op=2, giaddr=world.GIADDR), "bootp")
    for length in WHOLE:
        remains = OFFERED.padded(length - 20)
        tra_reply.relays_last(f"length-{length}", "E-19 E-20 E-33 R-TRA-12", f"{length} octets: the length stays", remains)
    for length in (300, 1452):
        tra_reply.relays_last(f"length-{length}-full", "E-33 R-TRA-12", f"{length} octets of options", OFFERED.filled(length - 20))
    for length in (1453, 1472):
        tra_reply.PATH.punt(f"length-{length}", "E-33 D-14", f"{length} octets: IPv6 would exceed the MTU of 1500",
                            tra_reply.received(tra_reply.with_last(OFFERED.filled(length - 20))), "too_big")
    tra_reply.drops("length-1453-no-opt82", "R-TRA-11 D-14", "the options are looked at before the MTU",
                    OFFERED.padded(1453), "no_cra6addr")


def behind():
    """D-15: UDP's length counts. What follows, in the IP packet or in the frame, is cut."""
    ids = "D-15"
    for path in normal.all_paths():
        for count in (1, 2, 20, 41):
            extra = bytes(range(1, count + 1))
            path.relays(f"behind-udp-{count}", ids, f"{count} octets behind the UDP datagram", path.received(behind=extra))
            path.relays(f"trailer-{count}", ids, f"{count} octets behind the IP packet", path.received(trailer=extra))
        path.relays("behind-udp-and-trailer", ids, "octets behind both", path.received(behind=b"abc", trailer=b"defgh"))
        whole = bytes(path.message)
        path.path.drop("behind-udp-half", ids + " E-20", "UDP's length ends within the BOOTP header",
                       path.received(whole[:235], behind=whole[235:]), "too_short")
        path.path.drop("trailer-half", ids + " E-20", "IP's and UDP's length end within the BOOTP header",
                       path.received(whole[:100], trailer=whole[100:]), "too_short")
    late = bootp.option(82, b"\1\1x") + bootp.END
    asked = Message(options=bootp.message_type(1) + bootp.CLIENT_ID, end=b"")
    cra_request.relays("behind-udp-opt82", ids + " E-14", "option 82 lies behind UDP's length", asked, frame={"behind": late})
    offered = OFFERED.but(end=b"")
    cra_reply.relays("behind-udp-opt82", ids + " R-CRA-12", "option 82 lies behind UDP's length", offered, frame={"behind": late})
    tra_reply.drops("behind-udp-opt82", ids + " R-TRA-11", "option 82 lies behind UDP's length", offered, "no_cra6addr",
                    frame={"behind": tra_reply.OPTION82 + bootp.END})
    cra_reply.drops("behind-udp-cut-option", ids + " D-5", "UDP's length ends within an option",
                    offered.but(options=offered.options + b"\x0c\x04ho"), "bad_options", frame={"behind": b"st" + bootp.END})
    for where in ("behind", "trailer"):
        tra_request.relays(f"{where}-grown", ids + " E-18", "the message grows, and the frame has octets to spare", ASKED,
                           frame={where: b"x" * 64})


def add_cases():
    too_short()
    at_a_cra()
    tra_requests()
    tra_replies()
    behind()
