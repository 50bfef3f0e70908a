"""Product design by hand: what each design adds, how well teams know customers, what it costs."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from agents.customers import Customers
from scenarios.levers import PRODUCT_CLASSES, SEGMENTS
from sim.development import design_quality, develop, level_charge
from sim.month_tables import N_FLOWS, N_TOTALS, Flow, Sums
from sim.payments import banks_part, joint_share
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


# --- teams and their cost -------------------------------------------------------------------


def test_a_joint_team_loses_less_the_closer_the_two_are(market):
    alone = redesigned(market, "segmented", information_loss=0.6)
    ability = 0.5 + market.traits.innovation
    np.testing.assert_allclose(design_quality(alone), ability * 0.4)
    joint = redesigned(market, "segmented", information_loss=0.6, team="joint", joint_loss=0.3)
    joint.agreements = copy(market.agreements)
    joint.agreements.active = np.ones_like(market.agreements.active)
    joint.agreements.active[:, 4] = False  # works with no bank, and knows no customers
    for capital in (0.0, 1.0, 1e9):
        joint.agreements.capital = np.full(market.link.shape, capital)
        lost = np.array([0.3 * 0.6 / (1.0 + capital)] * 4 + [0.6])
        np.testing.assert_allclose(design_quality(joint), ability * (1.0 - lost))


def test_variants_come_one_after_the_other_and_are_paid_at_launch(market):
    mine = redesigned(market, "segmented", variant_months=4, variant_cost=0.2)
    mine.traits = replace(market.traits, innovation=np.full(5, 0.5))
    mine.launched, mine.progress = np.zeros_like(market.launched), np.zeros(5)
    per_variant = 0.2 * len(market.people.person)
    spent = np.array([develop(mine) for _ in range(100)])
    every_fourth = np.where(np.arange(1, 101) % 4 == 0, per_variant, 0.0)
    every_fourth[80:] = 0.0  # twenty variants are all there are
    np.testing.assert_allclose(spent, np.tile(every_fourth[:, None], 5))
    assert mine.launched.all()
    assert develop(redesigned(market, "me_too")).sum() == 0.0


def test_the_level_charge_is_worth_the_cost_of_a_variant_over_its_life(market):
    mine = redesigned(market, "segmented", variant_cost=0.2, variant_life=7.5)
    mine.launched = np.zeros_like(market.launched)
    assert level_charge(mine).sum() == 0.0
    mine.launched[1, 0, 2] = mine.launched[1, 3, 3] = 1.0
    charge = level_charge(mine)
    rate = market.scenario.market.discount_rate
    value = charge[1] * 12.0 * (1.0 - np.exp(-rate * 7.5)) / rate
    assert value == pytest.approx(2.0 * 0.2 * len(market.people.person))
    assert np.count_nonzero(charge) == 1


def test_banks_bear_half_of_what_joint_teams_cost(market):
    joint = redesigned(market, "segmented", team="joint")
    joint.agreements = copy(market.agreements)
    active = joint.agreements.active = np.zeros_like(market.agreements.active)
    active[0, :2] = active[2, 1] = True
    np.testing.assert_array_equal(joint_share(joint), [0.5, 0.5, 0.0, 0.0, 0.0])
    cost = np.array([100.0, 40.0, 70.0, 0.0, 0.0])
    np.testing.assert_allclose(banks_part(joint, cost), [60.0, 0.0, 10.0])
    assert banks_part(redesigned(market, "segmented"), cost).sum() == 0.0
