"""Product design by hand: what each design adds, how well teams know customers, what it costs."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from agents.customers import Customers
from scenarios.levers import PRODUCT_CLASSES, SEGMENTS
from sim.month_tables import N_FLOWS, N_TOTALS, Flow, Sums
from sim.registry import make_rule
from sim.sales import meet_own_agent
from sim.shelf import new_shelves, shelf_row
from sim.views import now_of, world_of

CLASSES = len(PRODUCT_CLASSES)


def redesigned(market, design, **settings):
    """The market with another design; the original stays as it is."""
    product = replace(market.scenario.product, design=design, **settings)
    mine = copy(market)
    mine.scenario = replace(market.scenario, product=product)
    mine.design = make_rule("design", design, product)
    return mine


def test_own_agents_sell_the_standard_contracts(market):
    """What is designed for the counter changes nothing in an agent's bag."""
    bought = []
    for design in ("me_too", "otc_simple", "segmented"):
        mine = redesigned(market, design)
        mine.launched = np.ones_like(market.launched)
        people = Customers(*(part.copy() for part in market.people))
        world = world_of(mine)
        banks, insurers = world.counter.pair.shape
        sums = Sums(np.zeros((banks + 1, insurers, CLASSES, N_FLOWS)), np.zeros((banks, N_TOTALS)))
        shelf = shelf_row(new_shelves(1, insurers), 0)
        for n in range(len(people.person)):
            meet_own_agent(people, n, now_of(mine), world, sums, shelf)
        bought.append((sums.flows[-1], sums.totals))
    assert bought[0][0][..., Flow.SALES].sum() > 10.0
    for flows, totals in bought[1:]:
        np.testing.assert_array_equal(flows, bought[0][0])
        np.testing.assert_array_equal(totals, bought[0][1])


def test_the_counter_sells_what_was_designed_for_it(market):
    plain, simple = world_of(market).counter, world_of(redesigned(market, "otc_simple")).counter
    settings = market.scenario.product
    np.testing.assert_allclose(
        simple.klass["complexity"], (1.0 - settings.simplification) * plain.klass["complexity"]
    )
    added = simple.fit - plain.fit
    affluent = SEGMENTS.index("affluent")
    np.testing.assert_allclose(added[..., affluent], -settings.simple_need_loss)
    np.testing.assert_array_equal(np.delete(added, affluent, axis=2), 0.0)
    np.testing.assert_array_equal(plain.fit, np.broadcast_to(plain.need, plain.fit.shape))


@pytest.mark.parametrize("design", ["segmented", "full_suite"])
def test_a_variant_adds_its_quality_to_its_segment(market, design):
    mine = redesigned(market, design, variant_quality=0.8)
    launched = np.zeros((5, CLASSES, len(SEGMENTS)))
    launched[2, 1, 3] = 1.0
    quality = np.linspace(0.1, 0.5, 5)
    added = mine.design.fit(launched, quality)
    assert added[2, 1, 3] == pytest.approx(0.8 * quality[2])
    assert np.count_nonzero(added) == 1
    bundled = mine.scenario.product.cross_selling if design == "full_suite" else 0.0
    assert mine.design.cross_selling() == bundled
    assert len(set(mine.design.variants())) == CLASSES * len(SEGMENTS)
