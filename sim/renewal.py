"""Renewals: partners are chosen, fees bargained, relationships invested in, managers sent out."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import SINGLE
from sim.appraisal import choose_effort, mean_tickets, product_pay, shelf_mean, tilts
from sim.bargaining.base import Talks
from sim.demand import Demand, expect_demand
from sim.founding import deal_out
from sim.partnership.base import Meeting
from sim.partnership.relationship import value_horizon, wanted_capital
from sim.products import REGULAR as REGULAR_CLASSES
from sim.products import Margins, class_settings, new_business_margins
from sim.state import Array, Market
from sim.views import branch_shelves, now_of, shelf_places, world_of


def by_mode(values: Array) -> Array:
    """Sum over the classes of each premium mode: shape (..., C) to (..., 2)."""
    single = values[..., ~REGULAR_CLASSES].sum(axis=-1)
    return np.stack((single, values[..., REGULAR_CLASSES].sum(axis=-1)), axis=-1)


def mode_mean(per_class: Array, weight: Array) -> Array:
    """Mean over the classes of each mode weighted by premium, shape (I, C) weights to (I, 2).

    Where an insurer would sell nothing in a mode the plain mean stands in.
    """
    total = by_mode(weight)
    plain = by_mode(per_class) / by_mode(np.ones_like(per_class))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0.0, by_mode(per_class * weight) / total, plain)


def margins_now(market: Market) -> Margins:
    """Margins at the persistency that insurers expect today."""
    settings = market.scenario
    return new_business_margins(settings.product, settings.market.discount_rate, market.persistency)


def bank_cost(market: Market) -> Array:
    """Cost of a sale to the bank apart from clerks' pay, share of first premium, shape (2,).

    Counter time, and for single premiums the margin lost on displaced deposits over the time the
    policy is expected to stay.
    """
    firm = market.scenario.market
    savings = class_settings(market.scenario.product)[0]
    rate = firm.discount_rate + savings.lapse_rate
    years = (1.0 - exp(-rate * savings.term)) / rate
    lost = firm.deposit_margin * firm.deposit_displacement * years
    cost = np.full(2, firm.counter_cost)
    cost[SINGLE] += lost
    return cost


def call_meeting(market: Market, bank: int) -> Meeting:
    """Put the facts of a bank's renewal on the table."""
    scenario = market.scenario
    order = market.shelf_order[market.banks[bank].branches[0]]
    candidates = order[market.in_business[order]][
        : len(order) if market.form.exclusive else scenario.partnership.partners
    ]
    on_shelf = np.zeros(len(order), bool)
    on_shelf[candidates] = True
    places = len(order) if market.form.exclusive else shelf_places(scenario)
    world, now = world_of(market), now_of(market)
    shelf = branch_shelves(market, bank, on_shelf, places)
    world = world._replace(counter=world.counter._replace(shelf=shelf))
    people, customers = market.people, market.customers_of[bank]
    demand = expect_demand(people, customers, now, world)
    margins = margins_now(market)
    per_class = np.broadcast_to(margins.bank, demand.sold.shape)
    conversion = market.agent_conversion / max(market.agent_conversion.sum(), 1e-12)
    reach = 12.0 * scenario.market.agent_contact_rate * float(market.agent_conversion.sum())
    recapture = (1.0 - np.exp(-reach)) * market.agent_force
    insurer_recapture = (demand.lost * recapture[:, None]) * float(margins.agent @ conversion)
    tickets = mean_tickets(people, market.klass)

    def assess(fees: Array) -> Demand:
        trial = market.clerks.copy()
        mine = trial.clerk["bank"] == bank
        fee = np.repeat(fees.mean(axis=0)[None, None, :], len(market.banks), axis=0)
        fee = np.repeat(fee, len(order), axis=1)
        pay = product_pay(market.scheme, fee, np.zeros_like(fee), tickets)
        weight = np.repeat((demand.sold / tickets)[None], len(market.banks), axis=0)
        mean_pay = shelf_mean(pay, weight)
        choose_effort(trial, scenario, *clerk_pay(market, pay, mean_pay, weight))
        counter = world.counter._replace(
            tilt=tilts(pay, mean_pay),
            clerk=np.where(mine, trial.clerk, market.clerks.clerk),
            cutoff=np.where(mine[:, None], trial.cutoff, market.clerks.cutoff),
        )
        return expect_demand(people, customers, now, world._replace(counter=counter))

    others = np.delete(np.arange(len(market.banks)), bank)
    talks = Talks(
        premium=by_mode(demand.sold),
        margin=mode_mean(per_class, demand.sold),
        bank_cost=np.broadcast_to(bank_cost(market), (len(order), 2)),
        pass_through=pass_through(market),
        moved=by_mode(demand.moved),
        insurer_recapture=np.maximum(0.0, insurer_recapture),
        bank_power=scenario.bargaining.bank_power,
    )
    return Meeting(
        candidates=candidates,
        demand=demand,
        talks=talks,
        assess=assess,
        by_mode=by_mode,
        margin_alone=mode_mean(per_class, demand.alone),
        recapture_share=recapture,
        protocol=market.protocol,
        discount_rate=scenario.market.discount_rate,
        taken=market.agreements.active[others].any(axis=0),
    )


def pass_through(market: Market) -> float:
    """Clerk's pay per yuan of fee under the scheme in force."""
    return float(market.scheme.pay_per_sale(np.array(1.0)))


def clerk_pay(
    market: Market, pay: Array, mean_pay: Array, weight: Array
) -> tuple[Array, Array, Array]:
    """Marginal pay of selling (B,) and of advice (B,), and pay per sale by class (B, C)."""
    settings = market.scenario.incentives
    sales = settings.base_drive + settings.sales_capacity * mean_pay
    quality = np.full(len(mean_pay), market.scheme.quality_pay())
    total = weight.sum(axis=1)
    class_pay = (pay * weight).sum(axis=1) / np.where(total > 0.0, total, 1.0)
    return sales, quality, class_pay


def renew_bank(market: Market, bank: int) -> None:
    """Hold a bank's renewal and put the result in force."""
    term = market.scenario.partnership.term
    meeting = call_meeting(market, bank)
    deal = market.form.negotiate(meeting)
    month = market.month
    first = not market.agreements.end[bank].any()
    if first:
        # The first terms end staggered, as if they had been signed before the start.
        span = max(1, min(term, 12 if not market.form.exclusive else term))
        term_now = span - (market.banks[bank].renewal_month * span // 12) % span
    else:
        term_now = term
    upfront = deal.upfront * (term_now / term)
    market.agreements.sign(bank, deal.fees, upfront, deal.expected, month, term_now)
    expected = meeting.demand.alone if market.form.exclusive else meeting.demand.sold
    tickets = mean_tickets(market.people, market.klass)
    market.sales_mix[bank] = expected / tickets * market.agreements.active[bank][:, None]
    places = shelf_places(market.scenario)
    market.shelf = branch_shelves(market, bank, market.agreements.active[bank], places)


def send_managers(market: Market) -> None:
    """Send account managers where the expected bank business is."""
    expected = np.where(market.agreements.active, market.agreements.expected, 0.0)
    heads = deal_out(len(market.managers), expected.ravel()).reshape(expected.shape)
    posts = [(b, i) for b, i in np.argwhere(heads) for _ in range(heads[b, i])]
    for manager, (bank, insurer) in zip(market.managers, posts, strict=False):
        manager.assign(int(bank), int(insurer))


def invest_in_relationships(market: Market, months: int) -> NDArray[np.float64]:
    """Wear off and renew relationship capital; returns what each pair spends, yuan, (B, I, 2).

    The last axis is the bank's and the insurer's part.
    """
    scenario, agreements = market.scenario, market.agreements
    settings, firm = scenario.partnership, scenario.market
    margin = margins_now(market).bank
    joint = float(margin[:1].mean() - bank_cost(market)[SINGLE])
    value = settings.relationship_fit * max(0.0, joint) * agreements.expected
    customers = np.array([bank.customers for bank in market.banks], np.float64)[:, None]
    cost = settings.relationship_cost * np.maximum(1.0, customers)
    left = np.where(agreements.active, agreements.end - market.month, 0)
    horizon = value_horizon(
        left.astype(np.float64), firm.discount_rate, settings.relationship_depreciation
    )
    power = scenario.bargaining.bank_power
    wanted = np.stack(
        [wanted_capital(value, share, horizon, cost) for share in (power, 1.0 - power)], axis=-1
    )
    agreements.capital *= (1.0 - settings.relationship_depreciation) ** months
    agreements.capital[~agreements.active] = 0.0
    total = wanted.sum(axis=-1)
    gap = np.maximum(0.0, total - agreements.capital)
    added = gap * min(1.0, settings.relationship_speed * months)
    agreements.capital += added
    parts = wanted / np.where(total > 0.0, total, 1.0)[..., None]
    return parts * (added * cost)[..., None]
