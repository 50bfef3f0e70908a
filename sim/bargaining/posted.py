"""Posted fees: an industry pact or a regulated tariff."""

from __future__ import annotations

import numpy as np

from sim.bargaining.base import Array, BargainingProtocol, Talks


class Posted(BargainingProtocol):
    """Everyone for whom the tariff is neither too high nor too low signs at the tariff."""

    def bank_share(self) -> float:
        """The tariff divides the surplus; nothing is left to talk about."""
        return 0.0

    def tariff(self) -> Array:
        """The posted fees."""
        return np.array([self.settings.posted_single, self.settings.posted_regular])

    def settle(self, talks: Talks) -> Array:
        """Sign at the tariff where it lies between the bank's cost and the insurer's limit."""
        tariff = self.tariff()
        acceptable = (talks.break_even_fee() <= tariff) & (tariff <= talks.reservation_fee())
        return np.where(acceptable, tariff, np.nan)
