"""Interest rates and returns: a mean-reverting risk-free rate, managed deposit rate, equity."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import INVESTMENT
from scenarios.market import Market
from sim.streams import Stream, key_of, normal


@dataclass
class Rates:
    """Rates of the current month, 1/year unless said otherwise.

    Attributes:
        risk_free: Short rate (Vasicek 1977, floored at zero).
        deposit: What banks pay on deposits.
        portfolio_yield: Expected yield of an insurer's portfolio.
        monthly_return: Realised return of that portfolio in the month.
        credited: By product class, shape (C,).
        bonus: Index of profit participation, shape (C, months + 1).
    """

    risk_free: float
    deposit: float
    portfolio_yield: float
    monthly_return: float
    credited: NDArray[np.float64]
    bonus: NDArray[np.float64]


def opening_rates(market: Market, classes: int, months: int) -> Rates:
    """Rates at their long-run means, before the first month."""
    return Rates(
        market.risk_free_rate, 0.0, 0.0, 0.0, np.zeros(classes), np.ones((classes, months + 1))
    )


def move_rates(
    rates: Rates,
    market: Market,
    interest: NDArray[np.float64],
    participation: NDArray[np.float64],
    month: int,
    seed: int,
) -> None:
    """Draw the month's rates and credit the policies.

    Args:
        rates: Changed in place.
        market: Parameters.
        interest: Technical rate by class, shape (C,).
        participation: Share of the excess yield that policyholders get, shape (C,).
        month: Month now.
        seed: Seed of the run.
    """
    key = key_of(seed, Stream.RATES, month)
    pull = market.rate_reversion * (market.risk_free_rate - rates.risk_free)
    rates.risk_free = max(0.0, rates.risk_free + pull + market.rate_volatility * normal(key, 0))
    rates.deposit = max(0.0, rates.risk_free - market.deposit_spread)
    stocks = market.equity_share
    rates.portfolio_yield = rates.risk_free + stocks * market.equity_premium
    drift = (rates.risk_free + market.equity_premium) / 12.0
    shock = market.equity_volatility / sqrt(12.0) * normal(key, 1)
    equity = exp(drift - market.equity_volatility**2 / 24.0 + shock) - 1.0
    rates.monthly_return = (1.0 - stocks) * rates.risk_free / 12.0 + stocks * equity
    excess = participation * np.maximum(0.0, rates.portfolio_yield - interest)
    rates.credited = interest + excess
    growth = excess.copy()
    # The reserve table of an account does not grow by itself: its index carries all interest.
    growth[INVESTMENT] += interest[INVESTMENT]
    rates.bonus[:, month + 1] = rates.bonus[:, month] * np.exp(growth / 12.0)
