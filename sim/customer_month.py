"""The compiled customer month: every customer visits, chooses, ages, claims, leaves, talks, saves.

Customers are worked through in a fixed number of chunks whose sums are added in order, so results
are the same for any number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import get_num_threads, njit, prange, set_num_threads
from numpy.typing import NDArray

from agents.customers import BANK_CHANNEL, NO_POLICY, Customers
from scenarios.levers import PRODUCT_CLASSES
from sim.compiled import step
from sim.month_tables import N_FLOWS, N_TOTALS, Now, Shelf, Sums, Total, World
from sim.policies import age_policy, settle_death, take_stock
from sim.sales import meet_own_agent, visit_bank
from sim.shelf import new_shelves, shelf_row
from sim.streams import Stream, uniform
from sim.trust import next_trust

_CLASSES = len(PRODUCT_CLASSES)
_MAX_CHUNKS = 64
_CHUNK_CUSTOMERS = 2048


@step
def mean_trust(people: Customers, n: int) -> float:
    """Mean trust of a customer's neighbours at the start of the month; the own without any."""
    degree = people.neighbours.shape[1]
    if degree == 0:
        return np.float64(people.trust_before[n])
    total = 0.0
    for k in range(degree):
        total += np.float64(people.trust_before[people.neighbours[n, k]])
    return float(total / degree)


@step
def suffer_breach(person: Any, n: int, bank: int, now: Now, world: World, sums: Sums) -> None:
    """Thieves got at customers' data; those hit lose money, of which the bank returns a share."""
    rules = world.rules[0]
    if uniform(now.keys[Stream.BREACH], n) < world.counter.breach[bank]:
        stolen = min(rules.breach_loss, person.wealth)
        returned = rules.breach_compensation * stolen
        person.wealth -= stolen - returned
        sums.totals[bank, Total.BREACH_LOSS] += stolen - returned
        sums.totals[bank, Total.BREACH_COMPENSATION] += returned


@step
def live_month(people: Customers, n: int, now: Now, world: World, sums: Sums, shelf: Shelf) -> None:
    """The whole month of one customer, in order."""
    person, rules = people.person[n], world.rules[0]
    bank = world.counter.bank_of[person.branch]

    if uniform(now.keys[Stream.VISIT], n) < rules.visit_rate:
        visit_bank(people, n, now, world, sums, shelf)
    if uniform(now.keys[Stream.AGENT], n) < rules.agent_contact_rate:
        meet_own_agent(people, n, now, world, sums, shelf)

    experience = 0.0
    for c in range(_CLASSES):
        policy = people.policy[n, c]
        if policy.insurer != NO_POLICY and policy.issue_month < now.month:
            channel = bank if policy.channel == BANK_CHANNEL else sums.flows.shape[0] - 1
            flow = sums.flows[channel, policy.insurer, c]
            experience += age_policy(people, n, c, now, world, flow)

    person.trust = next_trust(
        np.float64(people.trust_before[n]),
        experience,
        mean_trust(people, n),
        np.float64(person.disposition),
        world.counter.scandal[bank],
        rules.neighbour_weight,
        rules.recovery,
    )

    if world.counter.breach[bank] > 0.0:
        suffer_breach(person, n, bank, now, world, sums)

    saving = rules.wealth_adjustment * (np.float64(person.wealth_target) - person.wealth)
    person.wealth += saving
    sums.totals[bank, Total.SAVING] += saving

    age = (now.month - person.birth_month) // 12
    if uniform(now.keys[Stream.DEATH], n) < world.tables.monthly_death[person.sex, age]:
        settle_death(people, n, now, world, sums)
    take_stock(people, n, now, world, sums)


@step
def live_chunk(
    people: Customers, first: int, last: int, now: Now, world: World, sums: Sums, shelf: Shelf
) -> None:
    """The month of the customers ``first`` to ``last - 1``, added to this chunk's own sums."""
    for n in range(first, last):
        live_month(people, n, now, world, sums, shelf)


# Two functions and not one with a flag: Numba's disk cache does not tell their options apart. The
# parts of the world come one by one, as a parallel loop cannot take tuples within tuples.
@njit(cache=True, error_model="numpy")
def _live_serial(people, bounds, now, rules, tables, counter, entry, flows, totals, shelves):  # type: ignore[no-untyped-def]
    for k in range(len(bounds) - 1):
        world = World(rules, tables, counter, entry)
        sums = Sums(flows[k], totals[k])
        live_chunk(people, bounds[k], bounds[k + 1], now, world, sums, shelf_row(shelves, k))


@njit(cache=True, error_model="numpy", parallel=True)
def _live_parallel(people, bounds, now, rules, tables, counter, entry, flows, totals, shelves):  # type: ignore[no-untyped-def]
    for k in prange(len(bounds) - 1):
        world = World(rules, tables, counter, entry)
        sums = Sums(flows[k], totals[k])
        live_chunk(people, bounds[k], bounds[k + 1], now, world, sums, shelf_row(shelves, k))


def chunk_bounds(size: int) -> NDArray[np.int64]:
    """First customer of each chunk and the end; depends on the population size alone."""
    chunks = min(_MAX_CHUNKS, max(1, -(-size // _CHUNK_CUSTOMERS)))
    return np.linspace(0, size, chunks + 1).astype(np.int64)


def live(people: Customers, now: Now, world: World, threads: int) -> Sums:
    """Live one month of all customers.

    Args:
        people: State, changed in place.
        now: Month and keys of its random draws.
        world: What customers meet.
        threads: Compiled threads; the result is the same for any number.

    Returns:
        Flows, shape (banks + 1, insurers, classes, flows), and totals, shape (banks, totals).
    """
    bounds = chunk_bounds(len(people.person))
    chunks = len(bounds) - 1
    banks, insurers = world.counter.pair.shape
    flows = np.zeros((chunks, banks + 1, insurers, _CLASSES, N_FLOWS))
    totals = np.zeros((chunks, banks, N_TOTALS))
    shelves = new_shelves(chunks, insurers)
    people.trust_before[:] = people.person["trust"]
    if threads == 1:
        _live_serial(people, bounds, now, *world, flows, totals, shelves)
    else:
        before = get_num_threads()
        set_num_threads(min(threads, before))
        try:
            _live_parallel(people, bounds, now, *world, flows, totals, shelves)
        finally:
            set_num_threads(before)
    return Sums(flows.sum(axis=0), totals.sum(axis=0))
