"""Commission: the clerk gets a share of the fee, and nothing for quality."""

from __future__ import annotations

from sim.incentives.base import Array, IncentiveScheme


class Commission(IncentiveScheme):
    """Pass-through of the fee to whoever sells."""

    def pay_per_sale(self, fee: Array, premium: Array, persistency: float) -> Array:
        """A constant share of the fee."""
        return self.settings.pass_through * fee
