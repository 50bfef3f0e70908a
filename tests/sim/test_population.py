"""The initial population: ages by survival, lognormal incomes, a small world, little memory."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, chisquare, kstest, norm

from agents.customers import NO_POLICY, allocate
from scenarios.market import Population
from sim.life_tables import PROTECTION, load_life_tables
from sim.population import enter, entry_rules, found_population
from sim.streams import Stream, key_of

CHINA = load_life_tables()
SIZE, BRANCHES = 20_000, 40
SETTINGS = replace(
    Population(),
    size=SIZE,
    neighbours=6,
    rewiring=0.2,
    income_median=60_000.0,
    income_spread=0.5,
    wealth_ratio=2.0,
    wealth_spread=0.6,
    risk_aversion_spread=0.1,
    literacy_mean=0.5,
    literacy_spread=0.1,
)


@pytest.fixture(scope="module")
def people():
    return found_population(SETTINGS, BRANCHES, CHINA, 7)


# --- ages -----------------------------------------------------------------------------------


def test_ages_follow_survival_from_entry(people):
    ages = (-1 - people.person["birth_month"]) // 12
    first, last = SETTINGS.entry_age, SETTINGS.oldest_start_age
    assert ages.min() >= first
    assert ages.max() <= last
    death = CHINA.yearly_death_probability[PROTECTION].mean(axis=0)
    survival = np.cumprod(np.append(1.0, 1.0 - death[first:last]))
    counts = np.bincount(ages, minlength=last + 1)[first:]
    assert chisquare(counts, SIZE * survival / survival.sum()).pvalue > 0.001


def test_birthdays_are_spread_over_the_year(people):
    months = (-1 - people.person["birth_month"]) % 12
    assert chisquare(np.bincount(months, minlength=12)).pvalue > 0.001


def test_sexes_are_even(people):
    women = int((people.person["sex"] == 1).sum())
    assert abs(women - SIZE / 2) < 4.0 * np.sqrt(SIZE / 4)
    assert set(np.unique(people.person["sex"])) == {0, 1}


# --- money ----------------------------------------------------------------------------------


def test_incomes_are_lognormal(people):
    logs = np.log(people.person["income"].astype(float))
    assert kstest((logs - np.log(60_000.0)) / 0.5, "norm").pvalue > 0.001
    income = people.person["income"].astype(float)
    mean = 60_000.0 * np.exp(0.5 * 0.5**2)
    spread = mean * np.sqrt(np.exp(0.5**2) - 1.0)
    assert abs(income.mean() - mean) < 4.0 * spread / np.sqrt(SIZE)
    assert np.median(income) == pytest.approx(60_000.0, rel=0.02)


def test_wealth_is_lognormal_over_income(people):
    person = people.person
    ratio = np.log(person["wealth_target"].astype(float) / person["income"])
    assert kstest((ratio - np.log(2.0)) / 0.6, "norm").pvalue > 0.001
    np.testing.assert_allclose(person["wealth"], person["wealth_target"], atol=0.51, rtol=1e-6)
    assert (person["wealth"] == np.round(person["wealth"])).all()
    assert abs(np.corrcoef(ratio, np.log(person["income"]))[0, 1]) < 0.03


# --- minds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mean", "spread"),
    [("risk_aversion", 0.5, 0.1), ("literacy", 0.5, 0.1), ("disposition", 0.5, 0.1)],
)
def test_traits_are_normal_within_bounds(people, name, mean, spread):
    values = people.person[name].astype(float)
    assert ((values >= 0.0) & (values <= 1.0)).all()
    assert kstest((values - mean) / spread, norm(0, 1).cdf).pvalue > 0.001


def test_traits_are_cut_at_their_bounds():
    wild = replace(SETTINGS, size=2_000, literacy_mean=0.9, literacy_spread=0.5)
    literacy = found_population(wild, 4, CHINA, 1).person["literacy"]
    assert literacy.max() == 1.0
    assert literacy.min() == 0.0
    above = int((literacy == 1.0).sum())
    expected = 2_000 * norm.sf(0.2)
    assert abs(above - expected) < 4.0 * np.sqrt(expected)


def test_traits_are_independent(people):
    person = people.person
    names = ("risk_aversion", "literacy", "disposition", "sex", "birth_month")
    columns = [person[name].astype(float) for name in names]
    columns.append(np.log(person["income"].astype(float)))
    correlation = np.corrcoef(columns)
    assert np.abs(correlation[~np.eye(len(columns), dtype=bool)]).max() < 0.035


def test_everyone_starts_without_policies_and_with_their_own_trust(people):
    assert (people.policy["insurer"] == NO_POLICY).all()
    np.testing.assert_array_equal(people.person["trust"], people.person["disposition"])
    np.testing.assert_array_equal(people.trust_before, people.person["trust"])
    assert (people.person["entry_month"] == -1).all()


# --- places and network ---------------------------------------------------------------------


def test_branches_are_filled_evenly_in_ring_order(people):
    branch = people.person["branch"]
    assert (np.diff(branch) >= 0).all()
    assert set(np.bincount(branch, minlength=BRANCHES)) == {SIZE // BRANCHES}


def lattice(size, degree):
    """Neighbours on a ring: one on, one back, two on, two back, ..."""
    offsets = [(k // 2 + 1) * (1 if k % 2 == 0 else -1) for k in range(degree)]
    return (np.arange(size)[:, None] + offsets) % size


def test_without_rewiring_the_network_is_a_ring():
    calm = found_population(replace(SETTINGS, size=50, rewiring=0.0), 5, CHINA, 1)
    np.testing.assert_array_equal(calm.neighbours, lattice(50, 6))


def test_the_rewired_share(people):
    changed = people.neighbours != lattice(SIZE, 6)
    trials = changed.size
    chance = 0.2 * (1.0 - 1.0 / (SIZE - 1))
    low, high = binom.interval(0.9999, trials, chance)
    assert low <= changed.sum() <= high
    assert (people.neighbours >= 0).all()
    assert (people.neighbours < SIZE).all()
    assert (people.neighbours != np.arange(SIZE)[:, None]).all()  # nobody listens to himself


def test_rewired_neighbours_are_anybody():
    wild = found_population(replace(SETTINGS, size=5_000, rewiring=1.0), 5, CHINA, 1)
    distance = (wild.neighbours - np.arange(5_000)[:, None]) % 5_000
    counts, _ = np.histogram(distance, bins=np.linspace(0.5, 4_999.5, 21))
    assert chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_tiny_populations(size):
    few = found_population(replace(SETTINGS, size=size), 1, CHINA, 1)
    assert few.neighbours.shape == (size, min(6, size - 1))
    assert (few.neighbours != np.arange(size)[:, None]).all()


# --- entrants -------------------------------------------------------------------------------


def test_an_entrant_is_young_poor_and_new():
    people = allocate(3, 0)
    rules = entry_rules(SETTINGS)
    key = key_of(9, Stream.ENTRY, 100)
    people.policy["insurer"] = 2
    enter(people, 1, 100, 100 - 12 * 22, False, key, rules)
    person = people.person[1]
    assert (people.policy[1]["insurer"] == NO_POLICY).all()
    assert (people.policy[[0, 2]]["insurer"] == 2).all()
    assert (100 - person["birth_month"]) // 12 == 22
    assert person["entry_month"] == 100
    assert person["wealth"] == pytest.approx(0.25 * person["wealth_target"], abs=0.51)
    before = people.person[1].copy()
    enter(people, 1, 100, 100 - 12 * 22, False, key, rules)
    assert people.person[1] == before
    enter(people, 1, 101, 101 - 12 * 22, False, key_of(9, Stream.ENTRY, 101), rules)
    assert people.person[1]["income"] != before["income"]


# --- reproducibility and size ---------------------------------------------------------------


def test_a_population_is_a_function_of_its_seed():
    small = replace(SETTINGS, size=500)
    first, again, other = (found_population(small, 5, CHINA, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.person, again.person)
    np.testing.assert_array_equal(first.neighbours, again.neighbours)
    assert (first.person["income"] != other.person["income"]).all()


def test_a_larger_market_keeps_the_luck_of_the_smaller():
    """Draws are addressed by person: the first 500 are the same people in a market of 800."""
    few = found_population(replace(SETTINGS, size=500), 5, CHINA, 1).person
    many = found_population(replace(SETTINGS, size=800), 5, CHINA, 1).person[:500]
    for name in ("income", "literacy", "birth_month", "sex"):
        np.testing.assert_array_equal(few[name], many[name])


def test_ten_million_customers_fit_in_memory(people):
    held = sum(part.nbytes for part in people)
    assert held / SIZE <= 256.0
