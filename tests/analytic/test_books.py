"""The books by hand: what firms learn from experience."""

from copy import copy

import numpy as np
import pytest

from scenarios.levers import INVESTMENT, PENSION, PRODUCT_CLASSES, SAVINGS
from sim.books import learn
from sim.month_tables import N_FLOWS, Flow

CLASSES = len(PRODUCT_CLASSES)


@pytest.fixture
def own(market):
    """The shared market with a record of its own."""
    mine = copy(market)
    mine.record = dict(market.record)
    return mine


def test_the_exit_rate_of_single_premiums_is_learned(own):
    """Half the old belief and half exp(-exits per policy-year), from both channels."""
    months = np.zeros((25, 2, CLASSES, N_FLOWS))
    months[:, 0, SAVINGS, Flow.IN_FORCE] = 80.0
    months[:, 1, SAVINGS, Flow.IN_FORCE] = 20.0
    months[:, :, SAVINGS, Flow.EXITS] = 1.0
    months[:, 0, INVESTMENT, Flow.IN_FORCE] = 19.0  # too few to learn from
    own.record["class_flows"] = list(months)
    before = own.persistency = np.full(CLASSES, 0.9)
    learn(own)
    assert own.persistency[SAVINGS] == pytest.approx(0.5 * (0.9 + np.exp(-24.0 / 100.0)))
    assert own.persistency[INVESTMENT] == before[INVESTMENT]
    for _ in range(60):
        learn(own)
    assert own.persistency[SAVINGS] == pytest.approx(np.exp(-0.24))


def test_persistency_of_regular_premiums_leaves_cancelled_policies_out(own):
    months = np.zeros((25, 2, CLASSES, N_FLOWS))
    months[:12, 0, PENSION, Flow.SALES] = 5.0
    months[:12, 0, PENSION, Flow.COOLED_OFF] = 1.0
    months[-12:, 0, PENSION, Flow.SURVIVE_13] = 3.0
    own.record["class_flows"] = list(months)
    own.persistency = np.full(CLASSES, 0.95)
    learn(own)
    assert own.persistency[PENSION] == pytest.approx(0.5 * (0.95 + 3.0 / 4.0))
