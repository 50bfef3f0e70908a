"""Value of new business against direct sums; class tables against contracts and settings."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from scenarios.levers import ACCIDENT, PENSION, PRODUCT_CLASSES, PROTECTION, SAVINGS, Product
from scenarios.schema import Scenario
from sim.life_tables import PROTECTION as PROTECTION_BASIS
from sim.life_tables import load_life_tables
from sim.products import (
    REGULAR,
    SAVES,
    buyer_gain,
    class_settings,
    first_persistency,
    lay_out_classes,
    new_business_margins,
)

quick = settings(deadline=None, derandomize=True, max_examples=40)
CHINA = load_life_tables()
CLASSES = len(PRODUCT_CLASSES)
rates = st.floats(0.01, 0.3)
stays = st.floats(0.3, 1.0)


def product(**changes):
    """The default shelf with settings of single classes changed: ``product(savings={...})``."""
    shelf = Product()
    return replace(
        shelf, **{name: replace(getattr(shelf, name), **new) for name, new in changes.items()}
    )


def plain():
    """A shelf without interest left to the insurer and without upkeep."""
    none = {"maintenance": 0.0, "participation": 1.0}
    return product(**dict.fromkeys(PRODUCT_CLASSES, none))


def margins(shelf, rate=0.08, persistency=0.9, portfolio=0.04):
    kept = np.full(CLASSES, persistency)
    return new_business_margins(shelf, rate, kept, portfolio)


def test_axis_of_the_classes():
    assert [name for name, regular in zip(PRODUCT_CLASSES, REGULAR, strict=True) if regular] == [
        "protection",
        "pension",
        "accident",
    ]
    assert SAVES.tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]
    names = [getattr(Product(), name) for name in PRODUCT_CLASSES]
    assert class_settings(Product()) == names


# --- margins --------------------------------------------------------------------------------


@given(rates, stays)
@quick
def test_regular_loadings_are_summed_over_the_years_a_policy_stays(rate, persistency):
    shelf = product(protection={"term": 17, "maintenance": 0.03})
    found = margins(shelf, rate, persistency).bank[PROTECTION]
    terms, value = shelf.protection, -shelf.protection.expense
    for year in range(17):
        in_force = (persistency / (1.0 + rate)) ** year
        value += terms.loading * in_force - (terms.maintenance * in_force if year else 0.0)
    assert found == pytest.approx(value, rel=1e-9)


@given(rates, stays)
@quick
def test_the_closed_form_of_a_regular_margin(rate, persistency):
    shelf = plain()
    # Vesting so early that the least deferral binds.
    shelf = replace(shelf, pension=replace(shelf.pension, vesting_age=40, term=25))
    ratio = persistency / (1.0 + rate)
    for c in (PROTECTION, PENSION):
        terms = class_settings(shelf)[c]
        annuity = (1.0 - ratio**terms.term) / (1.0 - ratio)
        found = margins(shelf, rate, persistency).bank[c]
        assert found == pytest.approx(terms.loading * annuity - terms.expense, rel=1e-9)


@given(rates, stays)
@quick
def test_a_single_premium_and_a_one_year_policy_bring_their_loading_once(rate, persistency):
    found = margins(plain(), rate, persistency)
    for c, terms in enumerate(class_settings(plain())):
        if not REGULAR[c] or c == ACCIDENT:
            assert found.bank[c] == pytest.approx(terms.loading - terms.expense, abs=1e-12)


@given(st.floats(0.0, 0.1), st.floats(0.0, 1.0), st.floats(0.0, 0.3), st.integers(1, 20))
@quick
def test_the_interest_margin_is_an_integral_over_the_stay(portfolio, participation, lapse, term):
    """The exit rate is the one learned, whatever the baseline hazard."""
    terms = {"participation": participation, "lapse_rate": 0.2, "term": term}
    shelf = product(savings=terms)
    found = margins(shelf, 0.08, np.exp(-lapse), portfolio).bank[SAVINGS]
    spread = max(0.0, (1.0 - participation) * (portfolio - shelf.savings.interest))
    years = quad(lambda t: np.exp(-(0.08 + lapse) * t), 0.0, term)[0]
    once = shelf.savings.loading - shelf.savings.expense
    assert found == pytest.approx(once + (1.0 - shelf.savings.loading) * spread * years, abs=1e-9)


def test_channels_differ_by_their_costs():
    shelf = Product()
    found = margins(shelf)
    for c, terms in enumerate(class_settings(shelf)):
        gap = terms.agent_expense + terms.agent_commission - terms.expense
        assert found.bank[c] - found.agent[c] == pytest.approx(gap, abs=1e-12)


@given(stays)
@quick
def test_loyalty_raises_all_margins_but_that_of_a_single_year(persistency):
    low, high = margins(Product(), persistency=persistency), margins(Product(), persistency=1.0)
    several_years = np.arange(CLASSES) != ACCIDENT
    if persistency < 1.0 - 1e-9:
        assert (high.bank[several_years] > low.bank[several_years]).all()
    assert high.bank[ACCIDENT] == low.bank[ACCIDENT]


def test_nobody_stays_leaves_the_first_loading():
    found = margins(plain(), persistency=0.0).bank
    expected = [terms.loading - terms.expense for terms in class_settings(plain())]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_every_class_leaves_room_for_a_fee_from_the_start():
    """Or banks and insurers would have no deal on regular premiums before anybody has learned."""
    firm = Scenario().market
    found = new_business_margins(
        Product(), firm.discount_rate, first_persistency(Product()), firm.risk_free_rate
    )
    assert (found.bank > firm.counter_cost).all()


def test_beliefs_before_experience():
    shelf = product(savings={"lapse_rate": 0.07}, protection={"first_persistency": 0.8})
    belief = first_persistency(shelf)
    assert belief[SAVINGS] == pytest.approx(np.exp(-0.07), rel=1e-12)
    assert belief[PROTECTION] == 0.8


# --- what a policy brings its buyer ---------------------------------------------------------


def gain(shelf, deposit=0.025, spread=0.01, persistency=0.9):
    credited = np.full(CLASSES, deposit + spread)
    return buyer_gain(shelf, credited, deposit, np.full(CLASSES, persistency))


@given(st.floats(0.0, 0.1), st.floats(-0.03, 0.03), stays)
@quick
def test_the_gain_of_a_single_premium_is_interest_less_the_loading(deposit, spread, persistency):
    shelf = Product()
    decay = deposit - np.log(persistency)
    years = quad(lambda t: np.exp(-decay * t), 0.0, shelf.savings.term)[0]
    found = gain(shelf, deposit, spread, persistency)[SAVINGS]
    assert found == pytest.approx(spread * years - shelf.savings.loading, abs=1e-9)


@given(st.floats(0.0, 0.1), stays)
@quick
def test_cover_costs_the_loadings_of_the_premiums_expected_to_be_paid(deposit, persistency):
    shelf = Product()
    found = gain(shelf, deposit, 0.01, persistency)
    paid = sum((persistency / (1.0 + deposit)) ** year for year in range(shelf.protection.term))
    assert found[PROTECTION] == pytest.approx(-shelf.protection.loading * paid, rel=1e-9)
    assert found[ACCIDENT] == -shelf.accident.loading  # a year at a time


def test_every_premium_of_a_pension_earns_interest_from_its_payment_on():
    shelf = product(pension={"loading": 0.0, "vesting_age": 40, "term": 3})
    found = gain(shelf, 0.0, 0.01, 1.0)[PENSION]
    assert found == pytest.approx(0.01 * (3.0 + 2.0 + 1.0), rel=1e-12)


# --- class tables ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables():
    bonus = np.ones((CLASSES, 13))
    return (*lay_out_classes(Product(), CHINA, bonus), bonus)


def test_records_carry_the_settings(tables):
    klass = tables[0]
    for c, terms in enumerate(class_settings(Product())):
        assert bool(klass[c]["regular"]) == REGULAR[c]
        for column, name in {
            "ticket": "ticket",
            "minimum": "minimum_premium",
            "standard_complexity": "complexity",
            "protection": "protection",
            "surrender_charge": "surrender_charge",
            "surrender_years": "surrender_years",
            "lapse_rate": "lapse_rate",
        }.items():
            assert klass[c][column] == getattr(terms, name), (c, column)
        yearly = 1.0 - (1.0 - klass[c]["monthly_accident"]) ** 12
        assert yearly == pytest.approx(terms.accident_rate, abs=1e-12)


def test_benefits_are_worth_the_net_premium(tables):
    """Spot checks by hand of what each class promises per yuan, men issued at 40."""
    shelf, table = Product(), tables[1]
    at = (0, 40)
    assert table.benefit[ACCIDENT][at] == pytest.approx(
        (1.0 - shelf.accident.loading)
        * (1.0 + shelf.accident.interest)
        / shelf.accident.accident_rate
    )
    index = PRODUCT_CLASSES.index("investment")
    assert table.benefit[index][at] == pytest.approx(1.0 - shelf.investment.loading)
    savings = table.benefit[SAVINGS][at]
    term = shelf.savings.term
    grown = (1.0 - shelf.savings.loading) * (1.0 + shelf.savings.interest) ** term
    assert 0.97 * grown < savings < grown  # a little goes into the death benefit
    assert table.reserve[SAVINGS][at][term] == pytest.approx(savings)
    assert table.benefit[PROTECTION][at] > 10.0
    assert 0.5 < table.benefit[PENSION][at] < 3.0


def test_terms(tables):
    table = tables[1]
    for c, name in enumerate(PRODUCT_CLASSES):
        expected = 1 if c == ACCIDENT else getattr(Product(), name).term
        if c == PENSION:
            expected = max(expected, Product().pension.vesting_age - 40)
        assert table.term[c, 0, 40] == expected
    assert table.term.dtype == np.int64


def test_monthly_chances_make_the_years_of_the_population(tables):
    table, death = tables[1], CHINA.yearly_death_probability[PROTECTION_BASIS]
    np.testing.assert_allclose(1.0 - (1.0 - table.monthly_death) ** 12, death, rtol=1e-9)
    ill = np.minimum(0.999, Product().protection.critical_illness * death)
    np.testing.assert_allclose(1.0 - (1.0 - table.monthly_illness) ** 12, ill, rtol=1e-9)


def test_the_bonus_index_is_shared_with_the_rates(tables):
    assert tables[1].bonus is tables[2]


def test_the_margin_of_a_pension_counts_the_premiums_until_vesting(tables):
    """Young buyers pay until they vest, not for the least deferral only."""
    shelf, table = plain(), tables[1]
    ages = np.array([30, 40, 45])
    ratio = 0.9 / 1.08
    years = table.term[PENSION, 0, ages]
    assert years.tolist() == [30, 20, 15]
    value = shelf.pension.loading * (1.0 - ratio**years) / (1.0 - ratio) - shelf.pension.expense
    found = margins(shelf).bank[PENSION]
    assert value.min() <= found <= value.max()
