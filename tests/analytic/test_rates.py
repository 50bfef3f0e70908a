"""Rates: stationary moments of the Vasicek recursion, floor, bonus index, common numbers."""

from dataclasses import replace

import numpy as np
import pytest

from scenarios.levers import INVESTMENT, PRODUCT_CLASSES
from scenarios.market import Market
from sim.rates import move_rates, opening_rates

CLASSES = len(PRODUCT_CLASSES)
INTEREST = np.array([0.025, 0.03, 0.02, 0.01, 0.0])
SHARE = np.array([0.7, 0.0, 0.5, 0.9, 1.0])


def run(months, seed=1, **changes):
    """Columns risk-free, deposit, yield and monthly return; the rates after the last month."""
    market = replace(Market(), **changes)
    rates = opening_rates(market, CLASSES, months)
    path = np.empty((months, 4))
    for month in range(months):
        move_rates(rates, market, INTEREST, SHARE, month, seed)
        path[month] = rates.risk_free, rates.deposit, rates.portfolio_yield, rates.monthly_return
    return path, rates


def test_rates_open_at_their_long_run_mean():
    path, _ = run(3, rate_volatility=0.0)
    np.testing.assert_allclose(path[:, 0], Market().risk_free_rate, rtol=1e-12)


def test_stationary_mean_and_variance():
    """x' = x + a (m - x) + s e: mean m, variance s^2 / (1 - (1 - a)^2), correlation 1 - a."""
    pull, spread = 0.3, 0.004
    months = 7_000
    path = run(months, risk_free_rate=0.1, rate_reversion=pull, rate_volatility=spread)[0][:, 0]
    deviation = spread / np.sqrt(1.0 - (1.0 - pull) ** 2)
    error = deviation * np.sqrt((2.0 - pull) / pull / months)
    assert abs(path.mean() - 0.1) < 4.0 * error
    assert path.std() == pytest.approx(deviation, rel=0.05)
    centred = path - path.mean()
    lagged = (centred[1:] * centred[:-1]).mean() / (centred**2).mean()
    assert lagged == pytest.approx(1.0 - pull, abs=0.03)


def test_a_shock_dies_out_at_the_rate_of_reversion():
    market = replace(Market(), rate_volatility=0.0, rate_reversion=0.1)
    rates = opening_rates(market, CLASSES, 20)
    rates.risk_free = 0.09
    for month in range(20):
        move_rates(rates, market, INTEREST, SHARE, month, 1)
        gap = (0.09 - market.risk_free_rate) * 0.9 ** (month + 1)
        assert rates.risk_free - market.risk_free_rate == pytest.approx(gap, rel=1e-9)


def test_floors():
    path, rates = run(400, risk_free_rate=0.002, rate_volatility=0.01, deposit_spread=0.01)
    assert path[:, 0].min() == 0.0
    assert (path[:, :2] >= 0.0).all()
    np.testing.assert_array_equal(path[:, 1], np.maximum(0.0, path[:, 0] - 0.01))
    assert (rates.credited >= INTEREST).all()  # a guarantee is a guarantee


def test_what_follows_from_the_short_rate():
    market = Market()
    path, rates = run(50)
    risk_free, deposit, portfolio, _ = path.T
    np.testing.assert_allclose(deposit, risk_free - market.deposit_spread, rtol=1e-12)
    premium = market.equity_share * market.equity_premium
    np.testing.assert_allclose(portfolio, risk_free + premium, rtol=1e-12)
    excess = np.maximum(0.0, portfolio[-1] - INTEREST)
    np.testing.assert_allclose(rates.credited, INTEREST + SHARE * excess, rtol=1e-12)


def test_the_bonus_index_grows_by_what_is_credited_beyond_the_guarantee():
    months = 60
    path, rates = run(months, rate_volatility=0.002)
    growth = SHARE * np.maximum(0.0, path[:, 2, None] - INTEREST)
    growth[:, INVESTMENT] += INTEREST[INVESTMENT]  # an account has no other interest
    np.testing.assert_array_equal(rates.bonus[:, 0], 1.0)
    expected = np.exp(growth.cumsum(axis=0) / 12.0).T
    np.testing.assert_allclose(rates.bonus[:, 1:], expected, rtol=1e-10)
    np.testing.assert_array_equal(rates.bonus[1], 1.0)  # without participation


def test_equity_earns_its_premium_and_spreads_as_it_should():
    months = 5_000
    changes = {"rate_volatility": 0.0, "equity_share": 1.0, "equity_volatility": 0.2}
    growth = 1.0 + run(months, **changes)[0][:, 3]
    drift = (Market().risk_free_rate + Market().equity_premium) / 12.0
    deviation = 0.2 / np.sqrt(12.0)
    assert (growth > 0.0).all()
    error = deviation / np.sqrt(months)
    assert abs(growth.mean() - np.exp(drift)) < 4.0 * error
    assert abs(np.log(growth).mean() - (drift - 0.5 * deviation**2)) < 4.0 * error
    assert np.log(growth).std() == pytest.approx(deviation, rel=0.03)


def test_volatility_costs_equity_half_its_variance():
    """With the same shocks, log growth at volatility v is drift - v^2 / 24 + v z / sqrt(12)."""
    changes = {"rate_volatility": 0.0, "equity_share": 1.0}
    drift = (Market().risk_free_rate + Market().equity_premium) / 12.0
    shocks = []
    for volatility in (0.2, 0.5):
        returns = run(30, equity_volatility=volatility, **changes)[0][:, 3]
        shocks.append((np.log1p(returns) - drift + volatility**2 / 24.0) / volatility)
    np.testing.assert_allclose(*shocks, atol=1e-12)
    calm = run(3, equity_volatility=0.0, **changes)[0][:, 3]
    np.testing.assert_allclose(calm, np.expm1(drift), rtol=1e-12)


def test_without_equity_the_portfolio_earns_the_short_rate():
    path, _ = run(20, equity_share=0.0)
    np.testing.assert_allclose(path[:, 3], path[:, 0] / 12.0, rtol=1e-12)
    np.testing.assert_allclose(path[:, 2], path[:, 0], rtol=1e-12)


def test_common_random_numbers():
    """Scenarios with one seed see the same rates; only what is changed changes."""
    base = run(80)[0]
    np.testing.assert_array_equal(run(80)[0], base)
    other = run(80, deposit_spread=0.02, equity_volatility=0.1)[0]
    np.testing.assert_array_equal(other[:, 0], base[:, 0])
    mean = Market().risk_free_rate
    calm = run(80, rate_volatility=0.5 * Market().rate_volatility)[0][:, 0]
    np.testing.assert_allclose(calm - mean, 0.5 * (base[:, 0] - mean), atol=1e-12)
    assert np.corrcoef(np.diff(run(80, seed=2)[0][:, 0]), np.diff(base[:, 0]))[0, 1] < 0.5


def test_rates_and_equity_are_independent():
    path = run(3_000, rate_reversion=1.0, equity_share=1.0, equity_volatility=0.3)[0]
    assert abs(np.corrcoef(path[:, 0], path[:, 3])[0, 1]) < 0.07
