"""Forms of partnership that several tests start from."""

from dataclasses import replace

from scenarios.levers import Partnership
from sim.partnership.exclusive_alliance import ExclusiveAlliance

TIED = {
    "form": "exclusive_alliance",
    "term": 120,
    "access_fee": True,
    "relationship_cost": 0.01,
    "relationship_speed": 1.0,
    "trait_spread": 0.0,
    "conflict": 0.0,
}


def alliance(form=ExclusiveAlliance, **changes):
    terms = {"access_fee": True, "term": 120, "partners": 1, "selection": "fee", "equity": 0.0}
    return form(replace(Partnership(), **(terms | changes)))
