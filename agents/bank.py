"""A bank: branches, customers and the cash it earns from selling insurance."""

from __future__ import annotations

import mesa
import numpy as np
from numpy.typing import NDArray


class Bank(mesa.Agent):
    """A bank with its branches.

    Attributes:
        index: Position on the bank axis of all arrays.
        branches: Its branches, positions on the branch axis.
        customers: Customers whose home branch is one of them.
        cash: Net receipts from the insurance business since the start, yuan.
    """

    def __init__(
        self,
        model: mesa.Model,
        index: int,
        branches: NDArray[np.int64],
        customers: int,
    ) -> None:
        """Open the bank with empty books."""
        super().__init__(model)
        self.index = index
        self.branches = branches
        self.customers = customers
        self.cash = 0.0

    def collect(self, fees: float, access_fees: float, side_payments: float) -> None:
        """Take the insurers' payments of the month, yuan."""
        self.cash += fees + access_fees + side_payments

    def pay_fine(self, amount: float) -> None:
        """Pay a supervisor's fine, yuan."""
        self.cash -= amount

    def compensate(self, amount: float) -> None:
        """Make good part of what customers lost by a breach, yuan."""
        self.cash -= amount

    def share_profit(self, amount: float) -> None:
        """Take (or bear) the bank's part of a partner's profit, yuan."""
        self.cash += amount

    def spend(
        self, deposits: float, counter: float, clerks: float, partners: float, control: float
    ) -> None:
        """Bear the month's costs, yuan.

        Args:
            deposits: Margin lost on deposits that went into policies.
            counter: Counter time and systems.
            clerks: Pay for sales and training.
            partners: Investment into relationships, products and the information link.
            control: Risk control, inspections and operational losses.
        """
        self.cash -= deposits + counter + clerks + partners + control
