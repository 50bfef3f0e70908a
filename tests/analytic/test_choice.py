"""Customer choice against closed forms: tickets, log-sums, shares, Train's correction."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from scenarios.levers import PRODUCT_CLASSES
from sim.choice import (
    AFFLUENT,
    ELDER,
    FAMILY,
    YOUNG,
    class_utility,
    inclusive_value,
    oversized,
    perceived_gain,
    persuasion_wedge,
    segment_of,
    ticket_size,
    undone_surplus,
)
from sim.platform import drop_out_chance
from sim.products import premium_annuity
from sim.shelf import (
    choose_brand,
    choose_class,
    expected_welfare,
    fill_shelf,
    log_sum,
    new_shelves,
    shelf_row,
    ticket_of,
)
from sim.streams import Stream, gumbel, key_of, uniform
from sim.views import now_of, world_of

CLASSES = len(PRODUCT_CLASSES)
compiled = settings(deadline=None, derandomize=True, max_examples=60)
share = st.floats(0.0, 1.0)
utility = st.floats(-8.0, 4.0)
utilities = st.lists(utility, min_size=1, max_size=8).map(np.array)
similarities = st.floats(0.05, 1.0)


def nest(values, similarity):
    """Inclusive value of a nest the way the shelf works it out."""
    largest = values.max()
    return inclusive_value(np.exp((values - largest) / similarity).sum(), largest, similarity)


def padded(values):
    """Inclusive values of the first classes, nothing available in the others."""
    full = np.full(CLASSES, -np.inf)
    full[: len(values)] = values
    return full


# --- who the customer is --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "income", "segment"),
    [
        (59.99, 1.8, AFFLUENT),
        (60.0, 1.8, ELDER),
        (60.0, 0.1, ELDER),
        (59.99, 1.79, FAMILY),
        (34.99, 1.79, YOUNG),
        (35.0, 1.79, FAMILY),
        (34.99, 1.8, AFFLUENT),
        (18.0, 0.0, YOUNG),
        (105.0, 100.0, ELDER),
    ],
)
def test_segment_boundaries(age, income, segment):
    assert segment_of(age, income * 50_000.0, 50_000.0) == segment


def test_the_segments_are_the_columns_of_the_needs():
    assert (YOUNG, FAMILY, AFFLUENT, ELDER) == (0, 1, 2, 3)


NEUTRAL = {
    "taste": 0.0,
    "gain": 0.0,
    "protection": 0.7,
    "risk_aversion": 0.5,
    "trust": 0.5,
    "complexity": 0.6,
    "literacy": 1.0,
    "protection_weight": 2.0,
    "trust_weight": 3.0,
    "complexity_weight": 1.5,
}


def experienced(**changes):
    return class_utility(*(NEUTRAL | changes).values())


def test_an_average_literate_customer_is_indifferent():
    assert experienced() == 0.0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"taste": 0.3}, 0.3),
        ({"gain": -0.4}, -0.4),
        ({"risk_aversion": 1.0}, 2.0 * 0.7 * 0.5),
        ({"risk_aversion": 0.0}, -2.0 * 0.7 * 0.5),
        ({"trust": 0.9}, 3.0 * 0.4),
        ({"literacy": 0.25}, -1.5 * 0.6 * 0.75),
        ({"literacy": 0.25, "complexity": 0.0}, 0.0),
    ],
)
def test_each_part_of_the_experienced_utility_alone(changes, expected):
    assert experienced(**changes) == pytest.approx(expected, rel=1e-12)


# --- persuasion -----------------------------------------------------------------------------


@given(st.floats(0.0, 20.0), share, st.floats(0.0, 5.0), st.floats(0.0, 5.0), share)
@compiled
def test_the_wedge_lies_between_nothing_and_the_push(push, literacy, advice, correction, untold):
    wedge = persuasion_wedge(push, literacy, advice, correction, untold)
    assert 0.0 <= wedge <= push
    expected = push * (1.0 - literacy) * np.exp(-correction * advice) * untold
    assert wedge == pytest.approx(expected, rel=1e-12)


@given(st.floats(0.01, 20.0), st.floats(0.0, 0.99), st.floats(0.0, 5.0), st.floats(0.01, 3.0))
@compiled
def test_the_wedge_vanishes_in_its_limits(push, literacy, advice, correction):
    assert persuasion_wedge(0.0, literacy, advice, correction, 1.0) == 0.0
    assert persuasion_wedge(push, 1.0, advice, correction, 1.0) == 0.0
    assert persuasion_wedge(push, literacy, advice, correction, 0.0) == 0.0
    assert persuasion_wedge(push, literacy, 1e6, correction, 1.0) == 0.0
    assert persuasion_wedge(push, 0.0, 0.0, correction, 1.0) == push
    assert persuasion_wedge(push, 0.0, advice, 0.0, 1.0) == push


@given(st.floats(0.1, 10.0), st.floats(0.0, 0.9), st.floats(0.0, 3.0), st.floats(0.1, 1.0))
@compiled
def test_the_wedge_rises_with_the_push_and_falls_with_knowledge(push, literacy, advice, untold):
    wedge = persuasion_wedge(push, literacy, advice, 0.7, untold)
    assert persuasion_wedge(1.1 * push, literacy, advice, 0.7, untold) > wedge
    assert persuasion_wedge(push, literacy + 0.05, advice, 0.7, untold) < wedge
    assert persuasion_wedge(push, literacy, advice + 0.1, 0.7, untold) < wedge
    assert persuasion_wedge(push, literacy, advice, 0.8, untold) <= wedge
    assert persuasion_wedge(push, literacy, advice, 0.7, 0.9 * untold) < wedge


# --- tickets --------------------------------------------------------------------------------

BUYER = {
    "regular": False,
    "share": 0.25,
    "wealth": 100_000.0,
    "income": 50_000.0,
    "minimum": 1_000.0,
    "wedge": 0.0,
    "stretch": 0.15,
    "limit_on": False,
    "single_limit": 4.0,
    "regular_limit": 0.2,
}


def ticket(**changes):
    return ticket_size(*(BUYER | changes).values())


def test_a_single_premium_is_a_share_of_wealth_and_a_regular_one_of_income():
    assert ticket() == 25_000.0
    assert ticket(regular=True) == 12_500.0
    assert ticket(share=0.123456) == 12_346.0  # whole yuan
    assert ticket(income=1.0) == 25_000.0
    assert ticket(regular=True, wealth=1e6) == 12_500.0


def test_push_stretches_a_ticket_up_to_twofold():
    assert ticket(wedge=2.0) == 25_000.0 * 1.3
    assert ticket(wedge=1.0 / 0.15) == 50_000.0
    assert ticket(wedge=100.0) == 50_000.0
    assert ticket(wedge=100.0, stretch=0.0) == 25_000.0


def test_a_ticket_out_of_reach_is_none():
    assert ticket(minimum=25_000.0) == 25_000.0
    assert ticket(minimum=25_001.0) == 0.0
    assert ticket(share=1.0) == 100_000.0
    assert ticket(share=1.01) in (0.0, 100_000.0)  # cut to the wealth or given up, never more
    assert ticket(regular=True, wealth=12_500.0) == 12_500.0
    assert ticket(regular=True, wealth=12_499.0) in (0.0, 12_499.0)
    assert ticket(regular=True, wealth=999.0) == 0.0
    assert ticket(wealth=0.0) == 0.0


def test_the_suitability_rule_binds_in_multiples_of_income():
    rule = {"limit_on": True, "single_limit": 0.4, "regular_limit": 0.1}
    assert ticket(**rule) == 20_000.0
    assert ticket(regular=True, **rule) == 5_000.0
    assert ticket(**(rule | {"limit_on": False})) == 25_000.0
    assert ticket(**rule, wedge=50.0) == 20_000.0  # no push gets round it
    assert ticket(**rule, minimum=20_001.0) == 0.0
    assert ticket(**(rule | {"single_limit": 0.0, "minimum": 1.0})) == 0.0


@given(
    st.booleans(),
    st.floats(0.0, 2.0),
    st.floats(0.0, 1e6),
    st.floats(1.0, 1e6),
    st.floats(1.0, 5_000.0),
    st.floats(0.0, 10.0),
    st.booleans(),
)
@compiled
def test_a_ticket_is_whole_affordable_and_large_enough(
    regular, part, wealth, income, minimum, wedge, limited
):
    changes = {
        "regular": regular,
        "share": part,
        "wealth": wealth,
        "income": income,
        "minimum": minimum,
        "limit_on": limited,
    }
    amount = ticket(**changes, wedge=wedge)
    assert amount == round(amount)
    assert amount == 0.0 or minimum <= amount <= wealth
    base = income if regular else wealth
    assert amount <= 2.0 * part * base + 0.5
    if limited:
        assert not oversized(regular, amount, income, 4.0, 0.2)
    calm = ticket(**changes)
    assert amount == 0.0 or calm == 0.0 or amount >= calm


@pytest.mark.parametrize(("regular", "limit"), [(True, 10_000.0), (False, 200_000.0)])
def test_oversized_means_beyond_the_limit(regular, limit):
    assert not oversized(regular, limit, 50_000.0, 4.0, 0.2)
    assert oversized(regular, limit + 1.0, 50_000.0, 4.0, 0.2)


def test_a_ticket_cut_to_the_limit_is_not_oversized():
    """Rounding a ticket up to the next yuan must not turn an obedient sale into a mis-sale."""
    incomes = [50_001.0, 50_002.0, 50_003.0, 50_004.0, 50_005.0]
    for income in incomes:
        cut = ticket(regular=True, share=0.5, income=income, limit_on=True)
        assert cut > 0.0
        assert not oversized(True, cut, income, 4.0, 0.2), income


def test_push_never_makes_a_customer_who_can_afford_a_policy_buy_none():
    """The shelf offers what is in reach without push; a sale of zero yuan must not follow."""
    poor = {"regular": True, "share": 0.08, "wealth": 4_500.0}
    assert ticket(**poor) == 4_000.0
    assert ticket(**poor, wedge=1.0) >= 4_000.0


# --- log-sums -------------------------------------------------------------------------------


@given(utilities)
@compiled
def test_with_similarity_one_a_nest_is_a_multinomial_logit(values):
    assert nest(values, 1.0) == pytest.approx(np.log(np.exp(values).sum()), abs=1e-12)


@given(utilities, similarities)
@compiled
def test_a_nest_is_worth_its_best_brand_at_least_and_the_log_of_their_number_more_at_most(
    values, similarity
):
    value = nest(values, similarity)
    assert values.max() <= value + 1e-12
    assert value <= values.max() + similarity * np.log(len(values)) + 1e-12


@given(utilities)
@compiled
def test_with_similarity_zero_a_nest_tends_to_its_best_brand(values):
    gaps = [nest(values, similarity) - values.max() for similarity in (1e-1, 1e-3, 1e-6)]
    assert gaps[0] + 1e-12 >= gaps[1] >= gaps[2] - 1e-12
    assert gaps[2] <= 1e-6 * np.log(len(values)) + 1e-12


@given(utilities, utility, similarities)
@compiled
def test_another_brand_never_lowers_a_nest(values, newcomer, similarity):
    assert nest(np.append(values, newcomer), similarity) >= nest(values, similarity) - 1e-12


@given(utilities, st.floats(-3.0, 3.0), similarities)
@compiled
def test_a_nest_moves_with_all_its_brands(values, shift, similarity):
    moved = nest(values + shift, similarity)
    assert moved == pytest.approx(nest(values, similarity) + shift, abs=1e-9)


@given(utilities, similarities)
@compiled
def test_the_slope_of_a_nest_is_the_conditional_share(values, similarity):
    shares = np.exp((values - nest(values, similarity)) / similarity)
    assert shares.sum() == pytest.approx(1.0, rel=1e-9)
    step = 1e-6
    for brand, expected in enumerate(shares):
        up, down = values.copy(), values.copy()
        up[brand] += step
        down[brand] -= step
        slope = (nest(up, similarity) - nest(down, similarity)) / (2.0 * step)
        assert slope == pytest.approx(expected, abs=1e-5)


# --- frequencies ----------------------------------------------------------------------------


@pytest.mark.parametrize("similarity", [1.0, 0.4])
def test_choices_follow_the_nested_logit(similarity):
    """Frequencies over addresses against closed-form shares; at similarity one, plain MNL."""
    perceived = np.full((CLASSES, 3), -np.inf)
    perceived[0] = [0.3, -0.2, -np.inf]
    perceived[2] = [-0.5, -1.0, 0.4]
    perceived[3] = [-np.inf, -0.4, -np.inf]
    on_sale = np.isfinite(perceived).any(axis=1)
    inclusive = np.full(CLASSES, -np.inf)
    for c in np.flatnonzero(on_sale):
        inclusive[c] = nest(perceived[c][np.isfinite(perceived[c])], similarity)
    with np.errstate(invalid="ignore"):
        within = np.exp((perceived - inclusive[:, None]) / similarity)
    within[~np.isfinite(perceived)] = 0.0
    expected = np.exp(inclusive)[:, None] * within / (1.0 + np.exp(inclusive).sum())
    if similarity == 1.0:
        plain = np.exp(perceived)
        np.testing.assert_allclose(expected, plain / (1.0 + plain.sum()), rtol=1e-12)
    outside = 1.0 - expected.sum()

    people = 20_000
    class_key, brand_key = key_of(7, Stream.CLASS, 3), key_of(7, Stream.BRAND, 3)
    found = np.zeros_like(expected)
    for n in range(people):
        c = choose_class(inclusive, class_key, n)
        if c >= 0:
            found[c, choose_brand(perceived[c], similarity, uniform(brand_key, n))] += 1
    assert found[expected == 0.0].sum() == 0
    sold = expected > 0.0
    counts = np.append(found[sold], people - found.sum())
    shares = np.append(expected[sold], outside)
    assert shares.sum() == pytest.approx(1.0, rel=1e-12)
    assert chisquare(counts, people * shares).pvalue > 0.001


def test_nothing_on_sale_leaves_the_outside_option():
    key = key_of(1, Stream.CLASS, 0)
    assert {choose_class(padded([]), key, n) for n in range(100)} == {-1}


def test_the_draw_runs_through_the_brands_in_order():
    perceived = np.array([0.0, -np.inf, 0.0, 0.0])
    draws = [1e-9, 0.33, 0.34, 0.66, 0.67, 1.0 - 1e-16]
    assert [choose_brand(perceived, 0.7, draw) for draw in draws] == [0, 0, 2, 2, 3, 3]


# --- welfare --------------------------------------------------------------------------------


@given(st.lists(utility, min_size=0, max_size=CLASSES))
@compiled
def test_without_a_wedge_welfare_is_the_log_sum(values):
    welfare = expected_welfare(padded(values), np.zeros(CLASSES))
    assert welfare == pytest.approx(np.log1p(np.exp(values).sum()), abs=1e-12)
    assert welfare >= 0.0


@given(
    st.lists(utility, min_size=CLASSES, max_size=CLASSES),
    st.lists(st.floats(0.0, 4.0), min_size=CLASSES, max_size=CLASSES),
)
@compiled
def test_the_wedge_costs_its_expectation_and_never_helps(values, wedges):
    values, wedges = np.array(values), np.array(wedges)
    perceived = values + wedges
    chosen = np.exp(perceived) / (1.0 + np.exp(perceived).sum())
    welfare = expected_welfare(perceived, wedges)
    log_sum = np.log1p(np.exp(perceived).sum())
    assert welfare == pytest.approx(log_sum - (chosen * wedges).sum(), abs=1e-12)
    assert welfare <= expected_welfare(values, np.zeros(CLASSES)) + 1e-12


@given(
    st.lists(st.floats(-3.0, 2.0), min_size=CLASSES, max_size=CLASSES),
    st.lists(st.floats(0.0, 3.0), min_size=CLASSES, max_size=CLASSES),
    st.integers(0, CLASSES - 1),
)
@compiled
def test_slopes_of_welfare(values, wedges, c):
    """By own calculation: in experienced utility P (1 - w + E w), in the wedge -P (w - E w)."""
    values, wedges = np.array(values), np.array(wedges)
    chosen = np.exp(values + wedges) / (1.0 + np.exp(values + wedges).sum())
    excess = wedges[c] - (chosen * wedges).sum()
    step = 1e-5 * np.eye(CLASSES)[c]
    better = expected_welfare(values + wedges + step, wedges)
    worse = expected_welfare(values + wedges - step, wedges)
    assert (better - worse) / 2e-5 == pytest.approx(chosen[c] * (1.0 - excess), abs=1e-6)
    better = expected_welfare(values + wedges + step, wedges + step)
    worse = expected_welfare(values + wedges - step, wedges - step)
    assert (better - worse) / 2e-5 == pytest.approx(-chosen[c] * excess, abs=1e-6)


def test_welfare_is_the_mean_experienced_surplus_of_the_choices():
    """Monte Carlo: experienced utility and taste shock of what is chosen by perceived utility."""
    values = np.array([-0.5, -np.inf, 0.2, -1.0, -np.inf])
    wedges = np.array([1.5, 0.0, 0.3, 0.0, 0.0])
    key = key_of(11, Stream.CLASS, 0)
    people = 30_000
    surplus = np.empty(people)
    for n in range(people):
        c = choose_class(values + wedges, key, n)
        surplus[n] = gumbel(key, n * 8 + (c if c >= 0 else CLASSES))
        surplus[n] += values[c] if c >= 0 else 0.0
    mean = surplus.mean() - np.euler_gamma  # buying nothing is worth zero
    spread = surplus.std() / np.sqrt(people)
    assert abs(expected_welfare(values + wedges, wedges) - mean) < 4.0 * spread


@pytest.mark.parametrize("height", [50.0, 1_000.0, 1e6])
def test_welfare_of_very_large_utilities_is_a_number(height):
    """Far above buying nothing only the best classes count: the level goes through as it is."""
    values = padded([height, height - 1.0])
    wedges = np.array([3.0, 1.0, 0.0, 0.0, 0.0])
    within = 1.0 / (1.0 + np.exp(-1.0))
    expected = height + np.log1p(np.exp(-1.0)) - within * 3.0 - (1.0 - within) * 1.0
    assert expected_welfare(values, wedges) == pytest.approx(expected, rel=1e-12)


# --- money ----------------------------------------------------------------------------------


@pytest.mark.parametrize("c", range(CLASSES), ids=PRODUCT_CLASSES)
def test_a_yuan_of_loading_costs_every_buyer_a_yuan(market, c):
    """Roy's identity: the slope of consumer surplus in a price is minus expected purchases.

    The price is the present value of the loadings that the premiums expected to be paid carry.
    """
    step = 1e-5
    name = PRODUCT_CLASSES[c]

    def priced(change):
        """The market with another loading: surplus, yuan, and expected yuan of premium bought."""
        shelf_product = market.scenario.product
        setting = getattr(shelf_product, name)
        dearer = replace(
            shelf_product, **{name: replace(setting, loading=setting.loading + change)}
        )
        changed = copy(market)
        changed.scenario = replace(market.scenario, product=dearer)
        world, now = world_of(changed), now_of(changed)
        shelf = shelf_row(new_shelves(1, len(market.insurers)), 0)
        surplus, bought = 0.0, 0.0
        for n in range(len(market.people.person)):
            fill_shelf(market.people, n, 0, False, now, world, shelf)
            weight = np.exp(shelf.inclusive)
            ticket = ticket_of(market.people.person[n], world.counter.klass[c], world.rules[0], 0.0)
            surplus += expected_welfare(shelf.inclusive, shelf.mean_wedge)
            bought += ticket * weight[c] / (1.0 + weight.sum())
        return surplus * market.scenario.population.choice.yuan_per_util, bought

    bought = priced(0.0)[1]
    slope = (priced(step)[0] - priced(-step)[0]) / (2.0 * step)
    product, deposit = market.scenario.product, market.rates.deposit
    paid = premium_annuity(product, deposit, market.persistency)[c]
    assert bought > 0.0
    assert slope == pytest.approx(-paid * bought, rel=1e-3)


# --- waiting --------------------------------------------------------------------------------


def test_each_day_of_waiting_loses_the_same_share():
    assert drop_out_chance(0.0, 0.3) == 0.0
    assert drop_out_chance(10.0, 0.0) == 0.0
    stay = 1.0 - drop_out_chance(1.0, 0.02)
    for days in (2.0, 7.0, 30.0):
        assert 1.0 - drop_out_chance(days, 0.02) == pytest.approx(stay**days, rel=1e-12)
    assert drop_out_chance(1e6, 0.02) == 1.0


@pytest.mark.parametrize("value", [-4.0, 0.0, 3.0, 9.0])
def test_what_a_buyer_perceives_to_gain_over_not_buying(value):
    """One util where purchases are rare, the whole utility where everybody buys."""
    rng = np.random.default_rng(4)
    shocks = rng.gumbel(size=(4_000_000, 2))
    gain = value + shocks[:, 0] - shocks[:, 1]
    gain = gain[gain > 0.0]
    expected = perceived_gain.py_func(float(np.log1p(np.exp(value))))
    assert gain.mean() == pytest.approx(expected, rel=0.02)
    stays = 1.0 / (1.0 + np.exp(value))
    assert expected == pytest.approx(-np.log(stays) / (1.0 - stays))


def test_the_limits_of_the_perceived_gain():
    assert perceived_gain.py_func(0.0) == 1.0
    assert perceived_gain.py_func(1e-9) == pytest.approx(1.0)
    assert perceived_gain.py_func(500.0) == pytest.approx(500.0)


def test_welfare_over_many_visits_is_that_of_those_who_keep_what_they_bought():
    """If every purchase is undone, nothing is gained: the surplus counted comes off again."""
    inclusive = padded([0.5, 2.0])
    wedge = np.full(CLASSES, 1.5)
    best = log_sum(inclusive)
    buys = 1.0 - np.exp(-best)
    undone = undone_surplus.py_func(perceived_gain.py_func(best), 1.5, 1.0)
    assert expected_welfare(inclusive, wedge) == pytest.approx(buys * undone)
