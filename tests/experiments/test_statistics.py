"""Intervals and paired differences agree with SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import half_width_of, mean_interval, paired_difference

RNG = np.random.default_rng(7)
BASELINE = list(RNG.normal(10, 2, 12))
TREATMENT = [value + shift for value, shift in zip(BASELINE, RNG.normal(0.5, 0.2, 12), strict=True)]


def test_the_paired_interval_is_that_of_the_paired_t_test() -> None:
    item = paired_difference(BASELINE, TREATMENT)
    reference = stats.ttest_rel(TREATMENT, BASELINE).confidence_interval(0.95)
    assert item.change.low == pytest.approx(reference.low)
    assert item.change.high == pytest.approx(reference.high)
    assert item.change.mean == pytest.approx(item.treatment - item.baseline)
    assert item.relative == pytest.approx(item.change.mean / np.mean(BASELINE))
    assert item.clear


def test_the_interval_of_a_mean_is_that_of_the_t_test() -> None:
    estimate = mean_interval(BASELINE)
    reference = stats.ttest_1samp(BASELINE, 0).confidence_interval(0.95)
    assert (estimate.low, estimate.high) == pytest.approx((reference.low, reference.high))


def test_equal_scenarios_differ_by_nothing_and_that_is_not_clear() -> None:
    item = paired_difference(BASELINE, BASELINE)
    assert (item.change.mean, item.change.low, item.change.high) == (0.0, 0.0, 0.0)
    assert not item.clear
    assert "same in every replicate" in item.change.note


def test_the_same_shift_in_every_replicate_is_clear() -> None:
    item = paired_difference([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    assert (item.change.low, item.change.high) == (1.0, 1.0)
    assert item.clear


def test_one_replicate_has_no_interval_and_says_so() -> None:
    item = paired_difference([1.0], [2.0])
    assert item.change.mean == 1.0
    assert math.isnan(item.change.low)
    assert not item.clear
    assert "no interval" in item.change.note


def test_pairs_without_a_value_are_left_out_and_counted() -> None:
    item = paired_difference([1.0, 2.0, math.nan, 4.0], [2.0, 4.0, 1.0, math.inf])
    assert item.change.n == 2
    assert (item.baseline, item.treatment) == (1.5, 3.0)
    assert "2 of 4" in item.change.note
    nothing = paired_difference([math.nan], [1.0])
    assert nothing.change.n == 0
    assert math.isnan(nothing.change.mean)
    assert not nothing.clear


def test_a_baseline_of_zero_has_no_relative_effect() -> None:
    assert math.isnan(paired_difference([0.0, 0.0], [1.0, 2.0]).relative)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equal lengths"):
        paired_difference([1.0], [1.0, 2.0])


def test_the_bootstrap_interval_is_scipys_and_repeatable() -> None:
    item = paired_difference(BASELINE, TREATMENT)
    gaps = np.array(TREATMENT) - np.array(BASELINE)
    reference = stats.bootstrap((gaps,), np.mean, n_resamples=2000, rng=0).confidence_interval
    assert item.bootstrap() == pytest.approx((reference.low, reference.high))
    assert item.bootstrap() == item.bootstrap()
    assert all(map(math.isnan, paired_difference([1.0, 2.0], [2.0, 4.0]).bootstrap()))
    assert paired_difference([1.0] * 4, [2.0] * 4).bootstrap() == (1.0, 1.0)


def test_the_share_of_replicates_with_the_sign_of_the_mean() -> None:
    item = paired_difference([0.0] * 4, [1.0, 2.0, 3.0, -1.0])
    assert item.same_sign == 0.75
    assert paired_difference([1.0], [2.0]).same_sign == 1.0
    assert math.isnan(paired_difference([1.0], [math.nan]).same_sign)


def test_the_gain_of_pairing_by_its_formula() -> None:
    base, noise = RNG.normal(0, 3, 50), RNG.normal(0, 0.1, 50)
    item = paired_difference(list(base), list(base + 1 + noise))
    alone = np.var(base, ddof=1) + np.var(base + 1 + noise, ddof=1)
    assert item.gain == pytest.approx(alone / np.var(1 + noise, ddof=1))
    assert item.gain > 500
    # Values that have nothing to do with each other gain nothing; a plain shift gains all.
    other = paired_difference(list(base), list(RNG.normal(0, 3, 50)))
    assert 0.6 < other.gain < 1.7
    assert paired_difference([1.0, 2.0], [2.0, 3.0]).gain == math.inf
    assert math.isnan(paired_difference([1.0], [2.0]).gain)


def test_so_many_replicates_and_not_one_fewer() -> None:
    item = paired_difference(BASELINE, TREATMENT)
    spread = float(np.std(np.array(TREATMENT) - np.array(BASELINE), ddof=1))
    for goal in (1.0, 0.2, 0.05, 0.01):
        n = item.replicates_for(goal)
        assert half_width_of(spread, n) <= goal
        assert n == 2 or half_width_of(spread, n - 1) > goal
    assert item.replicates_for(1e-9) == 1_000_000
    assert paired_difference([1.0, 2.0], [2.0, 3.0]).replicates_for(0.1) == 2
    assert paired_difference([1.0], [2.0]).replicates_for(0.1) == 0
