"""Renewals: partners are chosen, fees bargained, relationships invested in, managers sent out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.appraisal import mean_tickets
from sim.bargaining.base import split_margin
from sim.bargaining.off_book import covered, split_at_cap
from sim.founding import deal_out
from sim.modes import class_deals, mode_mean
from sim.partnership.base import annuity
from sim.partnership.relationship import value_horizon, wanted_capital
from sim.state import Array, Market
from sim.streams import Stream, key_of, uniforms
from sim.talks import bank_cost, bonus_cost, call_meeting, margins_now, pass_through
from sim.traits import factor
from sim.views import (
    branch_shelves,
    shelf_places,
)


def renew_bank(market: Market, bank: int) -> None:
    """Hold a bank's renewal and put the result in force."""
    scenario, agreements = market.scenario, market.agreements
    meeting = call_meeting(market, bank)
    deal = market.form.negotiate(meeting)
    rules = scenario.supervision
    fees, side = split_at_cap(
        deal.fees,
        meeting.cap,
        deal.premium,
        market.conduct.money.quarterly,
        rules.fine_multiple,
        rules.fixed_fine * market.banks[bank].customers,
    )
    if not market.form.pays_lump:  # else the access fee has made up for a low running fee
        fees = covered(
            fees,
            side,
            meeting.talks,
            scenario.incentives.side_to_clerks,
            scenario.partnership.equity,
        )
    signed = ~np.isnan(fees)
    term = term_now(market, bank)
    rate = scenario.market.discount_rate
    upfront = deal.upfront * (annuity(term, rate) / annuity(scenario.partnership.term, rate))
    agreements.sign(bank, fees, upfront, deal.premium, market.month, term, market.form)
    market.fallen_out[bank] = False
    agreements.side[bank] = np.where(signed, side, 0.0)
    sold = deal.sold * class_deals(signed)
    market.sales_mix[bank] = sold / mean_tickets(market.people, market.klass)
    stock_shelves(market, bank)


def fee_rules(market: Market) -> tuple[object, ...]:
    """What the law and the tariff in force say about fees."""
    rules, tariff = market.scenario.supervision, market.protocol.tariff()
    posted = None if tariff is None else tuple(tariff)
    return rules.fee_cap, rules.fee_cap_regular, rules.true_recording, posted


def term_now(market: Market, bank: int) -> int:
    """Term of the agreements a bank signs now, months.

    The first terms end staggered, as if they had been signed before the start. What has been
    reopened goes on to the end that it had.
    """
    term = market.scenario.partnership.term
    if market.agreements.reopened[bank]:
        return market.agreements.months_left(bank, market.month) or term
    if market.agreements.end[bank].any():
        return term
    return term - bank * term // len(market.banks)


def stock_shelves(market: Market, bank: int) -> None:
    """Put a bank's partners on its branches' shelves, those above the share cap if need be.

    Between two looks at the shares a bank may have renewed with nobody but suspended partners.
    """
    active = market.agreements.active[bank]
    within = active & ~market.suspended[bank]
    partners = within if within.any() else active
    market.shelf = branch_shelves(market, bank, partners, shelf_places(market.scenario))


def break_up(market: Market) -> None:
    """Partners bound for years may fall out; the worse their cultures go together the likelier.

    The yearly hazard is conflict * (1 - culture)^2 * (1 - 12 / term): who talks again within a year
    waits for these talks, so a break-up is the likelier the more of a term lies beyond a year. Who
    owns its partner does not fall out with it.
    What the bank has not earned yet of an access fee goes back.
    """
    settings, agreements = market.scenario.partnership, market.agreements
    shape = agreements.active.shape
    draws = uniforms(key_of(market.seed, Stream.CONFLICT, market.month), shape[0] * shape[1])
    bound = np.maximum(0.0, 1.0 - 12.0 / np.maximum(1, agreements.end - agreements.start))
    hazard = settings.conflict * (1.0 - market.traits.culture) ** 2 * bound
    broken = draws.reshape(shape) < 1.0 - np.exp(-hazard / 12.0)
    broken &= agreements.active & ~agreements.owned
    agreements.break_up(broken, market.month, market.scenario.market.discount_rate)
    market.fallen_out |= broken


def enforce_share_cap(market: Market) -> None:
    """Take insurers above the single-insurer cap off a bank's shelves until they are below it.

    Counted over the past year. Of partners who are all above it the one with the lowest share
    stays, and so does a sole partner: there is nobody else to sell.
    """
    cap = market.scenario.supervision.insurer_share_cap
    suspended = np.zeros_like(market.suspended)
    if cap < 1.0 and market.month >= 12:
        sold = np.sum(market.record["sold_mode"][-12:], axis=0).sum(axis=2)
        total = np.maximum(sold.sum(axis=1, keepdims=True), 1e-9)
        active = market.agreements.active
        suspended = (sold > cap * total) & active
        everybody = np.flatnonzero((suspended == active).all(axis=1))
        lowest = np.where(active, sold, np.inf).argmin(axis=1)
        suspended[everybody, lowest[everybody]] = False
    for bank in np.flatnonzero((suspended != market.suspended).any(axis=1)):
        market.suspended[bank] = suspended[bank]
        stock_shelves(market, int(bank))


def send_managers(market: Market) -> None:
    """Send account managers where the expected bank business is, and nowhere without any."""
    expected = np.where(market.agreements.active, market.agreements.expected.sum(axis=2), 0.0)
    heads = deal_out(len(market.managers), expected.ravel()).reshape(expected.shape)
    posts = [(b, i) for b, i in np.argwhere(heads) for _ in range(heads[b, i])]
    for manager in market.managers:
        manager.recall()
    for manager, (bank, insurer) in zip(market.managers, posts, strict=False):
        manager.assign(int(bank), int(insurer))


def pair_margins(market: Market) -> tuple[Array, Array]:
    """What a yuan of first premium earns bank and insurer under their agreements, (B, I, 2) each.

    The access fee is sunk: it does not count.
    """
    agreements, scenario = market.agreements, market.scenario
    premium = market.sales_mix * mean_tickets(market.people, market.klass)
    per_class = np.broadcast_to(margins_now(market).bank, premium.shape)
    return split_margin(
        agreements.fee,
        agreements.side,
        mode_mean(per_class, premium),
        bank_cost(market) + bonus_cost(market),
        pass_through(market),
        scenario.incentives.side_to_clerks,
        agreements.equity[..., None],
    )


def invest_in_relationships(market: Market, months: int) -> NDArray[np.float64]:
    """Wear off and renew relationship capital; returns what each pair spends, yuan, (B, I, 2).

    The last axis is the bank's and the insurer's part. Each side counts what the agreement in force
    leaves it on every yuan of premium. Capital is a public good of the two: the side that wants
    more builds it, and the other has no reason to add to it (Bergstrom, Blume & Varian 1986); sides
    that want the same share the cost.
    """
    scenario, agreements = market.scenario, market.agreements
    settings, firm = scenario.partnership, scenario.market
    effect = settings.relationship_fit * factor(market.traits.culture)
    customers = np.array([bank.customers for bank in market.banks], np.float64)[:, None]
    cost = settings.relationship_cost * np.maximum(1.0, customers)
    left = np.where(agreements.active, agreements.end - market.month, 0)
    horizon = value_horizon(
        left.astype(np.float64), firm.discount_rate, settings.relationship_depreciation
    )
    gains = [(margin * agreements.expected).sum(axis=2) for margin in pair_margins(market)]
    wanted = np.stack([wanted_capital(effect * gain, horizon, cost) for gain in gains], axis=-1)
    agreements.capital *= (1.0 - settings.relationship_depreciation) ** months
    agreements.capital[~agreements.active] = 0.0
    total = wanted.max(axis=-1)
    gap = np.maximum(0.0, total - agreements.capital)
    added = gap * min(1.0, settings.relationship_speed * months)
    agreements.capital += added
    wants_most = (wanted >= total[..., None]).astype(np.float64)
    parts = wants_most / wants_most.sum(axis=-1, keepdims=True)
    return parts * (added * cost)[..., None]
