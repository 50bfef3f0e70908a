"""Relationship capital: what it is worth to each side, and who builds it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from scenarios.levers import PRODUCT_CLASSES
from sim.partnership.base import annuity
from sim.partnership.relationship import value_horizon, wanted_capital
from sim.products import REGULAR
from sim.renewal import invest_in_relationships, pair_margins, renew_bank
from sim.talks import bank_cost, bonus_cost, call_meeting, pass_through
from tests.analytic.forms import TIED

quick = settings(deadline=None, derandomize=True, max_examples=50)
CLASSES = len(PRODUCT_CLASSES)
#: One class of each premium mode stands for its mode.
SINGLE_CLASS, REGULAR_CLASS = int(np.argmin(REGULAR)), int(np.argmax(REGULAR))


# --- the time value of a relationship -------------------------------------------------------


@given(st.integers(1, 400), st.floats(0.005, 0.4))
@quick
def test_an_annuity_is_the_integral_of_the_discount_factor(months, rate):
    expected = quad(lambda t: np.exp(-rate * t), 0.0, months / 12.0)[0]
    assert annuity(months, rate) == pytest.approx(expected, rel=1e-9)


def test_limits_of_an_annuity():
    assert annuity(0, 0.08) == 0.0
    assert annuity(120, 1e-6) == pytest.approx(10.0, rel=1e-4)
    assert annuity(100_000, 0.08) == pytest.approx(1.0 / 0.08)


@given(st.floats(0.0, 240.0), st.floats(0.001, 0.3), st.floats(0.0, 0.2))
@quick
def test_the_value_horizon_is_an_integral_over_the_term(months, rate, depreciation):
    decay = rate + 12.0 * depreciation
    expected = quad(lambda t: np.exp(-decay * t), 0.0, months / 12.0)[0]
    found = float(value_horizon(np.array(months), rate, depreciation))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)
    assert found <= months / 12.0 + 1e-12


def test_limits_of_the_value_horizon():
    months = np.array([-6.0, 0.0, 12.0, 120.0])
    np.testing.assert_allclose(
        value_horizon(months, 1e-7, 0.0), [0.0, 0.0, 1.0, 10.0], rtol=1e-5, atol=1e-12
    )
    assert value_horizon(np.array(1e9), 0.08, 0.02) == pytest.approx(1.0 / 0.32)
    terms = value_horizon(np.arange(0.0, 240.0, 12.0), 0.08, 0.02)
    assert (np.diff(terms) > 0.0).all()
    assert (np.diff(terms, 2) < 0.0).all()  # the far end of a term is worth less


@given(st.floats(0.0, 1e7), st.floats(0.05, 5.0), st.floats(1.0, 1e6))
@quick
def test_wanted_capital_maximises_the_own_net_gain(value, horizon, cost):
    wanted = float(wanted_capital(np.array(value), np.array(horizon), np.array(cost)))
    weight = value * horizon

    def loss(capital):
        return cost * capital - weight * np.log1p(capital)

    top = max(1.0, 2.0 * weight / cost)
    found = minimize_scalar(loss, bounds=(0.0, top), method="bounded", options={"xatol": 1e-10})
    assert loss(wanted) <= found.fun + 1e-9 * (cost + weight)
    if wanted > 0.0:
        assert weight / (1.0 + wanted) == pytest.approx(cost, rel=1e-9)
    else:
        assert weight <= cost


def test_hold_up_cuts_investment():
    """Grossman & Hart (1986): a smaller own gain or a shorter term means less of it."""
    terms = {"horizon": np.array(3.0), "cost": np.array(1e5)}
    whole = wanted_capital(np.array(4e6), **terms)
    half = wanted_capital(np.array(2e6), **terms)
    assert whole == pytest.approx(119.0)
    assert half == pytest.approx(59.0)
    assert wanted_capital(np.array(0.0), **terms) == 0.0
    assert wanted_capital(np.array(-1e6), **terms) == 0.0  # who loses on a sale wants no more
    short = wanted_capital(np.array(4e6), **(terms | {"horizon": np.array(1.0)}))
    assert short == pytest.approx(39.0)


# --- investing together ---------------------------------------------------------------------


def tied(founded, power=0.5, **changes):
    """A market of alliances in which relationship capital is built from nothing in one go."""
    terms = TIED | changes
    market = founded(1, partnership=terms, bargaining={"bank_power": power})
    market.agreements.capital[:] = 0.0
    spent = invest_in_relationships(market, 1)
    return market, spent, market.agreements.capital[market.agreements.active]


def test_capital_is_bought_at_its_cost_by_both_sides(founded):
    market, spent, capital = tied(founded)
    active = market.agreements.active
    assert spent.shape == (*active.shape, 2)
    assert (spent[~active] == 0.0).all()
    assert (capital > 0.0).all()
    customers = np.array([bank.customers for bank in market.banks])
    cost = TIED["relationship_cost"] * customers[np.argwhere(active)[:, 0]]
    np.testing.assert_allclose(spent.sum(axis=-1)[active], capital * cost, rtol=1e-9)


def test_capital_wears_off_and_ends_with_its_agreement(founded):
    market = tied(founded, relationship_depreciation=0.03)[0]
    agreements = market.agreements
    agreements.capital[:] = 1e6  # far more than anybody wants: nothing is added
    spent = invest_in_relationships(market, 3)
    assert (spent == 0.0).all()
    kept = np.where(agreements.active, 1e6 * 0.97**3, 0.0)
    np.testing.assert_allclose(agreements.capital, kept, rtol=1e-12)


def test_a_longer_term_means_more_capital(founded):
    years = [tied(founded, term=12 * term)[2].sum() for term in (1, 5, 10)]
    assert years[0] < years[1] < years[2]


def test_the_gap_is_closed_at_the_speed_configured(founded):
    whole = tied(founded)[2]
    part = tied(founded, relationship_speed=0.05)[2]
    np.testing.assert_allclose(part, 0.05 * whole, rtol=1e-9)


def tied_at(founded, fee, term=120, equity=0.0, months_left=None):
    """What both sides want to build when all running fees are ``fee``, a part of the margin.

    Zero is the bank's break-even fee, one the whole margin. Returns the money spent, (pairs, 2),
    and the capital built.
    """
    market = founded(1, partnership=TIED | {"term": term})
    agreements, active = market.agreements, market.agreements.active
    agreements.equity[active] = equity
    low = (bank_cost(market) + bonus_cost(market)) / (1.0 - pass_through(market))
    margin = pair_margins(market)[1] / max(1e-12, 1.0 - equity) + agreements.fee
    agreements.fee[:] = np.where(active[..., None], low + fee * (margin - low), 0.0)
    agreements.capital[:] = 0.0
    if months_left is not None:
        agreements.end[:] = market.month + months_left
    spent = invest_in_relationships(market, 1)
    return spent[active], agreements.capital[active]


def test_the_running_fee_decides_who_invests(founded):
    """The access fee is sunk; what a further sale earns each side is left of the margin."""
    spent, capital = tied_at(founded, 0.0)
    assert (capital > 0.0).all()
    assert (spent[:, 0] == 0.0).all()  # the bank breaks even on every sale
    spent, capital = tied_at(founded, 1.0)
    assert (capital > 0.0).all()
    assert (spent[:, 1] == 0.0).all()  # nothing is left to the insurer


def test_the_side_that_earns_more_decides_how_much_is_built(founded):
    """Capital is worth the same whoever paid for it: the other's first unit no longer pays."""
    built = {fee: tied_at(founded, fee)[1] + 1.0 for fee in (0.0, 0.2, 0.4)}
    np.testing.assert_allclose(built[0.2] / built[0.0], 0.8, rtol=1e-6)
    np.testing.assert_allclose(built[0.4] / built[0.0], 0.6, rtol=1e-6)


def test_a_stake_makes_the_bank_count_what_the_insurer_earns(founded):
    at_cost = tied_at(founded, 0.0)[1] + 1.0
    for equity in (0.0, 0.3, 0.7):
        spent, capital = tied_at(founded, 0.0, equity=equity)
        np.testing.assert_allclose((capital + 1.0) / at_cost, max(equity, 1.0 - equity), rtol=1e-6)
        assert (spent[:, 0] > 0.0).all() == (equity > 0.5)
    spent, _ = tied_at(founded, 0.0, equity=1.0 - 1e-9)
    assert (spent[:, 1] == 0.0).all()


def test_money_off_the_books_counts_like_the_fee_it_stands_for(founded):
    market = founded(1, partnership=TIED)
    active = market.agreements.active
    bank, insurer = (margin[active] for margin in pair_margins(market))
    market.agreements.side[active] = 0.004
    richer, poorer = (margin[active] for margin in pair_margins(market))
    to_clerks = market.scenario.incentives.side_to_clerks
    np.testing.assert_allclose(richer - bank, 0.004 * (1.0 - to_clerks))
    np.testing.assert_allclose(poorer - insurer, -0.004)


def test_nobody_invests_in_an_agreement_that_ends(founded):
    by_term = [tied_at(founded, 0.5, months_left=left)[1].sum() for left in (0, 1, 12, 120)]
    assert by_term[0] == 0.0
    assert (np.diff(by_term) > 0.0).all()


def test_a_shorter_first_term_pays_the_access_fee_of_its_own_length(founded):
    market = founded(0, partnership=TIED | {"relationship_fit": 0.0})
    bank = len(market.banks) - 1  # the one whose first term is shortest
    market.rates.risk_free = market.scenario.market.risk_free_rate
    deal = market.form.negotiate(call_meeting(market, bank))
    renew_bank(market, bank)
    term = int(market.agreements.end[bank].max())
    assert term < 120
    rate = market.scenario.market.discount_rate
    fair = deal.upfront * annuity(term, rate) / annuity(120, rate)
    np.testing.assert_allclose(market.agreements.upfront[bank], fair, rtol=1e-9)
