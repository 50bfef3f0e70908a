"""How policies are sold: at the bank counter and by the insurers' own agents."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.customers import AGENT_CHANNEL, BANK_CHANNEL, NO_POLICY, Customers
from scenarios.levers import PRODUCT_CLASSES
from sim.choice import oversized, perceived_gain, segment_of, undone_surplus
from sim.compiled import rule, step
from sim.month_tables import Floats, Flow, Now, Shelf, Sums, Total, World
from sim.platform import drop_out_chance
from sim.shelf import (
    approach_chance,
    base_utility,
    choose_brand,
    choose_class,
    expected_welfare,
    fill_shelf,
    lasting_taste,
    log_sum,
    ticket_of,
)
from sim.streams import Stream, uniform

_CLASSES = len(PRODUCT_CLASSES)


@rule
def issue_policy(
    person: Any,
    policy: Any,
    insurer: int,
    channel: int,
    month: int,
    premium: float,
    gap: float,
    perceived: float,
    flow: Floats,
) -> None:
    """Put a new policy in force and take its first premium."""
    policy.insurer = insurer
    policy.channel = channel
    policy.issue_month = month
    policy.premium = premium
    policy.gap = gap
    policy.perceived = perceived
    policy.known = 0
    policy.mis_sold = 0
    person.wealth -= premium
    flow[Flow.SALES] += 1.0
    flow[Flow.FIRST_PREMIUM] += premium


@rule
def record_mis_sale(
    person: Any,
    policy: Any,
    klass: Any,
    rules: Any,
    value: float,
    wedge: float,
    premium: float,
    flow: Floats,
) -> None:
    """Count a recommended sale that does not suit, with the surplus its buyer was misled out of.

    A policy does not suit if its experienced utility, hassle apart, is negative, or its premium is
    beyond what the suitability rule calls affordable.
    """
    too_large = oversized(
        klass.regular,
        premium,
        np.float64(person.income),
        rules.single_premium_limit,
        rules.regular_premium_limit,
    )
    if value < 0.0 or too_large:
        policy.mis_sold = 1
        flow[Flow.MIS_SALES] += 1.0
        flow[Flow.MIS_SELLING_LOSS] += wedge * rules.yuan_per_util


@step
def visit_bank(people: Customers, n: int, now: Now, world: World, sums: Sums, shelf: Shelf) -> None:
    """A customer is at the counter; asked for or approached, insurance may be sold."""
    counter, rules = world.counter, world.rules[0]
    person = people.person[n]
    bank = counter.bank_of[person.branch]
    sums.totals[bank, Total.VISITS] += 1.0
    clerks = counter.clerk.shape[0] // counter.bank_of.shape[0]
    if clerks == 0:
        return
    clerk = person.branch * clerks + int(uniform(now.keys[Stream.CLERK], n) * clerks)
    enquires = uniform(now.keys[Stream.ENQUIRY], n) < rules.enquiry_share
    chance = approach_chance(people, n, counter.clerk[clerk], now.seed, counter, rules)
    approached = uniform(now.keys[Stream.APPROACH], n) < chance
    if not (enquires or approached):
        return
    sums.totals[bank, Total.OFFERS] += 1.0
    if approached:
        sums.totals[bank, Total.APPROACHES] += 1.0
    fill_shelf(people, n, clerk, approached, now, world, shelf)
    surplus = expected_welfare(shelf.inclusive, shelf.mean_wedge)
    sums.totals[bank, Total.WELFARE] += rules.yuan_per_util * surplus
    c = choose_class(shelf.inclusive, now.keys[Stream.CLASS], n)
    if c < 0:
        return
    draw = uniform(now.keys[Stream.BRAND], n)
    i = choose_brand(shelf.perceived[c], rules.brand_similarity, draw)
    klass, pair = counter.klass[c], counter.pair[bank, i]
    wedge = shelf.perceived[c, i] - shelf.value[c, i] + rules.inertia
    premium = ticket_of(person, klass, rules, wedge)
    perceived = perceived_gain(log_sum(shelf.inclusive))
    flow = sums.flows[bank, i, c]
    flow[Flow.APPLICATIONS] += 1.0
    days = pair.wait
    if uniform(now.keys[Stream.ERROR], n) < pair.error:
        flow[Flow.ERRORS] += 1.0
        days += rules.error_days
    flow[Flow.WAIT_DAYS] += days
    if uniform(now.keys[Stream.DROP_OUT], n) < drop_out_chance(days, rules.drop_out):
        flow[Flow.DROP_OUTS] += 1.0
        flow[Flow.UNDONE_SURPLUS] += undone_surplus(perceived, wedge, rules.yuan_per_util)
        return
    policy = people.policy[n, c]
    issue_policy(person, policy, i, BANK_CHANNEL, now.month, premium, wedge, perceived, flow)
    if enquires:
        flow[Flow.OWN_INTENT] += 1.0
    if shelf.recommended[c]:
        record_mis_sale(person, policy, klass, rules, shelf.value[c, i], wedge, premium, flow)


@step
def meet_own_agent(
    people: Customers, n: int, now: Now, world: World, sums: Sums, shelf: Shelf
) -> None:
    """An insurer's own agent calls; the customer chooses among that insurer's standard contracts.

    What is designed for the bank counter is not in the agent's bag.
    """
    counter, rules = world.counter, world.rules[0]
    person = people.person[n]
    i = int(np.searchsorted(counter.agent_share, uniform(now.keys[Stream.AGENT_FIRM], n)))
    age = (now.month - person.birth_month) // 12
    segment = segment_of(float(age), np.float64(person.income), rules.income_median)
    for c in range(_CLASSES):
        klass = counter.klass[c]
        shelf.inclusive[c] = -np.inf
        shelf.mean_wedge[c] = (
            rules.agent_persuasion * klass.agent_push * (1.0 - np.float64(person.literacy))
        )
        ticket = ticket_of(person, klass, rules, 0.0)
        if people.policy[n, c].insurer == NO_POLICY and ticket > 0.0:
            taste = lasting_taste(person, n, c, now.seed)
            value = base_utility(person, klass, rules, taste, ticket, klass.standard_complexity)
            value += counter.need[c, segment]
            value += rules.reputation_weight * (counter.reputation[i] - 0.5)
            shelf.inclusive[c] = value - rules.inertia + shelf.mean_wedge[c]
    surplus = expected_welfare(shelf.inclusive, shelf.mean_wedge)
    bank = counter.bank_of[person.branch]
    sums.totals[bank, Total.WELFARE] += rules.yuan_per_util * surplus
    c = choose_class(shelf.inclusive, now.keys[Stream.AGENT_CLASS], n)
    if c < 0:
        return
    klass, wedge = counter.klass[c], shelf.mean_wedge[c]
    premium = ticket_of(person, klass, rules, wedge)
    flow = sums.flows[sums.flows.shape[0] - 1, i, c]
    policy = people.policy[n, c]
    perceived = perceived_gain(log_sum(shelf.inclusive))
    issue_policy(person, policy, i, AGENT_CHANNEL, now.month, premium, wedge, perceived, flow)
    value = shelf.inclusive[c] + rules.inertia - wedge
    record_mis_sale(person, policy, klass, rules, value, wedge, premium, flow)
