"""Suggestions for misspelt words."""

from __future__ import annotations

import pytest

from scenarios.nearest import did_you_mean, nearest
from scenarios.quantity import walk
from scenarios.schema import Scenario

KEYS = [key for key, _, _ in walk(Scenario)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("partnership.tem", "partnership.term"),
        ("population.sise", "population.size"),
        ("size", "population.size"),
        ("Horizon.Months", "horizon.months"),
        ("population.inertia", "population.choice.inertia"),
        ("pasthrough", "incentives.pass_through"),
    ],
)
def test_the_nearest_key_is_found(typed: str, meant: str) -> None:
    assert nearest(typed, KEYS) == [meant]


def test_nothing_near_gives_no_hint() -> None:
    assert did_you_mean("qqqq", KEYS) == ""
