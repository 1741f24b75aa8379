# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""The usual message of each path, for what concerns all paths alike."""

import bootp
import cra_reply
import cra_request
import tra_reply
import tra_request
import world


class Normal:
    def __init__(self, module, version, message, out, kind):
        self.module = module
        self.path = module.PATH
        self.version = version  # of IP, where the frame comes in
        self.message = message
        self.out = out  # the frame expected for it
        self.kind = kind

    def received(self, payload=None, **rest):
        return self.module.received(self.message if payload is None else payload, **rest)

    def relays(self, name, ids, about, frame, **rest):
        """A frame around the usual message that makes no difference."""
        self.path.relay(name, ids, about, frame, self.out, self.kind, **rest)

    def addresses(self):
        """The usual IP source and destination of the frame that comes in."""
        return {
            "cra-request": (world.ZERO_IP, world.BROADCAST_IP),
            "cra-reply": (world.TRA_ADDRESS, world.CRA_ADDRESS),
            "tra-request": (world.CRA_ADDRESS, world.TRA_ADDRESS),
            "tra-reply": (world.SERVER, world.GIADDR),
            "hcra-request": (world.ZERO_IP, world.BROADCAST_IP),
        }[self.path.name]


def all_paths():
    request, offer = bootp.request(), bootp.reply().padded()
    return (
        Normal(cra_request, 4, request, cra_request.expected(bootp.relayed(request)), "discover"),
        Normal(cra_reply, 6, offer, cra_reply.expected(offer), "offer"),
        Normal(tra_request, 6, request, tra_request.expected(tra_request.relayed(request)), "discover"),
        Normal(tra_reply, 4, tra_reply.OFFER,
               tra_reply.expected(tra_reply.stripped_last(tra_reply.REMAINS)), "offer"),
    )
