# SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
"""Next hops that are not known yet, and a TRA that starts again in the middle of an exchange."""

from itertools import product

from harness.registry import case
from lab import plan
from lab.checks import check_equal, check_exchange, relayed
from lab.counters import Counters, moved
from lab.lab import LINES, TRA_NAME, Lab, LabSpec
from lab.parley import parley
from lab.waiting import wait_until

EXCHANGE = ("discover", "offer")


def forget_neighbours(lab: Lab) -> None:
    """All but the permanent one, by which a TSV knows its server."""
    for namespace in (lab.at.cra, lab.at.router, lab.at.tra):
        namespace.ip("neigh", "flush", "all")


def by_tc(counters: Counters, *roles: str) -> Counters:
    """With TC relaying what came in at these roles."""
    return {
        name.replace(".xdp", ".tc") if name.startswith(roles) else name: count
        for name, count in counters.items()
    }


def cold_neighbours(lab: Lab) -> None:
    """The first packet to an unknown neighbour is not lost; TC relays it.

    XDP believes what the kernel said of a next hop for some ticks more. So it is asked again until
    each packet went by TC that should; none is lost meanwhile.
    """
    unknown = ("cra",) if lab.at.is_tsv else ("cra", "tra")
    with parley(lab) as talk:

        def exchange() -> bool:
            lab.clear_captures()
            forget_neighbours(lab)
            before = lab.counters()
            request = talk.ask()
            forget_neighbours(lab)
            talk.answer(request)
            talk.hear()
            check_exchange(lab, *EXCHANGE)
            wanted = {
                **by_tc(relayed(lab, ("discover",)), *unknown),
                **by_tc(relayed(lab, ("offer",)), "tra"),
            }
            wait_until("all counters", lambda: sum(moved(before, lab.counters()).values()) == 4)
            return moved(before, lab.counters()) == wanted

        wait_until("an exchange by TC", exchange, 3)


def warm_again(lab: Lab) -> None:
    """Once the neighbours are known, the accelerator relays what TC relayed before.

    The first exchange may still go by what the kernel said before they were forgotten, and make none
    of them known.
    """
    with parley(lab) as talk:

        def exchange() -> bool:
            lab.clear_captures()
            before = lab.counters()
            talk.there_and_back()
            wait_until("all counters", lambda: sum(moved(before, lab.counters()).values()) == 4)
            return moved(before, lab.counters()) == relayed(lab, EXCHANGE)

        wait_until("an exchange by the accelerator", exchange, 3)
    check_exchange(lab, *EXCHANGE)


def tra_restarts(lab: Lab) -> None:
    """The TRA keeps nothing of a request: detached, every map gone, and attached again."""
    with parley(lab) as talk:
        request = talk.ask()
    lab.tra.run("detach", TRA_NAME)
    check_equal(lab.tra.pinned(), [], "what detach left on the bpffs")
    lab.attach_tra()
    with parley(lab) as talk:
        talk.client.xid = request.xid
        talk.answer(request)
        check_equal(talk.hear().giaddr, plan.TRA_V4, "giaddr of the reply")
    check_exchange(lab, *EXCHANGE)


def register() -> None:
    for (cra, far), xdp in product(LINES, ("native", "off")):
        spec = LabSpec(xdp=xdp, cra=cra, far=far)
        line = f"{cra}.{far}.{xdp}"
        case(f"cold-neighbours.{line}", spec, ("E-44",))(cold_neighbours)
        case(f"warm-again.{line}", spec, ("E-44",))(warm_again)
        case(f"tra-restarts.{line}", spec, ("R-TRA-13", "D-20"))(tra_restarts)


register()
