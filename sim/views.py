"""The market as the compiled customer month sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.schema import Scenario
from sim.appraisal import tilts
from sim.development import design_quality
from sim.month_tables import PAIR, RULE_NAMES, RULES, Counter, Now, World
from sim.platform import between
from sim.products import REGULAR, buyer_gain, class_settings
from sim.service import contact_chance, resolution, yearly_coverage
from sim.state import Array, Market
from sim.strategy import intensity
from sim.streams import month_keys
from sim.traits import factor

_SECTIONS = ("market", "supervision", "platform", "incentives", "product")


def rules_of(market: Market) -> NDArray[Any]:
    """Collect the scalars of the customer month from the sections that own them, shape (1,)."""
    scenario, population = market.scenario, market.scenario.population
    sources = [population.choice, population.policy_life, population.trust, population]
    sources += [getattr(scenario, name) for name in _SECTIONS]
    rules = np.zeros(1, RULES)
    for name in RULE_NAMES:
        rules[name] = next(getattr(source, name) for source in sources if hasattr(source, name))
    rules["cross_selling"] = market.design.cross_selling()
    return rules


def now_of(market: Market) -> Now:
    """Month, seed and keys of the month's draws."""
    return Now(market.month, market.seed, month_keys(market.seed, market.month))


def branch_shelves(
    market: Market, bank: int, partners: NDArray[np.bool_], places: int
) -> NDArray[np.bool_]:
    """Shelves of a bank's branches when it works with ``partners``; other rows unchanged."""
    shelf = market.shelf.copy()
    rows = market.banks[bank].branches
    order = market.shelf_order[rows]
    wanted = partners[order]
    placed = wanted & (np.cumsum(wanted, axis=1) <= places)
    fresh = np.zeros_like(placed)
    np.put_along_axis(fresh, order, placed, axis=1)
    shelf[rows] = fresh
    return shelf


def shelf_places(scenario: Scenario) -> int:
    """Insurers that fit on, and may be on, one branch's shelf."""
    return min(scenario.partnership.outlet_partners, scenario.supervision.partner_cap)


def manager_heads(market: Market) -> Array:
    """Account managers by bank and insurer, shape (B, I)."""
    heads = np.zeros(market.agreements.active.shape)
    for manager in market.managers:
        if manager.bank >= 0:
            heads[manager.bank, manager.insurer] += 1.0
    return heads


def presence(market: Market) -> Array:
    """Account managers per branch and insurer, discounted if they may only visit, shape (B, I)."""
    incentives = market.scenario.incentives
    branches = np.array([len(bank.branches) for bank in market.banks], np.float64)
    stationed = incentives.stationed and not market.scenario.supervision.stationing_ban
    effect = 1.0 if stationed else incentives.visiting_share
    return np.asarray(effect * manager_heads(market) / branches[:, None])


def clerks_with_help(market: Market, clerk: NDArray[Any]) -> NDArray[Any]:
    """Clerks as customers meet them: account managers who assist sales add to their effort."""
    if market.scenario.incentives.manager_role != "assistant":
        return clerk
    helped = clerk.copy()
    effort = market.scenario.incentives.manager_selling * presence(market).sum(axis=1)
    helped["selling"] += effort[clerk["bank"]]
    return helped


def class_records(market: Market) -> NDArray[Any]:
    """Product classes as customers meet them this month, (C,) of CLASS."""
    klass, rates = market.klass.copy(), market.rates
    klass["gain"] = buyer_gain(
        market.scenario.product, rates.credited, rates.deposit, market.persistency
    )
    klass["credited"] = rates.credited
    klass["complexity"] = market.design.complexity(klass["standard_complexity"])
    return klass


def need_of(market: Market) -> Array:
    """Need of each segment for the standard contract of each class, util, shape (C, S)."""
    return np.array([setting.need for setting in class_settings(market.scenario.product)])


def fit_of(market: Market) -> Array:
    """Need of each segment for each class and what design adds, util, shape (I, C, S)."""
    return np.asarray(need_of(market) + market.design.fit(market.launched, design_quality(market)))


def world_of(market: Market) -> World:
    """Build the tables that customers meet this month."""
    klass = class_records(market)
    active = market.agreements.active
    depth = np.where(active, market.link, 0.0).sum(axis=1) / np.maximum(1, active.sum(axis=1))
    shared = market.scenario.platform.link == "integrated"
    counter = Counter(
        klass=klass,
        pair=pairs_of(market),
        clerk=clerks_with_help(market, market.clerks.clerk),
        cutoff=market.clerks.cutoff,
        bank_of=market.bank_of,
        shelf=market.shelf,
        offered=np.ascontiguousarray(market.agreements.deal[:, :, REGULAR.astype(int)]),
        need=need_of(market),
        fit=fit_of(market),
        reputation=np.array([insurer.reputation for insurer in market.insurers]),
        tilt=tilts(market.pay, market.mean_pay, selling_time(market)),
        agent_share=np.append(np.cumsum(market.agent_force)[:-1], 1.0),
        scandal=market.scandal.copy(),
        targeting=market.scenario.platform.targeting * depth * shared * ~market.outage,
        breach=market.breach,
        market_rate=market.rates.portfolio_yield,
    )
    return World(rules_of(market), market.tables, counter, market.entry)


def selling_time(market: Market) -> Array:
    """Time a clerk needs to sell each class, one for the simplest, shape (C,)."""
    settings = class_settings(market.scenario.product)
    complexity = market.design.complexity(np.array([s.complexity for s in settings]))
    return np.asarray(1.0 + market.scenario.product.explaining * complexity)


def contact_capacity(market: Market) -> Array:
    """After-sale contacts a month that each pair's account managers can make, shape (B, I).

    Only proactive service calls on customers; reactive service waits for their complaints.
    """
    scenario = market.scenario
    if scenario.service.level != "proactive":
        return np.zeros(market.link.shape)
    customers = np.array([bank.customers for bank in market.banks], np.float64)
    per_manager = scenario.service.contacts * customers[:, None]
    if scenario.incentives.manager_role == "consultant":
        per_manager = per_manager * scenario.incentives.manager_contacts
    effort = factor(market.traits.service) * intensity(market, market.insurer_strategy)
    return np.asarray(presence(market) * per_manager * effort)


def pairs_of(market: Market) -> NDArray[Any]:
    """What each bank and insurer are to a customer, shape (B, I) of PAIR."""
    scenario, platform, service = market.scenario, market.scenario.platform, market.scenario.service
    traits, shape = market.traits, market.link.shape
    link = np.where(market.outage[:, None], 0.0, market.link)
    in_force = np.array(market.record["in_force_pair"][-1]) if market.month else np.zeros(shape)
    capital = np.log1p(market.agreements.capital)
    pair = np.zeros(shape, PAIR)
    pair["fit"] = scenario.partnership.relationship_fit * capital * factor(traits.culture)
    pair["wait"] = between(link, platform.days_paper, platform.days_integrated)
    error = between(link, platform.error_paper, platform.error_integrated)
    pair["error"] = np.minimum(1.0, error * factor(1.0 - traits.experience))
    pair["transfer_cost"] = 1.0 - link
    pair["contact"] = contact_chance(contact_capacity(market), in_force)
    pair["coverage"] = yearly_coverage(pair["contact"])
    proactive = service.level == "proactive"
    pair["prevented"] = service.prevention * service.uptake * pair["coverage"] * proactive
    heard = service.feedback * pair["coverage"] * proactive
    pair["untold"] = (1.0 - scenario.supervision.disclosure) * (1.0 - heard)
    settled = service.resolution * factor(traits.service) * (service.level != "none")
    pair["resolution"] = resolution(np.minimum(1.0, settled), pair["coverage"])
    return pair
