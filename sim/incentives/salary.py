"""Salary: neither sales nor advice change the pay."""

from __future__ import annotations

import numpy as np

from sim.incentives.base import Array, IncentiveScheme


class Salary(IncentiveScheme):
    """Selling rests on the drive a salary commands, advice on ethics."""

    def pay_per_sale(self, fee: Array, premium: Array, persistency: float) -> Array:
        """Nothing."""
        return np.zeros_like(fee)
