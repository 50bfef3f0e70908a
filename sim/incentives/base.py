"""What an incentive scheme must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import Incentives

Array = NDArray[np.float64]


class IncentiveScheme(ABC):
    """Turns fees and premiums into what a clerk earns by selling and by advising."""

    def __init__(self, settings: Incentives) -> None:
        """Keep the settings of the lever."""
        self.settings = settings

    @abstractmethod
    def pay_per_sale(self, fee: Array, premium: Array, persistency: float) -> Array:
        """Value to the clerk of selling one policy, yuan.

        Args:
            fee: What the bank earns on it, yuan, any shape.
            premium: First premium, yuan, same shape.
            persistency: Share of the bank's policies that last 25 months.
        """

    def quality_pay(self, fee: float, persistency: float) -> float:
        """Pay for a unit of advice beside the clerk's own ethics, yuan a month.

        Args:
            fee: What the bank earns by a month of selling at unit effort, yuan.
            persistency: Share of the bank's policies that last 25 months.
        """
        return 0.0

    def paid_now(self, fees: Array, premiums: Array) -> Array:
        """What the bank pays out in the month of sale, yuan, same shape as the sums."""
        return self.pay_per_sale(fees, premiums, 1.0)

    def deferred(self, fees: Array) -> Array:
        """What is held back for 25 months and paid on the policies then in force, yuan."""
        return np.zeros_like(fees)

    def advice_cost(self, advice: Array) -> Array:
        """What the bank pays for advice itself, yuan a month per clerk."""
        return np.zeros_like(advice)
