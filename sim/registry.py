"""Decision rules by name: one registry per family, open to entry points.

A package outside this one adds a rule by an entry point in the group ``bancassim.FAMILY``, for
example ``[project.entry-points."bancassim.bargaining"] my_rule = "my_package:MyRule"``. The
family's base class says what the rule must answer.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from sim.adaptation.base import AdaptationRule
from sim.adaptation.ewa import ExperienceWeightedAttraction
from sim.adaptation.fixed import Fixed
from sim.adaptation.imitate import Imitate
from sim.bargaining.alternating import AlternatingOffers
from sim.bargaining.auction import Auction
from sim.bargaining.base import BargainingProtocol
from sim.bargaining.nash import NashInNash
from sim.bargaining.posted import Posted
from sim.design.base import ProductDesign
from sim.design.full_suite import FullSuite
from sim.design.me_too import MeToo
from sim.design.otc_simple import OtcSimple
from sim.design.segmented import Segmented
from sim.incentives.balanced import Balanced
from sim.incentives.base import IncentiveScheme
from sim.incentives.commission import Commission
from sim.incentives.deferred import Deferred
from sim.incentives.salary import Salary
from sim.incentives.sales_kpi import SalesKpi
from sim.partnership.base import PartnershipForm
from sim.partnership.exclusive_alliance import ExclusiveAlliance
from sim.partnership.financial_group import FinancialGroup
from sim.partnership.joint_venture import JointVenture
from sim.partnership.panel import Panel
from sim.partnership.part_time_agency import PartTimeAgency
from sim.supervision.base import SupervisionRegime
from sim.supervision.integrated import Integrated
from sim.supervision.joint_meeting import JointMeeting
from sim.supervision.separate import Separate

_SHIPPED: dict[str, tuple[type[Any], dict[str, type[Any]]]] = {
    "design": (
        ProductDesign,
        {
            "me_too": MeToo,
            "otc_simple": OtcSimple,
            "segmented": Segmented,
            "full_suite": FullSuite,
        },
    ),
    "partnership": (
        PartnershipForm,
        {
            "part_time_agency": PartTimeAgency,
            "panel": Panel,
            "exclusive_alliance": ExclusiveAlliance,
            "joint_venture": JointVenture,
            "financial_group": FinancialGroup,
        },
    ),
    "bargaining": (
        BargainingProtocol,
        {
            "nash": NashInNash,
            "alternating": AlternatingOffers,
            "auction": Auction,
            "posted": Posted,
        },
    ),
    "incentives": (
        IncentiveScheme,
        {
            "salary": Salary,
            "commission": Commission,
            "sales_kpi": SalesKpi,
            "balanced": Balanced,
            "deferred": Deferred,
        },
    ),
    "supervision": (
        SupervisionRegime,
        {"separate": Separate, "joint_meeting": JointMeeting, "integrated": Integrated},
    ),
    "adaptation": (
        AdaptationRule,
        {"fixed": Fixed, "imitate": Imitate, "ewa": ExperienceWeightedAttraction},
    ),
}


@cache
def rules(family: str) -> dict[str, type[Any]]:
    """All rules of a family by name: the shipped ones, then those of entry points.

    Raises:
        ValueError: An entry point takes a shipped name or is not a rule of the family.
    """
    base, shipped = _SHIPPED[family]
    found = dict(shipped)
    for point in entry_points(group=f"bancassim.{family}"):
        rule = point.load()
        if point.name in shipped:
            raise ValueError(f"entry point {point.name!r}: {family} has a rule of that name")
        if not (isinstance(rule, type) and issubclass(rule, base)):
            raise ValueError(f"entry point {point.name!r}: not a subclass of {base.__name__}")
        found[point.name] = rule
    return found


def make_rule(family: str, name: str, settings: Any) -> Any:
    """Create the rule ``name`` of a family with the settings of its lever.

    Raises:
        ValueError: There is no such rule.
    """
    known = rules(family)
    if name not in known:
        raise ValueError(f"{family}: no rule {name!r}; there are {', '.join(known)}")
    return known[name](settings)
