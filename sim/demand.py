"""What a bank and its partners expect to sell, with and without each other.

The expectation is the logit share of a sample of the bank's own customers in their present state,
so the recapture that drives bargaining is the recapture of the model's choice rule.
"""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.customers import Customers
from scenarios.levers import PRODUCT_CLASSES
from sim.compiled import rule
from sim.month_tables import Floats, Now, Shelf, World
from sim.platform import drop_out_chance
from sim.shelf import (
    approach_chance,
    fill_shelf,
    largest_utility,
    new_shelves,
    shelf_row,
    ticket_of,
)
from sim.streams import Stream, uniform

_CLASSES = len(PRODUCT_CLASSES)
#: Customers of a bank asked in one assessment.
SAMPLE = 200


class Demand(NamedTuple):
    """Expected first premium of one bank, yuan a year; classes C, insurers I."""

    sold: Floats  # (I, C) with the whole shelf
    alone: Floats  # (I, C) if the insurer were the only partner
    moved: Floats  # (I, 2, I, C) gain of the other products if (insurer, premium mode) goes
    lost: Floats  # (I, 2) what leaves the bank if (insurer, premium mode) goes


@rule
def _choose(utility: Floats, chance: Floats) -> None:
    """Logit chances of classes by their inclusive values, (C,) each, beside buying nothing."""
    largest = largest_utility(utility)
    total = exp(-largest)
    for c in range(_CLASSES):
        chance[c] = exp(utility[c] - largest)
        total += chance[c]
    for c in range(_CLASSES):
        chance[c] /= total


@rule
def _add_choice(
    weight: float,
    premium: Floats,
    regular: NDArray[np.bool_],
    similarity: float,
    shelf: Shelf,
    share: Floats,
    scratch: Floats,
    demand: Demand,
) -> None:
    """Add one customer's expected choice.

    ``premium`` is the expected premium per product; ``share`` (C, I) and ``scratch`` (4, C) are
    written over.
    """
    insurers = premium.shape[1]
    chance, changed, utility, rest = scratch[0], scratch[1], scratch[2], scratch[3]
    _choose(shelf.inclusive, chance)
    for c in range(_CLASSES):
        for i in range(insurers):
            share[c, i] = 0.0
            if shelf.perceived[c, i] > -np.inf:
                share[c, i] = exp((shelf.perceived[c, i] - shelf.inclusive[c]) / similarity)
    for i in range(insurers):
        # A brand that is alone in its class is worth its own perceived utility.
        _choose(shelf.perceived[:, i], changed)
        for c in range(_CLASSES):
            demand.sold[i, c] += weight * premium[c, i] * chance[c] * share[c, i]
            demand.alone[i, c] += weight * premium[c, i] * changed[c]
        for mode in range(2):
            there = False
            for c in range(_CLASSES):
                rest[c] = 1.0
                if regular[c] == (mode == 1):
                    there = there or share[c, i] > 0.0
                    rest[c] = 0.0
                    for j in range(insurers):
                        if j != i:
                            rest[c] += share[c, j]
            if not there:
                continue
            for c in range(_CLASSES):
                utility[c] = -np.inf
                if rest[c] > 0.0:
                    utility[c] = shelf.inclusive[c] + similarity * log(rest[c])
            _choose(utility, changed)
            kept = 0.0
            before = 0.0
            for c in range(_CLASSES):
                affected = regular[c] == (mode == 1)
                for j in range(insurers):
                    old = chance[c] * share[c, j]
                    if affected and j == i:
                        before += weight * premium[c, j] * old
                        continue
                    new = changed[c] * share[c, j] / rest[c] if rest[c] > 0.0 else 0.0
                    gain = weight * premium[c, j] * (new - old)
                    demand.moved[i, mode, j, c] += gain
                    kept += gain
            demand.lost[i, mode] += before - kept


@rule
def _ask(
    people: Customers,
    asked: NDArray[np.int64],
    now: Now,
    world: World,
    shelves: Shelf,
    scratch: Floats,
    demand: Demand,
) -> None:
    """Add up the expected choices of the customers asked; ``scratch`` is (2, C, I)."""
    counter, rules = world.counter, world.rules[0]
    shelf = shelf_row(shelves, 0)
    premium, share = scratch[0], scratch[1]
    by_class = np.zeros((4, _CLASSES))
    clerks = counter.clerk.shape[0] // counter.bank_of.shape[0]
    if clerks == 0:
        return
    for n in asked:
        person = people.person[n]
        bank = counter.bank_of[person.branch]
        clerk = person.branch * clerks + int(uniform(now.keys[Stream.CLERK], n) * clerks)
        reached = approach_chance(people, n, counter.clerk[clerk], now.seed, counter, rules)
        for approached in range(2):
            chance = reached if approached == 1 else (1.0 - reached) * rules.enquiry_share
            fill_shelf(people, n, clerk, approached == 1, now, world, shelf)
            for c in range(_CLASSES):
                for i in range(premium.shape[1]):
                    if shelf.inclusive[c] == -np.inf:
                        shelf.perceived[c, i] = -np.inf
                    premium[c, i] = 0.0
                    if shelf.perceived[c, i] > -np.inf:
                        wedge = shelf.perceived[c, i] - shelf.value[c, i] + rules.inertia
                        pair = counter.pair[bank, i]
                        days = pair.wait + pair.error * rules.error_days
                        stays = 1.0 - drop_out_chance(days, rules.drop_out)
                        premium[c, i] = stays * ticket_of(person, counter.klass[c], rules, wedge)
            weight = 12.0 * rules.visit_rate * chance
            _add_choice(
                weight,
                premium,
                counter.klass["regular"],
                rules.brand_similarity,
                shelf,
                share,
                by_class,
                demand,
            )


def expect_demand(
    people: Customers, customers: NDArray[np.int64], now: Now, world: World
) -> Demand:
    """Assess a bank's demand from a sample of its customers.

    Args:
        people: State of all customers.
        customers: Places of the bank's customers; at most ``SAMPLE`` evenly spaced ones are asked.
        now: Month and keys.
        world: Market with the shelf under discussion.

    Returns:
        Expected premiums scaled to all the bank's customers.
    """
    insurers = world.counter.shelf.shape[1]
    demand = Demand(
        np.zeros((insurers, _CLASSES)),
        np.zeros((insurers, _CLASSES)),
        np.zeros((insurers, 2, insurers, _CLASSES)),
        np.zeros((insurers, 2)),
    )
    if len(customers) == 0:
        return demand
    picks = np.unique(np.linspace(0, len(customers) - 1, min(SAMPLE, len(customers))).astype(int))
    scratch = np.zeros((2, _CLASSES, insurers))
    _ask(people, customers[picks], now, world, new_shelves(1, insurers), scratch, demand)
    return Demand(*(part * (len(customers) / len(picks)) for part in demand))
