"""Sales in the appraisal: a bonus on premium comes on top of commission."""

from __future__ import annotations

from sim.incentives.base import Array
from sim.incentives.commission import Commission


class SalesKpi(Commission):
    """Rewards premium sold whatever the fee and whatever becomes of the policy."""

    def pay_per_sale(self, fee: Array, premium: Array, persistency: float) -> Array:
        """Commission and a bonus per 1000 yuan of premium."""
        bonus = self.settings.sales_bonus * premium / 1000.0
        return super().pay_per_sale(fee, premium, persistency) + bonus
