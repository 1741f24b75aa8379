# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Next hops that are not known yet, and a TRA that starts again in the middle of an exchange."""

from harness.registry import case
from lab import plan
from lab.checks import check_equal, check_exchange, relayed
from lab.counters import Counters
from lab.lab import TRA_NAME, Lab, LabSpec
from lab.parley import parley

EXCHANGE = ("discover", "offer")


def forget_neighbours(lab: Lab) -> None:
    for namespace in (lab.at.cra, lab.at.router, lab.at.tra):
        namespace.ip("neigh", "flush", "all")


def by_tc(counters: Counters) -> Counters:
    return {name.replace(".xdp", ".tc"): count for name, count in counters.items()}


def cold_neighbours(lab: Lab) -> None:
    """The first packet to an unknown neighbour is not lost; TC relays it."""
    with parley(lab) as talk:
        forget_neighbours(lab)
        before = lab.counters()
        request = talk.ask()
        lab.expect_moved(before, by_tc(relayed(lab, ("discover",))))
        forget_neighbours(lab)
        before = lab.counters()
        talk.answer(request)
        talk.hear()
        back = relayed(lab, ("offer",))
        cold = {name: count for name, count in back.items() if name.startswith("tra")}
        warm = {name: count for name, count in back.items() if name not in cold}
        lab.expect_moved(before, {**by_tc(cold), **warm})
    check_exchange(lab, *EXCHANGE)


def warm_again(lab: Lab) -> None:
    """Once the neighbours are known, the accelerator relays what TC relayed before."""
    with parley(lab) as talk:
        talk.there_and_back()
        before = lab.counters()
        lab.clear_captures()
        talk.there_and_back()
        lab.expect_moved(before, relayed(lab, EXCHANGE))
    check_exchange(lab, *EXCHANGE)


def tra_restarts(lab: Lab) -> None:
    """The TRA keeps nothing of a request: detached, every map gone, and attached again."""
    with parley(lab) as talk:
        request = talk.ask()
        lab.tra.run("detach", TRA_NAME)
        check_equal(lab.tra.pinned(), [], "what detach left on the bpffs")
        lab.attach_tra()
        talk.answer(request)
        check_equal(talk.hear().giaddr, plan.TRA_V4, "giaddr of the reply")
    check_exchange(lab, *EXCHANGE)


def register() -> None:
    for xdp in ("native", "off"):
        case(f"cold-neighbours.{xdp}", LabSpec(xdp=xdp), ("E-44",))(cold_neighbours)
        case(f"warm-again.{xdp}", LabSpec(xdp=xdp), ("E-44",))(warm_again)
        case(f"tra-restarts.{xdp}", LabSpec(xdp=xdp), ("R-TRA-13", "D-20"), own_lab=True)(
            tra_restarts
        )


register()
