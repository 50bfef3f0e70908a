"""Figures are drawn, whatever is missing, and are the same twice."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from experiments.amounts import amount
from experiments.figures import PANELS, save, trajectory
from experiments.figures_difference import difference
from experiments.statistics import Difference, Estimate, paired_difference


def market_panel(seeds: int, months: int = 48) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    parts = []
    for scenario in ("a", "b"):
        for seed in range(seeds):
            dates = pd.period_range("2009-01", periods=months, freq="M").astype(str)
            values = {column: rng.normal(1, 0.1, months) for column, _, _ in PANELS}
            frame = pd.DataFrame({"month": np.arange(months), "date": dates, **values})
            parts.append(frame.assign(scenario=scenario, seed=seed))
    return pd.concat(parts, ignore_index=True)


def differences() -> dict[str, Difference]:
    rng = np.random.default_rng(2)
    base = rng.normal(10, 1, 8)
    return {
        "up": paired_difference(list(base), list(base * 1.1 + rng.normal(0, 0.1, 8))),
        "unclear": paired_difference(list(base), list(base + rng.normal(0, 2, 8))),
        "giant": paired_difference(list(base), list(base * -50)),
        "new": paired_difference([0.0] * 8, [1.0] * 8),
        "one": paired_difference([2.0], [1.0]),
        "empty": Difference(math.nan, math.nan, Estimate(math.nan, math.nan, math.nan, 0)),
    }


def draw_difference() -> dict[str, bytes]:
    items = differences()
    words = {name: name for name in items}
    return save("d", difference(items, words, dict.fromkeys(items, "yuan"), "b against a"))


def test_the_same_results_give_the_same_bytes() -> None:
    first = save("t", trajectory(market_panel(3), 12)) | draw_difference()
    second = save("t", trajectory(market_panel(3), 12)) | draw_difference()
    assert sorted(first) == ["d.png", "d.svg", "t.png", "t.svg"]
    assert all(len(content) > 10_000 for content in first.values())
    assert first == second


@pytest.mark.parametrize(("seeds", "months", "burn_in"), [(1, 48, 0), (2, 1, 24), (1, 2, 1)])
def test_short_and_single_runs_are_drawn(seeds: int, months: int, burn_in: int) -> None:
    assert save("t", trajectory(market_panel(seeds, months), burn_in))


def test_months_without_a_value_are_gaps() -> None:
    panel = market_panel(2)
    panel.loc[panel["scenario"] == "b", "fee_total"] = np.nan
    assert save("t", trajectory(panel))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.02537, "share", "2.54%"),
        (0.5, "share of premium", "50.0%"),
        (0.0, "share", "0%"),
        (1234567.0, "yuan", "1,234,567"),
        (123.456, "yuan", "123"),
        (0.5014, "1", "0.501"),
        (-0.00123, "1", "-0.00123"),
        (1e-12, "1", "1.0e-12"),
        (math.nan, "share", "-"),
    ],
)
def test_amounts_are_written_for_people(value: float, unit: str, words: str) -> None:
    assert amount(value, unit) == words
