"""Product development: insurers bring variants to market one after the other, at a cost."""

from __future__ import annotations

import numpy as np

from sim.partnership.base import annuity
from sim.state import Array, Market
from sim.traits import factor


def design_quality(market: Market) -> Array:
    """Share of the possible fit that each insurer's developers achieve, shape (I,).

    Insurers who develop alone do not know the bank's customers and lose ``information_loss``. A
    joint team loses ``joint_loss`` of that, and less the more relationship capital has grown
    between the two. The rest is the insurer's ability to innovate.
    """
    product, agreements = market.scenario.product, market.agreements
    lost = np.full(len(market.insurers), product.information_loss)
    if product.team == "joint":
        partners = np.maximum(1, agreements.active.sum(axis=0))
        capital = np.where(agreements.active, agreements.capital, 0.0).sum(axis=0) / partners
        known = agreements.active.any(axis=0)
        lost = np.where(known, lost * product.joint_loss / (1.0 + capital), lost)
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


def level_charge(market: Market) -> Array:
    """What the variants on the market cost a month, spread evenly over their life, yuan, (I,).

    The cost of a variant is cash in the month it is launched, often long before the outcomes are
    measured. Its value is counted as long as it is sold, and so is the charge: as if it were
    developed anew at the end of its life.
    """
    product = market.scenario.product
    months = round(12.0 * product.variant_life)
    yearly = product.variant_cost * len(market.people.person)
    yearly /= annuity(months, market.scenario.market.discount_rate)
    return np.asarray(yearly / 12.0 * market.launched.sum(axis=(1, 2)))
