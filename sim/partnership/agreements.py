"""The agreements between banks and insurers as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.partnership.base import PartnershipForm
from sim.partnership.relationship import value_horizon


@dataclass
class Agreements:
    """State of all pairs; B banks, I insurers, modes 0 single and 1 regular premium.

    Attributes:
        active: Whether an agreement is in force, shape (B, I).
        exclusive: Whether the insurer may work with no other bank, (B, I).
        owned: Whether the bank owns the insurer, so that they do not fall out, (B, I).
        equity: Share of the insurer's profit from the pair that the bank owns, (B, I).
        buys_stake: Whether the access fee is the price of that share, so no part of profit, (B, I).
        start: Month of signature, (B, I).
        end: First month after the term, (B, I).
        deal: Whether a fee has been agreed for the premium mode, (B, I, 2).
        fee: Running fee on the books, share of first premium, (B, I, 2).
        side: Payment off the books, share of first premium, (B, I, 2).
        upfront: Access fee of the current term, paid at signature, yuan, (B, I).
        upfront_due: Access fees, less refunds of them, not yet settled in cash, yuan, (B, I).
        capital: Relationship capital, pure number, (B, I).
        expected: Expected yearly first premium when last bargained, yuan, (B, I, 2).
        reopened: Banks whose terms have to be talked over again at once, (B,).
        started: Agreements signed with a partner who was not one before, so far.
        ended: Agreements not renewed, so far.
    """

    banks: int
    insurers: int
    active: NDArray[np.bool_] = field(init=False)
    exclusive: NDArray[np.bool_] = field(init=False)
    owned: NDArray[np.bool_] = field(init=False)
    equity: NDArray[np.float64] = field(init=False)
    buys_stake: NDArray[np.bool_] = field(init=False)
    start: NDArray[np.int64] = field(init=False)
    end: NDArray[np.int64] = field(init=False)
    deal: NDArray[np.bool_] = field(init=False)
    fee: NDArray[np.float64] = field(init=False)
    side: NDArray[np.float64] = field(init=False)
    upfront: NDArray[np.float64] = field(init=False)
    upfront_due: NDArray[np.float64] = field(init=False)
    capital: NDArray[np.float64] = field(init=False)
    expected: NDArray[np.float64] = field(init=False)
    reopened: NDArray[np.bool_] = field(init=False)
    started: int = 0
    ended: int = 0

    def __post_init__(self) -> None:
        """Start without any agreement."""
        shape = (self.banks, self.insurers)
        self.active = np.zeros(shape, bool)
        self.exclusive = np.zeros(shape, bool)
        self.owned = np.zeros(shape, bool)
        self.equity = np.zeros(shape)
        self.buys_stake = np.zeros(shape, bool)
        self.start = np.zeros(shape, np.int64)
        self.end = np.zeros(shape, np.int64)
        self.deal = np.zeros((*shape, 2), bool)
        self.fee = np.zeros((*shape, 2))
        self.side = np.zeros((*shape, 2))
        self.upfront = np.zeros(shape)
        self.upfront_due = np.zeros(shape)
        self.capital = np.zeros(shape)
        self.expected = np.zeros((*shape, 2))
        self.reopened = np.zeros(self.banks, bool)

    def due(self, bank: int, month: int) -> bool:
        """Whether a bank has to talk: a term is over or reopened, or it has no partner at all."""
        active = self.active[bank]
        over = active & (self.end[bank] <= month)
        return not active.any() or bool(over.any() or self.reopened[bank])

    def months_left(self, bank: int, month: int) -> int:
        """Months to the end of a bank's longest agreement in force; 0 if it has none."""
        left = np.where(self.active[bank], self.end[bank] - month, 0)
        return max(0, int(left.max()))

    def sign(
        self,
        bank: int,
        fees: NDArray[np.float64],
        upfront: NDArray[np.float64],
        expected: NDArray[np.float64],
        month: int,
        term: int,
        form: PartnershipForm,
    ) -> None:
        """Replace a bank's agreements by those with a fee.

        Args:
            bank: The bank.
            fees: Share of first premium, shape (I, 2); NaN where no deal was struck.
            upfront: Access fees, yuan, shape (I,).
            expected: Expected yearly first premium, yuan, shape (I, 2).
            month: Now.
            term: Months.
            form: Form in force: its ties hold to the end, whatever form comes after it.
        """
        signed = ~np.isnan(fees).all(axis=1)
        before = self.active[bank].copy()
        self.started += int((signed & ~before).sum())
        self.ended += int((before & ~signed).sum())
        self.reopened[bank] = False
        self.active[bank] = signed
        self.exclusive[bank] = signed & form.exclusive
        self.owned[bank] = signed & form.owned
        self.equity[bank] = np.where(signed, form.settings.equity, 0.0)
        self.buys_stake[bank] = signed & form.buys_stake
        self.start[bank, signed] = month
        self.end[bank, signed] = month + term
        self.deal[bank] = ~np.isnan(fees)
        self.fee[bank] = np.nan_to_num(fees)
        self.side[bank] = 0.0
        self.upfront[bank] = np.where(signed, upfront, 0.0)
        self.upfront_due[bank] += self.upfront[bank]
        self.expected[bank] = np.where(self.deal[bank], expected, 0.0)

    def access_per_month(self, discount_rate: float) -> NDArray[np.float64]:
        """Access fees spread over their terms as level monthly amounts, yuan, shape (B, I)."""
        value = value_horizon((self.end - self.start).astype(np.float64), discount_rate, 0.0)
        return self.upfront / np.where(value > 0.0, value, 1.0) / 12.0

    def unearned(self, month: int, discount_rate: float) -> NDArray[np.float64]:
        """Worth of the monthly parts of the access fees still to come, yuan, shape (B, I)."""
        left = np.where(self.active, self.end - month, 0).astype(np.float64)
        to_come = value_horizon(left, discount_rate, 0.0)
        return 12.0 * self.access_per_month(discount_rate) * to_come

    def break_up(self, broken: NDArray[np.bool_], month: int, discount_rate: float) -> None:
        """End agreements before their time; what is unearned of their access fees goes back.

        Args:
            broken: Pairs, shape (B, I).
            month: First month without the agreement.
            discount_rate: Of the firms, 1/year.
        """
        self.upfront_due[broken] -= self.unearned(month, discount_rate)[broken]
        self.upfront[broken] = 0.0
        self.exclusive[broken] = False
        self.end[broken] = month
        self.capital[broken] = 0.0

    def reopen(self, month: int, discount_rate: float) -> None:
        """Have all agreements in force talked over again; unearned access fees go back.

        Args:
            month: First month under what will be agreed.
            discount_rate: Of the firms, 1/year.
        """
        self.upfront_due -= self.unearned(month, discount_rate)
        self.upfront[self.active] = 0.0
        self.reopened = self.active.any(axis=1)

    def drop_insurer(self, insurer: int, successor: int, month: int, discount_rate: float) -> None:
        """End all agreements of an insurer that has failed.

        Args:
            insurer: The insurer.
            successor: Who takes over its business, and so what is owed to it.
            month: First month without the insurer.
            discount_rate: Of the firms, 1/year.
        """
        gone = np.zeros_like(self.active)
        gone[:, insurer] = self.active[:, insurer]
        self.break_up(gone, month, discount_rate)
        self.upfront_due[:, successor] += self.upfront_due[:, insurer]
        self.upfront_due[:, insurer] = 0.0
        self.ended += int(self.active[:, insurer].sum())
        for flags in (self.active, self.exclusive, self.owned, self.buys_stake, self.deal):
            flags[:, insurer] = False
        for terms in (
            self.equity,
            self.fee,
            self.side,
            self.upfront,
            self.capital,
            self.expected,
        ):
            terms[:, insurer] = 0.0
