"""What a partnership form must answer, and the facts it may use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import Partnership
from sim.bargaining.base import Array, BargainingProtocol, Talks
from sim.demand import Demand
from sim.modes import by_mode, class_deals


@dataclass(frozen=True)
class Meeting:
    """What is on the table when a bank renews; I insurers, modes 0 single and 1 regular.

    Attributes:
        bank: The bank.
        candidates: Insurers that may be partners, in the bank's order of preference.
        demand: Expected premiums with all candidates on the shelf.
        talks: Facts of bargaining with all candidates on the shelf.
        assess: Demand if the bank had the deals given by their fees, shape (I, 2) with NaN for
            none, and its clerks answered to them.
        lay_out: Facts of bargaining at a demand assessed for some of the candidates.
        margin_alone: Insurer's margin if it were alone, share of premium, (I, 2).
        recapture_value: Worth to an insurer of a yuan of premium that is lost at the bank and that
            its own agents partly win back, yuan, (I,).
        cap: Highest open fee, share of first premium, (2,).
        protocol: Bargaining protocol.
        discount_rate: Of the firms, 1/year.
        score: The bank's score of the insurers on the five criteria, shape (I,).
        taken: Insurers that already have an exclusive partner, shape (I,).
    """

    bank: int
    candidates: NDArray[np.int64]
    demand: Demand
    talks: Talks
    assess: Callable[[Array], Demand]
    lay_out: Callable[[Demand], Talks]
    margin_alone: Array
    recapture_value: Array
    cap: Array
    protocol: BargainingProtocol
    discount_rate: float
    score: Array
    taken: NDArray[np.bool_]


@dataclass(frozen=True)
class Deal:
    """Outcome of a bank's renewal.

    Attributes:
        fees: Running fees, share of first premium, shape (I, 2); NaN for no deal.
        upfront: Access fees, yuan, shape (I,).
        sold: Expected first premium under the deals, yuan a year, shape (I, C).
    """

    fees: Array
    upfront: Array
    sold: Array

    @property
    def premium(self) -> Array:
        """Expected first premium by premium mode, yuan a year, shape (I, 2)."""
        return by_mode(self.sold)

    @property
    def expected(self) -> Array:
        """Expected first premium, yuan a year, shape (I,)."""
        return np.asarray(self.sold.sum(axis=1))


def running_fees(fees: Array, sold: Array) -> Deal:
    """The outcome of talks on running fees only.

    Args:
        fees: Share of first premium, shape (I, 2); NaN for no deal.
        sold: Expected first premium with every deal, yuan a year, shape (I, C).
    """
    return Deal(fees, np.zeros(len(fees)), sold * class_deals(~np.isnan(fees)))


class PartnershipForm(ABC):
    """Decides which insurers a bank works with and on what terms."""

    #: Whether a bank has one partner only, and an insurer one bank.
    exclusive: bool = False
    #: Whether a bank owns its partner, which then cannot refuse it or fall out with it.
    owned: bool = False
    #: Whether every candidate with a surplus becomes a partner, so that their number is capped
    #: before the talks and not by their outcome.
    takes_all: bool = False
    #: Whether the lump sum is the price of a stake, paid outside the pair.
    buys_stake: bool = False

    def __init__(self, settings: Partnership) -> None:
        """Keep the settings of the lever."""
        self.settings = settings

    @property
    def pays_lump(self) -> bool:
        """Whether an access fee can settle what the running fee does not."""
        return self.exclusive and self.settings.access_fee

    @abstractmethod
    def negotiate(self, meeting: Meeting) -> Deal:
        """Agree on partners and fees."""


def annuity(months: int, discount_rate: float) -> float:
    """Present value of one yuan a year paid evenly over a number of months."""
    return float((1.0 - np.exp(-discount_rate * months / 12.0)) / discount_rate)
