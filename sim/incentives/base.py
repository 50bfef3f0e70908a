"""What an incentive scheme must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import Incentives

Array = NDArray[np.float64]


class IncentiveScheme(ABC):
    """Turns fees into what a clerk earns by selling and by advising."""

    def __init__(self, settings: Incentives) -> None:
        """Keep the settings of the lever."""
        self.settings = settings

    @abstractmethod
    def pay_per_sale(self, fee_per_sale: Array) -> Array:
        """Pay for selling one policy, yuan, from what the bank and the branch earn on it.

        Args:
            fee_per_sale: Yuan, any shape.
        """

    @abstractmethod
    def quality_pay(self) -> float:
        """Pay for a unit of advice beside the clerk's own ethics, yuan a month."""

    def paid_out(self, fees: Array) -> Array:
        """What the bank pays its clerks on fee income, yuan, same shape."""
        return self.pay_per_sale(fees)
