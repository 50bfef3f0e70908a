"""Exclusive alliance: one insurer per bank for years, a running fee and an access fee.

The pair sets the running fee to maximise its joint value (it steers the clerks' effort) and divides
the surplus by the access fee. The bank can threaten to replace the partner, so it gets at least
what the best excluded rival could offer (Ho & Lee 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.bargaining.base import Array
from sim.partnership.base import Deal, Meeting, PartnershipForm, annuity

_FEE_GRID = 8


@dataclass(frozen=True)
class _Offers:
    """What each running fee would bring every insurer's alliance; F fees, I insurers."""

    fee: Array  # (F, I, 2) share of first premium
    premium: Array  # (F, I, 2) yuan a year
    value: Array  # (F, I) joint value, yuan a year
    earned: Array  # (F, I) bank's part through the running fee, yuan a year


class ExclusiveAlliance(PartnershipForm):
    """One-on-one, long term."""

    exclusive = True

    def negotiate(self, meeting: Meeting) -> Deal:
        """Choose the partner with the largest joint surplus and settle both parts of the tariff."""
        insurers = len(meeting.margin_alone)
        fees = np.full((insurers, 2), np.nan)
        upfront, expected = np.zeros(insurers), np.zeros(insurers)
        free = meeting.candidates[~meeting.taken[meeting.candidates]]
        candidates = free if len(free) else meeting.candidates
        offers = self._offers(meeting)
        lost = offers.premium.sum(axis=2) * meeting.margin_alone.max(axis=1)
        surplus = offers.value - meeting.recapture_share * lost
        best = surplus.max(axis=0)
        ranking = candidates[np.argsort(-best[candidates], kind="stable")]
        if len(ranking) == 0 or not best[ranking[0]] > 0.0:
            return Deal(fees, upfront, expected)
        chosen = int(ranking[0])
        rival = float(best[ranking[1]]) if len(ranking) > 1 else 0.0
        bank_gain = np.maximum(meeting.talks.bank_power * surplus[:, chosen], rival)
        bank_gain = np.minimum(bank_gain, surplus[:, chosen])
        # The access fee divides what the running fee leaves; banks do not pay for being allowed to
        # sell, so it is never negative and the running fee stays within the bank's part.
        feasible = offers.earned[:, chosen] <= bank_gain
        feasible[0] = True
        step = int(np.argmax(np.where(feasible, offers.value[:, chosen], -np.inf)))
        premium = offers.premium[step, chosen]
        fee = offers.fee[step, chosen]
        left = max(0.0, float(bank_gain[step] - offers.earned[step, chosen]))
        if self.settings.access_fee:
            upfront[chosen] = left * annuity(self.settings.term, meeting.discount_rate)
        else:
            fee = fee + left / premium.sum() / (1.0 - meeting.talks.pass_through)
        fees[chosen] = fee
        expected[chosen] = float(premium.sum())
        return Deal(fees, upfront, expected)

    def _offers(self, meeting: Meeting) -> _Offers:
        """Joint value at running fees from the bank's cost up to the whole margin.

        Both premium modes move together. A fee below cost would make the bank lose on every sale.
        """
        talks = meeting.talks
        low = talks.bank_cost / (1.0 - talks.pass_through)
        high = np.maximum(low, meeting.margin_alone)
        fee = np.array([low + step * (high - low) for step in np.linspace(0.0, 1.0, _FEE_GRID)])
        premium = np.array([meeting.by_mode(meeting.assess(level).alone) for level in fee])
        cost = talks.bank_cost + talks.pass_through * fee
        value = ((meeting.margin_alone - cost) * premium).sum(axis=2)
        earned = ((fee - cost) * premium).sum(axis=2)
        return _Offers(fee, premium, value, earned)
