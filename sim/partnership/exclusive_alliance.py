"""Exclusive alliance: one insurer per bank for years, a running fee and an access fee.

The pair sets the running fee to maximise its joint value (it steers the clerks' effort) and divides
the surplus by the access fee. The bank can threaten to replace the partner, so it gets at least
what the best excluded rival could offer (Ho & Lee 2019). A tie of capital takes the threat away and
pays the bank partly by its share of the insurer's profit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.base import Array
from sim.modes import by_mode
from sim.partnership.base import Deal, Meeting, PartnershipForm, annuity, running_fees

_FEE_GRID = 8


@dataclass(frozen=True)
class _Offers:
    """What each running fee would bring every insurer's alliance; F fees, I insurers."""

    fee: Array  # (F, I, 2) share of first premium, NaN for no deal
    sold: Array  # (F, I, C) first premium, yuan a year
    value: Array  # (F, I) joint value, yuan a year
    surplus: Array  # (F, I) joint value less what the insurer would earn otherwise
    earned: Array  # (F, I) bank's part through the running fee, yuan a year


class ExclusiveAlliance(PartnershipForm):
    """One-on-one, long term."""

    exclusive = True
    #: Whether the bank could turn to the best excluded rival.
    replaceable = True
    #: Whether the bank may be the one who pays the lump sum.
    pays_both_ways = False

    def negotiate(self, meeting: Meeting) -> Deal:
        """Choose a partner and settle both parts of the tariff."""
        insurers = len(meeting.margin_alone)
        offers = self._offers(meeting)
        best = offers.surplus.max(axis=0)
        ranking = self._ranking(meeting, best)
        if len(ranking) == 0:
            return running_fees(np.full((insurers, 2), np.nan), meeting.demand.alone)
        chosen = int(ranking[0])
        surplus = offers.surplus[:, chosen]
        others = np.delete(ranking, 0)
        rival = float(best[others].max()) if self.replaceable and len(others) else 0.0
        bank_gain = np.maximum(meeting.protocol.bank_share() * surplus, rival)
        bank_gain = np.minimum(bank_gain, surplus)
        return self._tariff(meeting, offers, chosen, bank_gain)

    def _ranking(self, meeting: Meeting, surplus: Array) -> NDArray[np.int64]:
        """Candidates with a surplus, best first: by surplus (the fee they can pay) or by score."""
        free = meeting.candidates[~meeting.taken[meeting.candidates]]
        candidates = free if len(free) else meeting.candidates
        candidates = candidates[surplus[candidates] > 0.0]
        rank = meeting.score if self.settings.selection == "screening" else surplus
        return candidates[np.argsort(-rank[candidates], kind="stable")]

    def _tariff(self, meeting: Meeting, offers: _Offers, chosen: int, bank_gain: Array) -> Deal:
        """Divide the chosen pair's value so that the bank gets ``bank_gain``, (F,), in all.

        With an equity share e the bank's gain is what it is paid, X >= 0, and e of the rest of
        the value V: X + e (V - X). The access fee divides what the running fee leaves; banks do
        not pay for being allowed to sell, so it is never negative and the running fee stays within
        X. Without an access fee the running fee comes as close to X as it can. The price of a
        stake, paid outside the pair, and a lump sum within a group can go either way, so there the
        running fee is free to be the best.
        """
        equity = self.settings.equity
        value, earned = offers.value[:, chosen], offers.earned[:, chosen]
        if self.buys_stake:
            owed = bank_gain - equity * (value - earned)
        elif equity < 1.0:
            owed = np.maximum(0.0, (bank_gain - equity * value) / (1.0 - equity))
        else:  # whatever the bank is paid comes out of its own profit
            owed = np.zeros_like(value)
        feasible = (earned <= owed) | self.pays_both_ways
        feasible[0] = True
        best_value = self.settings.access_fee or self.pays_both_ways
        goal = value if best_value else earned
        step = int(np.argmax(np.where(feasible, goal, -np.inf)))
        sold, fee = offers.sold[step, chosen], offers.fee[step, chosen]
        if not best_value and step + 1 < len(value) and not feasible[step + 1]:
            # Between two fees of the grid lies the one that pays the bank what it is owed.
            part = (owed[step] - earned[step]) / (earned[step + 1] - earned[step])
            part = float(np.clip(part, 0.0, 1.0))
            fee = fee + part * (offers.fee[step + 1, chosen] - fee)
            sold = sold + part * (offers.sold[step + 1, chosen] - sold)
        left = float(owed[step] - earned[step])
        if not self.pays_both_ways:
            left = max(0.0, left)
        insurers = len(meeting.margin_alone)
        fees = np.full((insurers, 2), np.nan)
        upfront, expected = np.zeros(insurers), np.zeros((insurers, len(sold)))
        if self.settings.access_fee:
            upfront[chosen] = left * annuity(self.settings.term, meeting.discount_rate)
        fees[chosen] = fee
        expected[chosen] = sold
        return Deal(fees, upfront, expected)

    def _offers(self, meeting: Meeting) -> _Offers:
        """What the running fees on the table bring, by the bank's sales with one partner."""
        talks = meeting.talks
        fee = self._running_fees(meeting)
        sold = np.array([meeting.assess(level).alone for level in fee])
        premium, paid = by_mode(sold), np.nan_to_num(fee)
        cost = talks.bank_cost + talks.pass_through * paid
        value = ((meeting.margin_alone - cost) * premium).sum(axis=2)
        surplus = value - meeting.recapture_value * premium.sum(axis=2)
        earned = ((paid - cost) * premium).sum(axis=2)
        return _Offers(fee, sold, value, surplus, earned)

    def _running_fees(self, meeting: Meeting) -> Array:
        """Running fees to choose from, share of first premium, (F, I, 2); NaN for no deal.

        From the bank's break-even fee up to the whole margin; both premium modes move together. A
        fee below cost would make the bank lose on every sale, so only a legal cap can force one,
        and only where an access fee makes up for it: what is left of the bank's due is then paid
        openly, at signature. Without an access fee the cap is left to what is paid off the books.
        A posted tariff is the running fee or there is none.
        """
        low = meeting.talks.break_even_fee()
        legal = meeting.cap if self.pays_lump else np.full(2, np.inf)
        tariff = meeting.protocol.tariff()
        if tariff is not None:
            fee = np.minimum(tariff, legal)
            limit = meeting.margin_alone - meeting.recapture_value[:, None]
            return np.where((low <= fee) & (fee <= limit), fee, np.nan)[None]
        high = np.minimum(np.maximum(low, meeting.margin_alone), legal)
        low = np.minimum(low, legal)
        steps = np.linspace(0.0, 1.0, _FEE_GRID)[:, None, None]
        return low + steps * (high - low)
