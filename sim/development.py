"""Product development: insurers bring variants to market one after the other, at a cost."""

from __future__ import annotations

import numpy as np

from sim.state import Array, Market
from sim.traits import factor


def design_quality(market: Market) -> Array:
    """Share of the possible fit that each insurer's developers achieve, shape (I,).

    Insurers who develop alone do not know the bank's customers and lose ``information_loss``. A
    joint team loses less, the less the more relationship capital has grown between the two. The
    rest is the insurer's ability to innovate.
    """
    product, agreements = market.scenario.product, market.agreements
    lost = np.full(len(market.insurers), product.information_loss)
    if product.team == "joint":
        partners = np.maximum(1, agreements.active.sum(axis=0))
        capital = np.where(agreements.active, agreements.capital, 0.0).sum(axis=0) / partners
        known = agreements.active.any(axis=0)
        lost = np.where(known, lost * 0.5 / (1.0 + capital), lost)
    return np.asarray(factor(market.traits.innovation) * (1.0 - lost))


def develop(market: Market) -> Array:
    """Work one month on the next variant; returns cost by insurer for variants launched, (I,).

    An insurer's lead time shortens with its ability to innovate.
    """
    product = market.scenario.product
    variants = market.design.variants()
    cost = np.zeros(len(market.insurers))
    if not variants:
        return cost
    market.progress += factor(market.traits.innovation) / product.variant_months
    done = np.minimum(market.progress.astype(np.int64), len(variants))
    per_variant = product.variant_cost * len(market.people.person)
    for i in np.flatnonzero(market.in_business):
        for c, s in variants[: done[i]]:
            if market.launched[i, c, s] == 0.0:
                market.launched[i, c, s] = 1.0
                cost[i] += per_variant
    return cost
