"""Intervals and paired differences agree with SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from experiments.statistics import mean_interval, paired_difference

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
