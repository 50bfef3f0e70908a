"""The market as the compiled customer month sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import PRODUCT_CLASSES
from scenarios.schema import Scenario
from sim.appraisal import tilts
from sim.month_tables import PAIR, RULE_NAMES, RULES, Counter, Now, World
from sim.platform import between
from sim.products import SAVES, class_settings
from sim.service import contact_chance, yearly_coverage
from sim.state import Array, Market
from sim.streams import month_keys

_SECTIONS = ("market", "population", "supervision", "platform", "incentives")


def rules_of(scenario: Scenario) -> NDArray[Any]:
    """Collect the scalars of the customer month from the sections that own them, shape (1,)."""
    population = scenario.population
    sources = [population.choice, population.policy_life, population.trust]
    sources += [getattr(scenario, name) for name in _SECTIONS]
    rules = np.zeros(1, RULES)
    for name in RULE_NAMES:
        rules[name] = next(getattr(source, name) for source in sources if hasattr(source, name))
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


def world_of(market: Market) -> World:
    """Build the tables that customers meet this month."""
    scenario = market.scenario
    insurers, classes = len(market.insurers), len(PRODUCT_CLASSES)
    choice = scenario.population.choice
    klass = market.klass.copy()
    loading = np.array([setting.loading for setting in class_settings(scenario.product)])
    above_deposit = market.rates.credited - market.rates.deposit
    klass["appeal"] = choice.return_weight * SAVES * above_deposit - choice.price_weight * loading
    klass["credited"] = market.rates.credited
    need = np.array([setting.need for setting in class_settings(scenario.product)])
    counter = Counter(
        klass=klass,
        pair=pairs_of(market),
        clerk=market.clerks.clerk,
        cutoff=market.clerks.cutoff,
        bank_of=market.bank_of,
        shelf=market.shelf,
        offered=np.repeat(market.in_business[:, None], classes, axis=1),
        fit=np.repeat(need[None], insurers, axis=0),
        reputation=np.array([insurer.reputation for insurer in market.insurers]),
        tilt=tilts(market.pay, market.mean_pay),
        agent_share=np.append(np.cumsum(market.agent_force)[:-1], 1.0),
        scandal=np.zeros(len(market.banks)),
        market_rate=market.rates.portfolio_yield,
    )
    return World(rules_of(scenario), market.tables, counter, market.entry)


def pairs_of(market: Market) -> NDArray[Any]:
    """What each bank and insurer are to a customer, shape (B, I) of PAIR."""
    scenario, agreements, platform = market.scenario, market.agreements, market.scenario.platform
    shape = agreements.active.shape
    integration = np.full(shape, platform.integration)
    in_force = np.array(market.record["in_force_pair"][-1]) if market.month else np.zeros(shape)
    customers = np.array([bank.customers for bank in market.banks], np.float64)
    branches = np.array([len(bank.branches) for bank in market.banks], np.float64)
    capacity = manager_heads(market) * (customers / branches)[:, None] * scenario.service.contacts
    pair = np.zeros(shape, PAIR)
    pair["fit"] = scenario.partnership.relationship_fit * np.log1p(agreements.capital)
    pair["wait"] = between(integration, platform.days_paper, platform.days_integrated)
    pair["error"] = between(integration, platform.error_paper, platform.error_integrated)
    pair["transfer_cost"] = 1.0 - integration
    pair["untold"] = 1.0 - scenario.supervision.disclosure
    pair["resolution"] = scenario.service.resolution
    pair["contact"] = contact_chance(capacity, in_force)
    pair["coverage"] = yearly_coverage(pair["contact"])
    return pair
