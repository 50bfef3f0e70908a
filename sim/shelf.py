"""What the shelf of a branch is worth to a customer, and what the customer picks from it."""

from __future__ import annotations

from math import erf, exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.customers import BANK_CHANNEL, NO_POLICY, Customers
from scenarios.levers import INVESTMENT, PRODUCT_CLASSES
from sim.choice import class_utility, inclusive_value, persuasion_wedge, segment_of, ticket_size
from sim.compiled import rule, step
from sim.effort import posterior
from sim.month_tables import Counter, Floats, Now, Shelf, World
from sim.streams import Stream, gumbel, normal, stream_key

_CLASSES = len(PRODUCT_CLASSES)


@rule
def base_utility(
    person: Any, klass: Any, rules: Any, taste: float, ticket: float, complexity: float
) -> float:
    """Experienced utility of a class to a person before segment, brand and counter, in util.

    The money in it is that of the person's own ticket without push, yuan.
    """
    return class_utility(
        rules.taste_spread * taste,
        klass.gain * ticket / rules.yuan_per_util,
        klass.protection,
        np.float64(person.risk_aversion),
        np.float64(person.trust),
        complexity,
        np.float64(person.literacy),
        rules.protection_weight,
        rules.trust_weight,
        rules.complexity_weight,
    )


@rule
def lasting_taste(person: Any, n: int, c: int, seed: int) -> float:
    """A person's lasting need for a class in standard deviations; the same in every month."""
    return float(normal(stream_key(seed, Stream.TASTE, person.entry_month), n * 8 + c))


@step
def bank_policies(people: Customers, n: int) -> int:
    """Bank-sold policies a customer holds."""
    held = 0
    for c in range(_CLASSES):
        policy = people.policy[n, c]
        if policy.insurer != NO_POLICY and policy.channel == BANK_CHANNEL:
            held += 1
    return held


@rule
def ticket_of(person: Any, klass: Any, rules: Any, wedge: float) -> float:
    """Premium a person would pay in a class at a given wedge, whole yuan, 0 if out of reach."""
    return ticket_size(
        klass.regular,
        klass.ticket,
        person.wealth,
        np.float64(person.income),
        klass.minimum,
        wedge,
        rules.ticket_stretch,
        rules.suitability > 0.0,
        rules.single_premium_limit,
        rules.regular_premium_limit,
    )


@rule
def counter_utility(pair: Any, rules: Any, reputation: float, invests: bool) -> float:
    """What brand and counter add to the experienced utility of a policy, in util."""
    days = pair.wait + pair.error * rules.error_days
    return float(
        pair.fit
        + rules.reputation_weight * (reputation - 0.5)
        - rules.wait_weight * days
        - (rules.transfer_weight * pair.transfer_cost if invests else 0.0)
    )


@step
def approach_chance(
    people: Customers, n: int, clerk: Any, seed: int, counter: Counter, rules: Any
) -> float:
    """Chance that a clerk approaches a visitor.

    With a shared customer database clerks turn to those whose need looks largest, in the classes
    that they do not hold yet. The chance rises linearly with the rank of predicted need, as steeply
    as chances allow where targeting is one, so the number of approaches stays and only their aim
    changes.
    """
    person = people.person[n]
    chance = 1.0 - exp(-rules.approach_rate * clerk.selling)
    targeting = counter.targeting[counter.bank_of[person.branch]]
    if targeting > 0.0:
        need, missing = 0.0, 0
        for c in range(_CLASSES):
            if people.policy[n, c].insurer == NO_POLICY:
                need += lasting_taste(person, n, c, seed)
                missing += 1
        rank = 0.5 * (1.0 + erf(need / sqrt(2.0 * max(1, missing))))
        chance += targeting * min(chance, 1.0 - chance) * (2.0 * rank - 1.0)
    return chance


@rule
def wedge_of(person: Any, clerk: Any, pair: Any, rules: Any, tilt: float) -> float:
    """Persuasion wedge of a recommended product, in util."""
    return persuasion_wedge(
        rules.persuasion * clerk.selling * tilt,
        np.float64(person.literacy),
        clerk.advice,
        rules.correction,
        pair.untold,
    )


@step
def fill_shelf(
    people: Customers,
    n: int,
    clerk: int,
    approached: bool,
    now: Now,
    world: World,
    shelf: Shelf,
) -> None:
    """Work out what the shelf of the home branch is worth to a customer.

    Writes, per class and insurer, the experienced utility ``value`` and the ``perceived`` one
    (both (C, I), util, -inf where not available), and per class the inclusive value, the expected
    wedge and whether the clerk recommends it.
    """
    counter, rules = world.counter, world.rules[0]
    person = people.person[n]
    bank = counter.bank_of[person.branch]
    age = (now.month - person.birth_month) // 12
    segment = segment_of(float(age), np.float64(person.income), rules.income_median)
    insurers = counter.shelf.shape[1]
    bundle = rules.cross_selling * bank_policies(people, n)
    for c in range(_CLASSES):
        klass = counter.klass[c]
        shelf.inclusive[c] = -np.inf
        shelf.mean_wedge[c] = 0.0
        shelf.recommended[c] = False
        ticket = ticket_of(person, klass, rules, 0.0)
        if people.policy[n, c].insurer != NO_POLICY or ticket == 0.0:
            continue
        taste = lasting_taste(person, n, c, now.seed)
        base = base_utility(person, klass, rules, taste, ticket, klass.complexity)
        best = -np.inf
        for i in range(insurers):
            shelf.value[c, i] = -np.inf
            if counter.shelf[person.branch, i] and counter.offered[bank, i, c]:
                shelf.value[c, i] = (
                    base
                    + bundle
                    + counter.fit[i, c, segment]
                    + counter_utility(
                        counter.pair[bank, i], rules, counter.reputation[i], c == INVESTMENT
                    )
                )
                best = max(best, shelf.value[c, i])
        if best == -np.inf:
            continue
        if approached:
            noise = normal(now.keys[Stream.SIGNAL], n * 8 + c)
            belief = posterior(best >= 0.0, noise, counter.clerk[clerk].precision)
            shelf.recommended[c] = belief >= counter.cutoff[clerk, c]
        largest = -np.inf
        for i in range(insurers):
            shelf.perceived[c, i] = -np.inf
            if shelf.value[c, i] > -np.inf:
                wedge = 0.0
                if shelf.recommended[c]:
                    tilt = counter.tilt[bank, i, c]
                    wedge = wedge_of(
                        person, counter.clerk[clerk], counter.pair[bank, i], rules, tilt
                    )
                shelf.perceived[c, i] = shelf.value[c, i] - rules.inertia + wedge
                largest = max(largest, shelf.perceived[c, i])
        weight = 0.0
        for i in range(insurers):
            if shelf.perceived[c, i] > -np.inf:
                share = exp((shelf.perceived[c, i] - largest) / rules.brand_similarity)
                weight += share
                wedge = shelf.perceived[c, i] - shelf.value[c, i] + rules.inertia
                shelf.mean_wedge[c] += share * wedge
        shelf.mean_wedge[c] /= weight
        shelf.inclusive[c] = inclusive_value(weight, largest, rules.brand_similarity)


@rule
def largest_utility(inclusive: Floats) -> float:
    """Utility of the best there is, buying nothing (zero) included.

    Exponentials are taken relative to it: those of very large utilities would overflow.
    """
    largest = 0.0
    for c in range(_CLASSES):
        largest = max(largest, inclusive[c])
    return largest


@rule
def log_sum(inclusive: Floats) -> float:
    """Expected best perceived utility, in util; zero where there is nothing to buy."""
    largest = largest_utility(inclusive)
    total = exp(-largest)
    for c in range(_CLASSES):
        total += exp(inclusive[c] - largest)
    return float(largest + log(total))


@rule
def expected_welfare(inclusive: Floats, mean_wedge: Floats) -> float:
    """Expected experienced surplus of a choice made on perceived utility, in util.

    The log-sum of the perceived utilities less the expected wedge of what is chosen.
    """
    best = log_sum(inclusive)
    wedge = 0.0
    for c in range(_CLASSES):
        wedge += exp(inclusive[c] - best) * mean_wedge[c]
    return float(best - wedge)


@rule
def choose_class(inclusive: Floats, key: Any, n: int) -> int:
    """Class with the highest inclusive value plus Gumbel shock, -1 for the outside option."""
    chosen = -1
    best = gumbel(key, n * 8 + _CLASSES)
    for c in range(_CLASSES):
        if inclusive[c] > -np.inf:
            utility = inclusive[c] + gumbel(key, n * 8 + c)
            if utility > best:
                best = utility
                chosen = c
    return chosen


@rule
def choose_brand(perceived: NDArray[np.float64], similarity: float, draw: float) -> int:
    """Insurer within the chosen class by the conditional logit shares; ``perceived`` is (I,)."""
    largest = perceived.max()
    weight = 0.0
    for i in range(len(perceived)):
        weight += exp((perceived[i] - largest) / similarity)
    reached = 0.0
    last = -1
    for i in range(len(perceived)):
        if perceived[i] > -np.inf:
            reached += exp((perceived[i] - largest) / similarity)
            last = i
            if reached >= draw * weight:
                return i
    return last


def new_shelves(count: int, insurers: int) -> Shelf:
    """Scratch space for ``count`` workers, one row each; see ``shelf_row``."""
    shape = (count, _CLASSES, insurers)
    return Shelf(
        np.full(shape, -np.inf),
        np.full(shape, -np.inf),
        np.empty(shape[:2]),
        np.empty(shape[:2]),
        np.empty(shape[:2], np.bool_),
    )


@step
def shelf_row(shelves: Shelf, k: int) -> Shelf:
    """Scratch space of worker ``k``."""
    return Shelf(
        shelves.value[k],
        shelves.perceived[k],
        shelves.inclusive[k],
        shelves.mean_wedge[k],
        shelves.recommended[k],
    )
