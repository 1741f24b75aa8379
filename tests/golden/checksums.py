# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""UDP checksums: none, partial, right, wrong, and those whose sum is zero (E-25, E-26, E-27, D-2).

The output's checksum is right where the input's was, or where there was none. A wrong one stays wrong
by the same distance, because it is updated and not computed anew."""

import bootp
import cra_reply
import cra_request
import frames
import tra_reply
import tra_request
import world
from bootp import Message, option

HOST = option(12, b"h")  # three octets: makes an even offset odd


class Shape:
    """A kind of message on one path: `build` makes the frame in, `expect` the frame out."""

    def __init__(self, name, module, message, build, expect, kind, rest=None, version=None):
        self.name = name
        self.path = module.PATH
        self.message = message
        self.build = build
        self.expect = expect
        self.kind = kind
        self.rest = rest or {}  # of the case
        self.ip_version = version or (4 if module in (cra_request, tra_reply) else 6)  # of what comes in

    def relays(self, name, ids, about, message, checksum=None, out=None, **rest):
        frame = self.build(message)
        if checksum is not None:
            frame = frames.with_checksum(frame, checksum)
        self.path.relay(f"checksum-{name}-{self.name}", ids, about, frame, out or self.expect(message),
                        self.kind, **self.rest, **rest)


def cra_requests():
    def expect(message):
        return cra_request.expected(bootp.relayed(message))
    for name, message in (("even", bootp.request(hops=1)), ("odd", bootp.request().padded(301))):
        yield Shape(name, cra_request, message, cra_request.received, expect, "discover")


def cra_replies():
    for name, message, to in (("even", bootp.reply().padded(), {}), ("odd", bootp.reply().padded(301), {}),
                              ("broadcast", bootp.reply(flags=bootp.BROADCAST_FLAG).padded(), cra_reply.BROADCAST)):
        yield Shape(name, cra_reply, message, cra_reply.received,
                    lambda message, to=to: cra_reply.expected(message, **to), "offer")


def tra_requests():
    """Option 82 at even and odd offsets, in messages of even and odd length."""
    def expect(message):
        return tra_request.expected(tra_request.relayed(message))
    for where, options in (("odd", bootp.message_type(1)), ("even", bootp.message_type(1) + HOST)):
        base = Message(options=options)
        kinds = (("even", base.padded(300)), ("odd", base.padded(301)), ("grown-short", base),
                 ("grown-even", base.filled(400)), ("grown-odd", base.filled(401)),
                 ("grown-by-1", base.filled(381).padded(400)), ("grown-by-1-odd", base.filled(382).padded(401)),
                 ("tail-not-zero", base.but(tail=bytes(range(1, 60)))),
                 ("tail-less-than-20", base.but(tail=bytes(range(1, 12)))),
                 ("giaddr", base.but(giaddr="203.0.113.9").padded(300)))
        for length, message in kinds:
            shape = Shape(f"at-{where}-{length}", tra_request, message, tra_request.received, expect, "discover")
            if length == "giaddr":
                shape.relays = noted(shape.relays)
            yield shape


def noted(relays):
    return lambda *arguments, **rest: relays(*arguments, notes=["giaddr_replaced"], **rest)


def tra_replies():
    def build_last(message):
        return tra_reply.received(tra_reply.with_last(message))

    def expect_last(message):
        return tra_reply.expected(tra_reply.stripped_last(message))

    def build_first(message):
        return tra_reply.received(message.but(options=tra_reply.OPTION82 + message.options))

    def expect_first(message):
        return tra_reply.expected(message.but(options=bootp.PAD * len(tra_reply.OPTION82) + message.options))

    for name, options in (("odd", bootp.SERVER_ID), ("even", bootp.SERVER_ID + HOST)):
        base = bootp.reply(options=options)
        for length in (300, 301):
            yield Shape(f"last-at-{name}-{length}", tra_reply, base.padded(length), build_last, expect_last, "offer")
        yield Shape(f"last-at-{name}-no-end", tra_reply, base.but(end=b""), build_last, expect_last, "offer")
        yield Shape(f"first-{name}", tra_reply, base.padded(300), build_first, expect_first, "offer")

    def build_odd(message):
        return tra_reply.received(message.but(options=bootp.PAD + tra_reply.OPTION82 + message.options))

    def expect_odd(message):
        return tra_reply.expected(message.but(options=bootp.PAD * 21 + message.options))

    yield Shape("inside-at-odd", tra_reply, bootp.reply().padded(), build_odd, expect_odd, "offer")


def shapes():
    yield from cra_requests()
    yield from cra_replies()
    yield from tra_requests()
    yield from tra_replies()


def none_sent(shape):
    if shape.ip_version == 4:
        shape.relays("none", "E-25", "no checksum: a full one leaves", shape.message, checksum=0)
    else:
        shape.path.drop(f"checksum-zero-{shape.name}", "E-26", "IPv6 without a checksum",
                        frames.with_checksum(shape.build(shape.message), 0), "zero_csum", **shape.rest)


def partial(shape):
    value = frames.pseudo_sum(shape.build(shape.message))
    shape.relays("partial", "E-25", "the sum of the pseudo-header alone: a full checksum leaves", shape.message,
                 checksum=value, tiers=["core", "xdp"])


def looks_partial(shape):
    """One right checksum in 65,536 looks like a partial one."""
    value = frames.pseudo_sum(shape.build(shape.message))
    tuned = frames.tuned(shape.message, shape.build, value)
    shape.relays("looks-partial", "E-25 D-2", "a right checksum that equals the sum of the pseudo-header", tuned)


def wrong(shape):
    ids = "E-27 D-2"
    frame, out = shape.build(shape.message), shape.expect(shape.message)
    right = frames.udp_checksum(frame)
    # The distance at which the output's checksum comes to zero, and is sent as 0xffff.
    to_zero = (right - frames.udp_checksum(out)) % 0xFFFF
    values = {"low-bit": right ^ 1, "high-bit": right ^ 0x8000, "ffff": 0xFFFF, "one": 1,
              "swapped": right % 256 * 256 + right // 256, "comes-to-zero": to_zero}
    for name, value in values.items():
        assert value not in (0, right, frames.pseudo_sum(frame)), (shape.name, name)
        shape.relays(f"wrong-{name}", ids, f"a wrong checksum stays as wrong: {name}", shape.message, checksum=value,
                     out=frames.equally_wrong(out, frame, value))


def zero_sums(shape):
    into = frames.tuned(shape.message, shape.build, 0xFFFF)
    shape.relays("ffff-in", "E-26 E-25", "the sum of what comes in is zero, sent as 0xffff", into)
    outof = frames.tuned(shape.message, shape.expect, 0xFFFF)
    shape.relays("ffff-out", "E-26", "the sum of what leaves is zero, sent as 0xffff", outof)
    if shape.ip_version == 4:
        shape.relays("none-ffff-out", "E-25 E-26", "no checksum comes in, the full sum is zero, sent as 0xffff",
                     outof, checksum=0)
    # 0x0001 and 0xfffe, next to where a carry goes wrong.
    for value in (0x0001, 0xFFFE):
        shape.relays(f"{value:04x}-out", "E-26", f"the right checksum of what leaves is {value:#06x}",
                     frames.tuned(shape.message, shape.expect, value))


def wrong_and_zero(shape):
    """One of each, for shapes whose arithmetic others have already shown."""
    frame, value = shape.build(shape.message), 0x1234
    shape.relays("wrong", "E-27 D-2", "a wrong checksum stays as wrong", shape.message, checksum=value,
                 out=frames.equally_wrong(shape.expect(shape.message), frame, value))
    outof = frames.tuned(shape.message, shape.expect, 0xFFFF)
    shape.relays("ffff-out", "E-26", "the sum of what leaves is zero, sent as 0xffff", outof)


def order():
    stranger = {"ips": ("2001:db8:bad::1", world.CRA_ADDRESS)}
    cra_reply.PATH.drop("checksum-zero-unknown-peer", "E-26 R-SEC-1", "the checksum is looked at before the peer",
                        frames.with_checksum(cra_reply.received(bootp.reply().padded(), **stranger), 0), "zero_csum")
    tra_request.PATH.drop("checksum-zero-bad-source", "E-26 E-34", "the checksum is looked at before the source",
                          frames.with_checksum(tra_request.received(bootp.request(), ips=("fe80::1", world.TRA_ADDRESS)), 0),
                          "zero_csum")
    tra_request.PATH.drop("checksum-zero-short", "E-26 E-20", "the checksum is looked at before the length",
                          frames.with_checksum(tra_request.received(bytes(100)), 0), "zero_csum")
    cra_reply.PATH.drop("checksum-zero-op-1", "E-26 E-36", "the checksum is looked at before op",
                        frames.with_checksum(cra_reply.received(bootp.request()), 0), "zero_csum")


# The shapes that stand for their path, where testing all of them tells nothing new.
ALL_WRONG = {"even", "odd", "at-odd-even", "at-even-grown-odd", "last-at-odd-300", "first-even"}


def add_cases():
    for shape in shapes():
        partial(shape)
        if shape.name in ALL_WRONG:
            none_sent(shape)
            looks_partial(shape)
            wrong(shape)
            zero_sums(shape)
        else:
            wrong_and_zero(shape)
    order()
