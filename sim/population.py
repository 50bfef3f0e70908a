"""How customers come into the market: the initial population, its network, and young entrants."""

from __future__ import annotations

from math import exp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.customers import NO_POLICY, Customers, allocate
from scenarios.levers import PRODUCT_CLASSES
from scenarios.market import Population
from sim.compiled import rule
from sim.life_tables import PROTECTION, LifeTables
from sim.streams import Stream, key_of, normal, uniform, uniforms

_CLASSES = len(PRODUCT_CLASSES)


class EntryRules(NamedTuple):
    """Distribution of entrants' traits; see ``scenarios.market.Population`` for units."""

    income_median: float
    income_spread: float
    wealth_ratio: float
    wealth_spread: float
    risk_aversion_spread: float
    literacy_mean: float
    literacy_spread: float
    initial_trust: float
    entry_age: int


def entry_rules(population: Population) -> EntryRules:
    """Pick the entrants' traits out of the population settings."""
    return EntryRules(*(getattr(population, name) for name in EntryRules._fields))


@rule
def _bounded(value: float) -> float:
    return min(1.0, max(0.0, value))


@rule
def enter(
    people: Customers,
    n: int,
    month: int,
    birth_month: int,
    settled: bool,
    key: Any,
    rules: EntryRules,
) -> None:
    """Draw the traits of the person who takes place ``n``.

    Args:
        people: State to write.
        n: Place in the arrays.
        month: Month of entry, -1 for the initial population.
        birth_month: Month of birth.
        settled: Whether wealth starts at its target (initial population) or, for the young, at a
            quarter of it.
        key: Key of the entry stream in this month.
        rules: Distributions.
    """
    person = people.person[n]
    income = rules.income_median * exp(rules.income_spread * normal(key, 8 * n + 1))
    target = rules.wealth_ratio * income * exp(rules.wealth_spread * normal(key, 8 * n + 2))
    person.birth_month = birth_month
    person.entry_month = month
    person.sex = 0 if uniform(key, 16 * n) < 0.5 else 1
    person.income = income
    person.wealth_target = target
    person.wealth = float(round(target if settled else 0.25 * target))
    person.risk_aversion = _bounded(0.5 + rules.risk_aversion_spread * normal(key, 8 * n + 3))
    person.literacy = _bounded(rules.literacy_mean + rules.literacy_spread * normal(key, 8 * n + 4))
    person.disposition = _bounded(rules.initial_trust + 0.1 * normal(key, 8 * n + 5))
    person.trust = person.disposition
    for c in range(_CLASSES):
        people.policy[n, c].insurer = NO_POLICY


@rule
def _wire(neighbours: NDArray[np.int32], rewiring: float, key: Any) -> None:
    """Ring lattice with random rewiring (Watts & Strogatz 1998), stored in ring order."""
    size, degree = neighbours.shape
    for n in range(size):
        for k in range(degree):
            offset = k // 2 + 1
            other = n + offset if k % 2 == 0 else n - offset
            draw = (n * degree + k) * 2
            if uniform(key, draw) < rewiring:
                other = n + 1 + int(uniform(key, draw + 1) * (size - 1))
            neighbours[n, k] = other % size


@rule
def _settle(
    people: Customers, ages: NDArray[np.int32], branches: int, key: Any, rules: EntryRules
) -> None:
    size = people.person.shape[0]
    for n in range(size):
        months_since_birthday = int(12 * uniform(key, 16 * n + 1))
        enter(people, n, -1, -12 * ages[n] - months_since_birthday - 1, True, key, rules)
        people.person[n].branch = n * branches // size


def found_population(
    population: Population, branches: int, tables: LifeTables, seed: int
) -> Customers:
    """Create the initial population in its stationary age distribution.

    Args:
        population: Settings.
        branches: Branches over which customers are spread in ring order, so that neighbours
            tend to share a branch.
        tables: Life tables; ages are drawn in proportion to survival from the entry age.
        seed: Seed of the run.
    """
    people = allocate(population.size, min(population.neighbours, max(0, population.size - 1)))
    key = key_of(seed, Stream.ENTRY, -1)
    ages = np.arange(population.entry_age, population.oldest_start_age + 1)
    death = tables.yearly_death_probability[PROTECTION].mean(axis=0)
    survival = np.concatenate(([1.0], np.cumprod(1.0 - death[ages[:-1]])))
    shares = np.cumsum(survival) / survival.sum()
    age_key = key_of(seed, Stream.ENTRY, -2)
    draws = uniforms(age_key, population.size)
    start_ages = ages[np.minimum(np.searchsorted(shares, draws), len(ages) - 1)]
    _settle(people, start_ages.astype(np.int32), branches, key, entry_rules(population))
    _wire(people.neighbours, population.rewiring, key_of(seed, Stream.NETWORK, -1))
    people.trust_before[:] = people.person["trust"]
    return people
