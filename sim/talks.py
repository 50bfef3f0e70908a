"""The facts of a bank's fee talks: who may sign, what would be sold, what it costs and pays."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import SAVINGS, SINGLE
from sim.appraisal import choose_effort, mean_tickets, product_pay, shelf_mean, tilts
from sim.bargaining.base import Talks
from sim.conduct import clerk_sanction
from sim.demand import Demand, expect_demand
from sim.modes import by_mode, class_deals, mode_mean
from sim.month_tables import World
from sim.partnership.base import Meeting
from sim.products import REGULAR as REGULAR_CLASSES
from sim.products import Margins, class_settings, new_business_margins, years_held
from sim.state import Array, Market
from sim.strategy import intensity
from sim.views import (
    branch_shelves,
    clerks_with_help,
    now_of,
    selling_time,
    shelf_places,
    world_of,
)


def margins_now(market: Market) -> Margins:
    """Margins at the persistency that insurers expect today."""
    settings = market.scenario
    firm = settings.market
    # Pricing looks through the cycle: the long-run yield, not today's.
    long_run = firm.risk_free_rate + firm.equity_share * firm.equity_premium
    return new_business_margins(settings.product, firm.discount_rate, market.persistency, long_run)


def bank_cost(market: Market) -> Array:
    """Cost of a sale to the bank apart from clerks' pay, share of first premium, shape (2,).

    Counter time, and for single premiums the margin lost on displaced deposits over the time the
    policy is expected to stay.
    """
    firm = market.scenario.market
    savings = class_settings(market.scenario.product)[SAVINGS]
    years = years_held(savings.term, firm.discount_rate, float(market.persistency[SAVINGS]))
    lost = firm.deposit_margin * firm.deposit_displacement * years
    cost = np.full(2, firm.counter_cost)
    cost[SINGLE] += lost
    return cost


def candidates_of(market: Market, bank: int) -> NDArray[np.int64]:
    """Insurers that want to work with a bank, in the order its first branch would shelve them.

    Partners who have just fallen out do not sign again as long as there is anybody else.

    Insurers that choose stay away from banks whose culture goes with theirs less well than that of
    the median bank. An insurer that a bank owns has neither choice.
    """
    order = market.shelf_order[market.banks[bank].branches[0]]
    willing = market.in_business.copy()
    if market.scenario.partnership.insurers_choose and not market.form.owned:
        culture = market.traits.culture
        willing &= culture[bank] >= np.median(culture, axis=0)
    fallen_out = market.fallen_out[bank]
    if (willing & ~fallen_out).any() and not market.form.owned:
        willing &= ~fallen_out
    candidates = order[willing[order]]
    if market.form.takes_all:
        candidates = candidates[: market.scenario.partnership.partners]
    return np.asarray(candidates)


def common_fee(market: Market, bank: int, margin: Array) -> Array:
    """Running fee at which a bank judges all candidates alike, share of first premium, (2,).

    What it is paid at present on average; in its first talks, the middle between its break-even
    fee and the margin. Were candidates judged at what they pay today, nobody would push those who
    are not partners yet, and partners could never be replaced.

    Args:
        market: The market.
        bank: The bank.
        margin: Insurers' margin, share of first premium, shape (2,).
    """
    deal, fee = market.agreements.deal[bank], market.agreements.fee[bank]
    break_even = (bank_cost(market) + bonus_cost(market)) / (1.0 - pass_through(market))
    return mean_fee(np.where(deal, fee, np.nan), 0.5 * (break_even + margin))


def mean_fee(fees: Array, otherwise: Array) -> Array:
    """Mean over the deals of each premium mode, (I, 2) with NaN for none to (2,)."""
    dealt = ~np.isnan(fees)
    total = np.where(dealt, fees, 0.0).sum(axis=0)
    return np.where(dealt.any(axis=0), total / np.maximum(1, dealt.sum(axis=0)), otherwise)


def trial_world(market: Market, bank: int, fees: Array, mix: Array, world: World) -> World:
    """The market if a bank had the given deals and no other, its clerks paid their mean fee.

    Args:
        market: The market.
        bank: The bank.
        fees: Share of first premium, shape (I, 2); NaN where there is no deal.
        mix: Expected sales by class, policies, shape (C,).
        world: The market as it is.
    """
    signed = ~np.isnan(fees)
    tickets = mean_tickets(market.people, market.klass)
    shape = (len(market.banks), len(market.insurers), 2)
    fee = np.broadcast_to(mean_fee(fees, np.zeros(2)), shape)
    pay = product_pay(market.scheme, fee, np.zeros(shape), tickets, market.kept)
    pay = pay * intensity(market, market.bank_strategy)[:, None, None]
    weight = np.broadcast_to(mix * class_deals(signed), pay.shape)
    mean_pay = shelf_mean(pay, weight)
    trial = market.clerks.copy()
    choose_effort(
        trial,
        market.scenario,
        clerk_sanction(market),
        *clerk_pay(market, pay, mean_pay, weight, fee_per_sale(fee, weight, tickets)),
    )
    mine = trial.clerk["bank"] == bank
    offered = world.counter.offered.copy()
    offered[bank] = class_deals(signed)
    counter = world.counter._replace(
        shelf=branch_shelves(market, bank, signed.any(axis=1), places_of(market)),
        offered=offered,
        tilt=tilts(pay, mean_pay, selling_time(market)),
        clerk=np.where(mine, clerks_with_help(market, trial.clerk), world.counter.clerk),
        cutoff=np.where(mine[:, None], trial.cutoff, world.counter.cutoff),
    )
    return world._replace(counter=counter)


def places_of(market: Market) -> int:
    """Insurers that fit on a branch's shelf during talks; exclusive partners have it alone."""
    return len(market.insurers) if market.form.exclusive else shelf_places(market.scenario)


def agent_value(market: Market, margins: Margins) -> Array:
    """Worth to an insurer of a yuan of premium lost at a bank, yuan, shape (I,).

    Its own agents win part of it back in the course of a year, in the mix that they sell.
    """
    conversion = market.agent_conversion
    reach = 12.0 * market.scenario.market.agent_contact_rate * float(conversion.sum())
    margin = float(margins.agent @ conversion) / max(float(conversion.sum()), 1e-12)
    return np.asarray((1.0 - exp(-reach)) * market.agent_force * max(0.0, margin))


def call_meeting(market: Market, bank: int) -> Meeting:
    """Put the facts of a bank's renewal on the table."""
    candidates = candidates_of(market, bank)
    insurers = len(market.insurers)
    invited = np.zeros((insurers, 1), bool)
    invited[candidates] = True
    world, now = world_of(market), now_of(market)
    people, customers = market.people, market.customers_of[bank]
    tickets = mean_tickets(people, market.klass)
    margins = margins_now(market)
    recapture = agent_value(market, margins)
    cost = bank_cost(market) + bonus_cost(market)
    rules = market.scenario.supervision

    def ask(fees: Array, mix: Array) -> Demand:
        trial = trial_world(market, bank, np.where(invited, fees, np.nan), mix, world)
        return expect_demand(people, customers, now, trial)

    def judge_alike(mix: Array) -> Demand:
        fee = common_fee(market, bank, mode_mean(margins.bank, mix * tickets))
        return ask(np.broadcast_to(fee, (insurers, 2)), mix)

    def lay_out(demand: Demand) -> Talks:
        return Talks(
            premium=by_mode(demand.sold),
            margin=mode_mean(np.broadcast_to(margins.bank, demand.sold.shape), demand.sold),
            bank_cost=np.broadcast_to(cost, (insurers, 2)),
            pass_through=pass_through(market),
            moved=by_mode(demand.moved),
            insurer_recapture=np.maximum(0.0, demand.lost * recapture[:, None]),
            places=places_of(market),
        )

    mix = market.sales_mix[bank].sum(axis=0)
    if not mix.any():  # what sells shows only once something has been offered
        mix = judge_alike(np.ones(len(tickets))).sold.sum(axis=0) / tickets
    demand = judge_alike(mix)
    mix = demand.sold.sum(axis=0) / tickets
    return Meeting(
        bank=bank,
        candidates=candidates,
        demand=demand,
        talks=lay_out(demand),
        assess=lambda fees: ask(fees, mix),
        lay_out=lay_out,
        margin_alone=mode_mean(np.broadcast_to(margins.bank, demand.alone.shape), demand.alone),
        recapture_value=recapture,
        cap=np.array([rules.fee_cap, rules.fee_cap_regular]),
        protocol=market.protocol,
        discount_rate=market.scenario.market.discount_rate,
        score=market.traits.score(bank),
        taken=np.delete(market.agreements.exclusive, bank, axis=0).any(axis=0),
    )


def pass_through(market: Market) -> float:
    """Clerk's pay per yuan of fee under the scheme in force."""
    one = np.array([0.0, 1.0])
    pay = market.scheme.pay_per_sale(one, np.zeros(2), market.kept)
    return float(pay[1] - pay[0])


def bonus_cost(market: Market) -> float:
    """What the bank pays its clerks on premium whatever the fee, share of premium."""
    nothing, yuan = np.zeros(1), np.ones(1)
    return float(market.scheme.pay_per_sale(nothing, yuan, market.kept)[0])


def fee_per_sale(fee: Array, mix: Array, tickets: Array) -> Array:
    """Mean fee of a sale per bank, yuan, shape (B,); ``fee`` is (B, I, 2), ``mix`` (B, I, C)."""
    return shelf_mean(fee[:, :, REGULAR_CLASSES.astype(int)] * tickets, mix)


def clerk_pay(
    market: Market, pay: Array, mean_pay: Array, weight: Array, fee: Array
) -> tuple[Array, Array, Array]:
    """Marginal pay of selling (B,) and of advice (B,), and pay per sale by class (B, C).

    Args:
        market: The market.
        pay: Pay per sale of each product, yuan, shape (B, I, C).
        mean_pay: Its mean over a bank's shelf, yuan, shape (B,).
        weight: Expected sales of each product, shape (B, I, C).
        fee: Mean fee per sale, yuan, shape (B,).
    """
    settings = market.scenario.incentives
    sales = settings.base_drive + settings.sales_capacity * mean_pay
    quality = np.array(
        [market.scheme.quality_pay(settings.sales_capacity * float(f), market.kept) for f in fee]
    )
    total = weight.sum(axis=1)
    class_pay = (pay * weight).sum(axis=1) / np.where(total > 0.0, total, 1.0)
    return sales, quality, class_pay
