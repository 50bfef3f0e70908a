"""Balanced appraisal: sales and quality of advice both count."""

from __future__ import annotations

from sim.incentives.base import Array
from sim.incentives.sales_kpi import SalesKpi


class Balanced(SalesKpi):
    """The sales appraisal with a second bonus for advice, as observed by quality checks."""

    def quality_pay(self, fee: float, persistency: float) -> float:
        """A bonus per unit of advice."""
        return self.settings.quality_bonus

    def advice_cost(self, advice: Array) -> Array:
        """The bonus on the advice given."""
        return self.settings.quality_bonus * advice
