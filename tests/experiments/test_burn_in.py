"""MSER-5 finds where a series has settled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.burn_in import COLUMNS, burn_in_text, mser, start_ups
from scenarios.market import Horizon


def series(start_up: int, months: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    trend = np.where(np.arange(months) < start_up, 5.0 * (1 - np.arange(months) / start_up), 0.0)
    return 10.0 + trend + rng.normal(0, 0.2, months)


def test_the_trend_at_the_start_is_cut_off() -> None:
    found = [mser(series(40, 240, seed)) for seed in range(10)]
    assert all(cut is not None and 35 <= cut <= 50 for cut in found)


def test_it_is_the_least_marginal_standard_error_of_batch_means() -> None:
    values = series(30, 120)
    means = values.reshape(-1, 5).mean(axis=1)
    errors = [np.var(means[cut:]) / len(means[cut:]) for cut in range(13)]
    assert mser(values) == 5 * int(np.argmin(errors))


def test_a_settled_series_needs_no_cut_worth_speaking_of() -> None:
    cuts = [mser(np.random.default_rng(k).normal(size=240)) for k in range(20)]
    assert np.median([cut for cut in cuts if cut is not None]) <= 30


def test_a_short_or_drifting_series_has_no_answer() -> None:
    assert mser(np.ones(20)) is None
    assert mser(np.arange(240.0)) is None


def test_values_that_are_missing_are_passed_over() -> None:
    values = series(40, 240)
    values[::7] = np.nan
    cut = mser(values)
    assert cut is not None
    assert 25 <= cut <= 55


def panel(start_up: int, months: int) -> pd.DataFrame:
    columns = {name: series(start_up, months, k) for k, name in enumerate(COLUMNS)}
    return pd.DataFrame({"month": np.arange(months), "scenario": "a", "seed": 1, **columns})


def test_the_sentence_says_whether_outcomes_lie_beyond_it() -> None:
    frame = panel(40, 240)
    assert set(start_ups(frame)) == set(COLUMNS)
    good = burn_in_text(frame, Horizon(months=240, window=60))
    assert "outcomes begin at month 180, after it" in good
    assert "lengthen horizon.months" in burn_in_text(frame, Horizon(months=240, window=230))
