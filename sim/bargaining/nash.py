"""Nash-in-Nash (Horn & Wolinsky 1988): every pair splits its surplus given all other deals."""

from __future__ import annotations

import numpy as np

from sim.bargaining.base import Array, BargainingProtocol, Talks

_ROUNDS = 200
_TOLERANCE = 1e-10


def nash_fee(
    premium: Array, margin: Array, cost: Array, bank_else: Array, insurer_else: Array, power: float
) -> Array:
    """Fee that gives each side its disagreement payoff plus its share of the surplus.

    fee = c + D_b / P + theta S / P with S = (m - c) P - D_b - D_i. At this fee the bank gains
    (fee - c) P - D_b = theta S and the insurer (m - fee) P - D_i = (1 - theta) S.

    Args:
        premium: P, yuan a year.
        margin: m, share of premium.
        cost: c, share of premium.
        bank_else: D_b, what the bank recaptures without the deal, yuan a year.
        insurer_else: D_i, the same of the insurer.
        power: theta in [0, 1].

    Returns:
        Fee, share of premium; NaN where S < 0 or nothing would be sold.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        surplus = (margin - cost) * premium - bank_else - insurer_else
        fee = cost + (bank_else + power * surplus) / premium
        return np.where((surplus >= 0.0) & (premium > 0.0), fee, np.nan)


class NashInNash(BargainingProtocol):
    """Solves all pairs of a bank together: each takes the others' fees as given."""

    def bank_share(self) -> float:
        """Bargaining power of the bank."""
        return self.settings.bank_power

    def settle(self, talks: Talks) -> Array:
        """Iterate to the fixed point, dropping pairs whose surplus is negative for good."""
        power = self.bank_share()
        fee = np.where(talks.premium > 0.0, 0.5 * (talks.margin + talks.bank_cost), np.nan)
        for _ in range(_ROUNDS):
            cost = talks.bank_cost + talks.pass_through * np.nan_to_num(fee)
            # A product whose talks have failed is not there to recapture anything.
            gain = np.where(np.isnan(fee), 0.0, np.nan_to_num(fee) - cost)
            bank_else = np.maximum(0.0, np.tensordot(talks.moved, gain, axes=2))
            new = nash_fee(
                talks.premium, talks.margin, cost, bank_else, talks.insurer_recapture, power
            )
            new = np.where(np.isnan(fee), np.nan, new)
            if np.array_equal(np.isnan(new), np.isnan(fee)) and np.all(
                np.abs(np.nan_to_num(new - fee)) < _TOLERANCE
            ):
                return new
            fee = new
        return fee
