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


def split_margin(
    fee: Array,
    side: Array,
    margin: Array,
    cost: Array,
    pass_through: float,
    side_to_clerks: float,
    equity: Array | float,
) -> tuple[Array, Array]:
    """What a yuan of first premium earns the bank and the insurer once they have a deal.

    The bank keeps (1 - t) f of the fee and (1 - tau) s of what is paid off the books, bears its
    cost, and owns a share e of what is left to the insurer, m - f - s.

    Args:
        fee: f, share of first premium; all arrays broadcast.
        side: s, the same.
        margin: m, insurer's value before distribution, share of first premium.
        cost: Bank's cost apart from the clerks' part, share of first premium.
        pass_through: t, the clerks' part of the fee.
        side_to_clerks: tau, the clerks' part of what is paid off the books.
        equity: e, in [0, 1].
    """
    left = margin - fee - side
    kept = (1.0 - pass_through) * fee + (1.0 - side_to_clerks) * side
    return kept - cost + equity * left, (1.0 - equity) * left


class BargainingProtocol(ABC):
    """Sets the running fees of all the partners of a bank."""

    #: Whether those left out set the price, so that the chosen have nothing more to talk about.
    competitive: bool = False

    def __init__(self, settings: Bargaining) -> None:
        """Keep the settings of the lever."""
        self.settings = settings

    @abstractmethod
    def settle(self, talks: Talks) -> Array:
        """Return the fees, share of first premium, shape (I, 2); NaN where no deal is struck."""

    def tariff(self) -> Array | None:
        """Running fees that no talks can move, share of first premium, (2,); None if they can."""
        return None

    @abstractmethod
    def bank_share(self) -> float:
        """Bank's share of the surplus in talks between two sides only, in [0, 1]."""
