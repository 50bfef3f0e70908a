"""Relationship capital: joint training, information links and product teams, and their hold-up.

Each side invests while its own earnings on the sales that capital brings over the remaining term
cover the cost (Grossman & Hart 1986): what is sunk is not paid for at renewal, so short terms and
small margins mean little investment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def value_horizon(months: Array, discount_rate: float, depreciation: float) -> Array:
    """Years of today's marginal value that a unit of capital still brings within the term.

    Integral over the term of exp(-(r + delta) t): r the discount rate per year, delta the
    depreciation per month. Tends to the term itself as both go to zero.
    """
    rate = discount_rate + 12.0 * depreciation
    years = np.maximum(0.0, months) / 12.0
    return (1.0 - np.exp(-rate * years)) / rate


def wanted_capital(value: Array, horizon: Array, cost: Array) -> Array:
    """Capital at which one side's marginal gain covers its marginal cost.

    The flow value is ``value * log(1 + K)``, so value * horizon / (1 + K) = cost.

    Args:
        value: What this side earns per log unit of capital, yuan a year.
        horizon: Years, from ``value_horizon``.
        cost: Yuan per unit of capital.
    """
    return np.maximum(0.0, value * horizon / cost - 1.0)
