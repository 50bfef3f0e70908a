"""What is bargained over, and what a bargaining protocol must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Talks:
    """One bank's yearly fee talks; I insurers, modes 0 single and 1 regular premium.

    Attributes:
        premium: Expected first premium under agreement, yuan a year, shape (I, 2).
        margin: Insurer's value of new business before commission, share of premium, (I, 2).
        bank_cost: Bank's cost, share of premium, apart from what clerks are paid, (I, 2).
        pass_through: Share of the fee that goes on to the clerk who sells.
        moved: What the bank's other products gain if (insurer, mode) goes, yuan, (I, 2, I, 2).
        insurer_recapture: What the insurer would earn on the lost business through its own
            agents, yuan a year, (I, 2).
        bank_power: Bank's share of the surplus, theta.
    """

    premium: Array
    margin: Array
    bank_cost: Array
    pass_through: float
    moved: Array
    insurer_recapture: Array
    bank_power: float


class BargainingProtocol(ABC):
    """Sets the running fees of all the partners of a bank."""

    @abstractmethod
    def settle(self, talks: Talks) -> Array:
        """Return the fees, share of first premium, shape (I, 2); NaN where no deal is struck."""
