"""What is bargained over, and what a bargaining protocol must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import Bargaining

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Talks:
    """One bank's fee talks; I insurers, modes 0 single and 1 regular premium.

    Attributes:
        premium: Expected first premium under agreement, yuan a year, shape (I, 2).
        margin: Insurer's value of new business before commission, share of premium, (I, 2).
        bank_cost: Bank's cost, share of premium, apart from what clerks are paid, (I, 2).
        pass_through: Share of the fee that goes on to the clerk who sells.
        moved: What the bank's other products gain if (insurer, mode) goes, yuan, (I, 2, I, 2).
        insurer_recapture: What the insurer would earn on the lost business through its own
            agents, yuan a year, (I, 2).
        places: Insurers that fit on the bank's shelf.
    """

    premium: Array
    margin: Array
    bank_cost: Array
    pass_through: float
    moved: Array
    insurer_recapture: Array
    places: int

    def reservation_fee(self) -> Array:
        """Highest fee an insurer can pay: margin less what it would earn otherwise, (I, 2)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            fee = self.margin - self.insurer_recapture / self.premium
        return np.where(self.premium > 0.0, fee, np.nan)

    def break_even_fee(self) -> Array:
        """Fee at which the bank covers its cost including the clerk's part, (I, 2)."""
        return self.bank_cost / (1.0 - self.pass_through)


class BargainingProtocol(ABC):
    """Sets the running fees of all the partners of a bank."""

    def __init__(self, settings: Bargaining) -> None:
        """Keep the settings of the lever."""
        self.settings = settings

    @abstractmethod
    def settle(self, talks: Talks) -> Array:
        """Return the fees, share of first premium, shape (I, 2); NaN where no deal is struck."""

    @abstractmethod
    def bank_share(self) -> float:
        """Bank's share of the surplus in talks between two sides only, in [0, 1]."""
