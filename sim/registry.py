"""Decision rules by name: one registry per family."""

from __future__ import annotations

from sim.bargaining.base import BargainingProtocol
from sim.bargaining.nash import NashInNash
from sim.incentives.base import IncentiveScheme
from sim.incentives.commission import Commission
from sim.partnership.base import PartnershipForm
from sim.partnership.exclusive_alliance import ExclusiveAlliance
from sim.partnership.part_time_agency import PartTimeAgency

PROTOCOLS: dict[str, type[BargainingProtocol]] = {"nash": NashInNash}
FORMS: dict[str, type[PartnershipForm]] = {
    "part_time_agency": PartTimeAgency,
    "exclusive_alliance": ExclusiveAlliance,
}
SCHEMES: dict[str, type[IncentiveScheme]] = {"commission": Commission}
