"""Security of the link between bank and insurers: vulnerability, inspection, breach, outage."""

from __future__ import annotations

import numpy as np

from sim.platform import Array
from sim.state import Market
from sim.streams import Stream, key_of, uniforms


def vulnerability(integration: Array, months: Array, growth: float) -> Array:
    """How open a bank's systems are, in [0, 1].

    Grows with integration and with the time since the last inspection: integration *
    (1 - exp(-growth * months)). On paper there is nothing to break into.
    """
    return np.asarray(integration * (1.0 - np.exp(-growth * months)))


def guard(market: Market) -> None:
    """Inspect what is due, then let breaches and outages of the month happen.

    Writes the share of each bank's customers hit by a breach, which banks are out, and the cost of
    inspections.
    """
    platform = market.scenario.platform
    banks = len(market.banks)
    market.months_unchecked += 1.0
    due = market.months_unchecked >= platform.inspection_interval
    customers = np.array([bank.customers for bank in market.banks], np.float64)
    market.inspection_spend = np.where(due, platform.inspection_cost * customers, 0.0)
    market.months_unchecked[due] = 0.0
    active = market.agreements.active
    partners = np.maximum(1, active.sum(axis=1))
    depth = np.where(active, market.link, 0.0).sum(axis=1) / partners
    open_to = vulnerability(depth, market.months_unchecked, platform.vulnerability_growth)
    draws = uniforms(key_of(market.seed, Stream.SECURITY, market.month), 2 * banks)
    breached = draws[:banks] < 1.0 - np.exp(-platform.breach_rate / 12.0 * open_to)
    market.outage = draws[banks:] < 1.0 - np.exp(-platform.outage_rate / 12.0 * open_to)
    market.breach = np.where(breached, platform.breach_share, 0.0)
    market.scandal += np.where(breached, platform.breach_trust, 0.0)
    market.note("breaches", breached.astype(np.float64))
    market.note("outages", market.outage.astype(np.float64))


def build_links(market: Market) -> None:
    """Build the links that agreements want; a link ends with its agreement."""
    platform = market.scenario.platform
    depth = {"paper": 0.0, "networked": platform.network_depth, "integrated": 1.0}[platform.link]
    ability = np.minimum(1.0, 0.5 + market.traits.technology)
    target = np.where(market.agreements.active, depth * ability, 0.0)
    market.link += platform.adoption * np.maximum(0.0, target - market.link)
    market.link = np.minimum(market.link, target)
