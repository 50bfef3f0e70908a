"""Deferred commission with clawback: part is paid only for policies still in force later."""

from __future__ import annotations

from sim.incentives.base import Array
from sim.incentives.commission import Commission


class Deferred(Commission):
    """Holds part of the commission back until month 25; early exits forfeit it.

    Advice pays because it keeps policies in force: a unit of it cuts early exits, and with them
    what is forfeited, by ``advice_retention``.
    """

    def pay_per_sale(self, fee: Array, premium: Array, persistency: float) -> Array:
        """Commission less the part a clerk expects to forfeit."""
        kept = 1.0 - self.settings.deferred_share * (1.0 - persistency)
        return super().pay_per_sale(fee, premium, persistency) * kept

    def quality_pay(self, fee: float, persistency: float) -> float:
        """Deferred pay saved by a unit of advice in a month of selling at unit effort."""
        at_stake = self.settings.pass_through * self.settings.deferred_share * fee
        return at_stake * self.settings.advice_retention

    def paid_now(self, fees: Array, premiums: Array) -> Array:
        """Commission less what is held back."""
        return self.settings.pass_through * fees - self.deferred(fees)

    def deferred(self, fees: Array) -> Array:
        """The part held back."""
        return self.settings.deferred_share * self.settings.pass_through * fees
