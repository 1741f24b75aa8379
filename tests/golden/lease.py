# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Whole exchanges: each frame carries the message that the step before put out."""

import bootp
import cra_reply
import cra_request
import tra_reply
import tra_request
import world

def up(name, message, kind):
    """Client to server."""
    at_tra = bootp.relayed(message)
    cra_request.relays(f"lease-{name}", "R-CRA-8 R-CRA-9 R-CRA-11 R-CRA-16 E-1",
                       f"a lease: {name}, client to LCRA", message, kind)
    tra_request.relays(f"lease-{name}", "R-TRA-1 R-TRA-4 R-TRA-5 R-TRA-6 R-TRA-9 R-SUB-1 R-SUB-2 R-SUB-3 E-1",
                       f"a lease: {name}, LCRA to TRA", at_tra, kind)


def down(name, message, kind, to=None):
    """Server to client. The server's message has option 82 last and is padded to 300 octets."""
    message = message.padded(300 - len(tra_reply.OPTION82))
    tra_reply.relays_last(f"lease-{name}", "R-TRA-1 R-TRA-12 R-TRA-13 R-TRA-14 R-SUB-4 D-7",
                          f"a lease: {name}, server to TRA", message, kind)
    at_cra = tra_reply.stripped_last(message)
    cra_reply.relays(f"lease-{name}", "R-CRA-3 R-CRA-11 R-CRA-13 E-3 E-7 E-12",
                     f"a lease: {name}, TRA to LCRA", at_cra, kind, to)


def add_cases():
    wanted = bootp.option(50, bytes([192, 0, 2, 100])) + bootp.SERVER_ID + bootp.CLIENT_OPTIONS
    for flags, suffix, to in ((0, "", None), (bootp.BROADCAST_FLAG, "-broadcast", cra_reply.BROADCAST)):
        up("discover" + suffix, bootp.request(bootp.DISCOVER, flags=flags), "discover")
        down("offer" + suffix, bootp.reply(bootp.OFFER, flags=flags), "offer", to)
        up("request" + suffix, bootp.request(bootp.REQUEST, wanted, flags=flags), "request")
        down("ack" + suffix, bootp.reply(bootp.ACK, flags=flags), "ack", to)
    down("nak", bootp.reply(bootp.NAK, bootp.SERVER_ID, yiaddr=world.ZERO_IP), "nak", cra_reply.BROADCAST)
    down("inform-ack", bootp.reply(bootp.ACK, yiaddr=world.ZERO_IP, ciaddr=bootp.CIADDR), "ack",
         {"dst": bootp.CIADDR})
